/** Many runners on a few executions, each with a token of its own for each claim, and what must hold of what they were told. */
import { Effect, Either } from "effect"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import type { KeyLayout } from "../../src/services/KeyLayout.js"
import { indexKey, memosKey } from "../../src/services/KeyLayout.js"
import type * as Redis from "../../src/services/Redis.js"
import { inspect } from "../races/invariants.js"
import type { Random } from "../races/random.js"
import type { RawRedis } from "../support/RawRedis.js"
import { entry, large } from "./Bench.js"

export interface Arena {
  readonly clients: ReadonlyArray<Redis.Service>
  readonly raw: RawRedis
  readonly layout: KeyLayout
  readonly executions: ReadonlyArray<string>
  readonly random: Random
  readonly millis: number
  readonly fibersPerClient: number
}

/** A write that succeeded: between `sent` and `told`, counted over the whole race. */
interface Write {
  readonly executionId: string
  readonly epoch: number
  readonly token: string
  readonly version: number
  readonly sent: number
}

interface Memo extends Write {
  readonly field: string
  readonly value: string
}

interface Claim {
  readonly executionId: string
  readonly epoch: number
  readonly token: string
  readonly told: number
}

export interface Story {
  readonly claims: Array<Claim>
  readonly commits: Array<Write>
  readonly memos: Array<Memo>
  readonly refused: Record<string, number>
  /** What an observer saw that must not be. */
  readonly seen: Set<string>
  clock: number
}

const held = `
local top = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {top[2] or '0', redis.call('HGETALL', KEYS[2])}`

/** The head of an execution and its memos, at one instant. */
const look = ({ layout, raw }: Arena, executionId: string) =>
  Effect.map(raw.send("EVAL", held, 2, indexKey(layout, executionId), memosKey(layout, executionId)), (reply) => {
    const [head, flat] = reply as readonly [string, ReadonlyArray<string>]
    const memos = flat.flatMap((field, i) => i % 2 === 0 ? [[field, flat[i + 1]!] as const] : [])
    return { head: Number(head), memos: new Map(memos) }
  })

const runnersKey = /:(?:run|memos) \(hash\) is no key|:due:[^ ]* \(zset\) is no key/

const observe = (arena: Arena, story: Story) =>
  Effect.gen(function*() {
    for (const executionId of arena.executions) {
      const { head, memos } = yield* look(arena, executionId)
      for (const field of memos.keys()) {
        if (!field.startsWith(`${head}:`)) story.seen.add(`${executionId} at ${head} holds the memo ${field}`)
      }
    }
    const { violations } = yield* inspect(arena.raw, arena.layout)
    for (const { detail, rule } of violations) {
      if (!runnersKey.test(detail)) story.seen.add(`${rule}: ${detail}`)
    }
  })

const actions = ["commit", "commit", "commit", "memo", "memo", "memo", "memo", "rest", "answer"] as const

const runner = (arena: Arena, story: Story, client: Redis.Service, random: Random) => {
  const { layout } = arena
  const attempt = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
    Effect.map(Effect.either(effect), (result) => {
      if (Either.isLeft(result)) story.refused[result.left._tag] = (story.refused[result.left._tag] ?? 0) + 1
      return result
    })
  return Effect.gen(function*() {
    const executionId = random.pick(arena.executions)
    const token = `t${story.clock++}`
    const claim = { executionId, graph: "graph", token, lease: 1 + random.integer(30) }
    const steal = random.chance(0.06)
    const claimed = yield* attempt(client.pipeline(ExecutionProgram.claim(layout, claim, { steal })))
    if (Either.isLeft(claimed)) return
    const { epoch } = claimed.right
    const who = { executionId, epoch, token }
    story.claims.push({ ...who, told: story.clock++ })
    const head = Effect.map(look(arena, executionId), ({ head }) => head)
    let base = yield* head
    for (let steps = random.integer(12); steps > 0; steps--) {
      const sent = story.clock++
      const action = random.pick(actions)
      if (action === "commit") {
        const version = base + 1
        const state = random.chance(0.2) ? large : `by ${token}`
        const program = ExecutionProgram.commit(
          layout,
          claim,
          entry(executionId, version, state, `${token}-${version}`),
          {
            expectedVersion: base
          }
        )
        const committed = yield* attempt(client.pipeline(program))
        if (Either.isRight(committed)) {
          story.commits.push({ ...who, version, sent })
          base = version
          // As when the reply was lost: what others record meanwhile must stay.
          if (random.chance(0.4)) {
            yield* Effect.all([remember(version), attempt(client.pipeline(program)), remember(version)], {
              concurrency: "unbounded"
            })
          }
        } else if (committed.left._tag === "Fenced") return
        else base = yield* head
      } else if (action === "memo") {
        if (yield* remember(base)) return
      } else if (action === "rest") {
        yield* Effect.sleep(random.integer(15))
        yield* attempt(client.pipeline(ExecutionProgram.renew(layout, claim)))
      } else {
        const field = `f${random.integer(2)}`
        const answer = { executionId, base, field, value: `answer ${story.clock++}` }
        const answered = yield* attempt(client.pipeline(ExecutionProgram.answer(layout, "graph", answer)))
        // Nobody is fenced from an answer: it counts as one of the newest claim.
        if (Either.isRight(answered)) {
          story.memos.push({ ...who, epoch: Infinity, version: base, sent, field, value: answered.right })
        }
      }
    }
    if (random.chance(0.5)) {
      yield* client.pipeline(ExecutionProgram.release(layout, claim, { status: "stopped", delay: 0 }))
    }

    function remember(base: number) {
      const sent = story.clock++
      const field = `f${random.integer(2)}`
      const memo = { executionId, base, field, value: `${token} ${sent}` }
      return Effect.map(attempt(client.pipeline(ExecutionProgram.memo(layout, token, memo))), (result) => {
        if (Either.isRight(result)) {
          story.memos.push({ ...who, version: base, sent, field, value: result.right })
        }
        return Either.isLeft(result) && result.left._tag === "Fenced"
      })
    }
  })
}

export const race = (arena: Arena) =>
  Effect.gen(function*() {
    const story: Story = { claims: [], commits: [], memos: [], refused: {}, seen: new Set(), clock: 0 }
    const end = performance.now() + arena.millis
    const loop = <E>(body: Effect.Effect<unknown, E>) =>
      Effect.whileLoop({ while: () => performance.now() < end, body: () => body, step: () => {} })
    const runners = arena.clients.flatMap((client) =>
      Array.from({ length: arena.fibersPerClient }, () => loop(runner(arena, story, client, arena.random.fork())))
    )
    const observer = loop(Effect.zipLeft(observe(arena, story), Effect.sleep("20 millis")))
    yield* Effect.all([observer, ...runners], { concurrency: "unbounded", discard: true })
    yield* observe(arena, story)
    const rest = yield* Effect.forEach(arena.executions, (id) => Effect.map(look(arena, id), (it) => [id, it] as const))
    return { story, rest: new Map(rest) }
  })

const grouped = <A>(all: ReadonlyArray<A>, key: (a: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const a of all) groups.set(key(a), [...groups.get(key(a)) ?? [], a])
  return groups
}

/** Writes that succeeded though the claim that took the execution away was told before they were sent. */
const zombies = ({ claims, commits, memos }: Story): ReadonlyArray<string> => {
  const byExecution = grouped(claims, ({ executionId }) => executionId)
  return [...commits, ...memos].flatMap(({ epoch, executionId, sent, token, version }) =>
    byExecution.get(executionId)!
      .filter((claim) => claim.epoch > epoch && claim.told < sent)
      .map((claim) => `${token} wrote at ${version} of ${executionId} after ${claim.token} was told that it has it`)
  )
}

/** Versions are 1 to n, each written once, by holders in the order of their claims. */
const disorder = (arena: Arena, { commits }: Story, heads: ReadonlyMap<string, { readonly head: number }>) =>
  arena.executions.flatMap((executionId) => {
    const mine = commits.filter((commit) => commit.executionId === executionId).toSorted((a, b) =>
      a.version - b.version
    )
    const head = heads.get(executionId)!.head
    const gaps = mine.some(({ version }, i) => version !== i + 1) || mine.length !== head
    const order = mine.some(({ epoch }, i) => i > 0 && epoch < mine[i - 1]!.epoch)
    return [
      ...gaps ? [`${executionId} is at ${head}, told: ${mine.map(({ version }) => version).join()}`] : [],
      ...order ? [`${executionId} was written by claims ${mine.map(({ epoch }) => epoch).join()}`] : []
    ]
  })

/** All who asked for one memo were told one value, and it is there as long as its head is. */
const unstable = (
  { memos }: Story,
  rest: ReadonlyMap<string, { readonly head: number; readonly memos: ReadonlyMap<string, string> }>
) =>
  Array.from(
    grouped(memos, ({ executionId, field, version }) => `${executionId}\n${version}:${field}`),
    ([key, told]) => {
      const values = new Set(told.map(({ value }) => value))
      const { executionId, field, version } = told[0]!
      const { head, memos } = rest.get(executionId)!
      const stored = memos.get(`${version}:${field}`)
      return [
        ...values.size > 1 ? [`${key}: ${[...values].join()}`] : [],
        ...version === head && !values.has(stored ?? "") ? [`${key}: told ${[...values].join()}, kept ${stored}`] : []
      ]
    }
  ).flat()

/** The tokens in the stored checkpoints are those that were told that they had won. */
export const foreign = (arena: Arena, { commits }: Story) =>
  Effect.forEach(
    commits,
    ({ executionId, token, version }) =>
      Effect.map(arena.raw.send("GET", `${arena.layout.checkpointPrefix}${executionId}@${version}`), (payload) =>
        String(payload).includes(`"write_id":"${token}-${version}"`)
          ? []
          : [`${executionId}@${version} is not ${token}'s`])
  ).pipe(Effect.map((all) =>
    all.flat()
  ))

export const violations = (arena: Arena, { rest, story }: Effect.Effect.Success<ReturnType<typeof race>>) =>
  Effect.map(foreign(arena, story), (foreign) => [
    ...story.seen,
    ...zombies(story),
    ...disorder(arena, story, rest),
    ...unstable(story, rest),
    ...foreign
  ])
