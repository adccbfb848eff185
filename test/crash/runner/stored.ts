/** What Redis holds of an execution, read without the library. */
import { Data, Effect, Schedule } from "effect"
import type { RawRedis } from "../../support/RawRedis.js"
import type { Job } from "./job.js"
import { effectsOf, width } from "./work.js"

interface Stored {
  readonly state: Head["state"]
  readonly metadata: { readonly next: ReadonlyArray<string>; readonly life: string }
}

export interface Head {
  readonly atEnd: boolean
  /** 0: there is none. */
  readonly version: number
  readonly life: string
  readonly state: {
    readonly n?: number
    readonly round?: number
    readonly trail?: ReadonlyArray<number>
    readonly result?: unknown
  }
  /** What is recorded under the head: names, the kind first. */
  readonly memos: ReadonlyArray<ReadonlyArray<string>>
}

/** The server still has a connection of a client that is dead. */
export class StillThere extends Data.TaggedError("StillThere")<{ readonly client: string }> {}

/** Until the server has read what a dead client had sent. */
export const forgotten = (raw: RawRedis, client: string) =>
  Effect.repeat(raw.send("CLIENT", "LIST"), {
    until: (clients) => !String(clients).includes(`name=${client} `),
    schedule: Schedule.intersect(Schedule.spaced("3 millis"), Schedule.recurs(2_000))
  }).pipe(
    Effect.zipRight(raw.send("CLIENT", "LIST")),
    Effect.filterOrFail((clients) => !String(clients).includes(`name=${client} `), () => new StillThere({ client }))
  )

export const headOf = (raw: RawRedis, executionId: string) =>
  Effect.gen(function*() {
    const key = `langgraph:execution:${executionId}`
    const [id, version] = (yield* raw.send("ZREVRANGE", `${key}:checkpoints`, 0, 0, "WITHSCORES")) as Array<string>
    const payload = id === undefined ? null : yield* raw.send("GET", `langgraph:checkpoint:${id}`)
    const fields = (yield* raw.send("HKEYS", `${key}:memos`)) as ReadonlyArray<string>
    const prefix = `${version}:`
    const stored = typeof payload === "string" ? JSON.parse(payload) as Stored : undefined
    const head: Head = {
      version: Number(version ?? 0),
      state: stored?.state ?? {},
      atEnd: stored?.metadata.next.length === 0,
      life: stored?.metadata.life ?? "",
      memos: fields.filter((field) => field.startsWith(prefix)).map((field) => JSON.parse(field.slice(prefix.length)))
    }
    return head
  })

const below = (n: number): Array<number> => Array.from({ length: n }, (_, i) => i)

const numbersOf = ({ size, work }: Pick<Job, "size" | "work">, { memos, state }: Head): ReadonlyArray<number> => {
  if (work === "graph" || work === "nested") return below(state.n ?? 0)
  if (work === "fan-out") {
    const base = (state.round ?? 0) * width
    return [...below(base), ...memos.filter(([kind]) => kind === "node").map(([, node]) => base + Number(node))]
  }
  return state.result === undefined
    ? memos.filter(([kind]) => kind === "step").map(([, , name]) => Number(name))
    : below(effectsOf({ size, work }))
}

/** The numbers of the effects whose results are safe; those of a child are, before its parent has them. */
export const committed = (raw: RawRedis, job: Pick<Job, "executionId" | "size" | "work">) =>
  Effect.gen(function*() {
    const head = yield* headOf(raw, job.executionId)
    if (job.work !== "nested") return new Set(numbersOf(job, head))
    return head.atEnd
      ? new Set(below(effectsOf(job)))
      : new Set(numbersOf(job, yield* headOf(raw, `${job.executionId}/${head.life}/${head.version}/child`)))
  })

const fingerprintLua = `
local rows, cursor = {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if key:find(ARGV[1], 1, true) then
      rows[#rows + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key))
    end
  end
until cursor == '0'
table.sort(rows)
return rows`

/** Every key whose name contains a text, with a digest of what it holds. */
export const fingerprint = (raw: RawRedis, text: string) =>
  Effect.map(raw.send("EVAL", fingerprintLua, 0, text), (rows) => rows as ReadonlyArray<string>)

/** Versions of an execution in order, each with the claim that wrote it. */
export const epochs = (raw: RawRedis, executionId: string) =>
  Effect.gen(function*() {
    const ids = (yield* raw.send("ZRANGE", `langgraph:execution:${executionId}:checkpoints`, 0, -1)) as Array<string>
    const payloads = yield* raw.pipeline(ids.map((id) => ["GET", `langgraph:checkpoint:${id}`]))
    return payloads.map((payload) => {
      const { metadata, version } = JSON.parse(String(payload)) as {
        readonly version: number
        readonly metadata: { readonly epoch: number }
      }
      return { version, epoch: metadata.epoch }
    })
  })
