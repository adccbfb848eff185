/** Random work on few ids and executions, so that everything meets everything. */
import { Effect } from "effect"
import * as CheckpointProgram from "../../src/services/CheckpointProgram.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { Random } from "./random.js"

type Store = CheckpointStore.Service

export const executions = ["A", "B", "C", "D"]
const forks = ["F", "G"]

/** Every execution that the work may write to. */
export const allExecutions = [...executions, ...forks]

const persistentIds = Array.from({ length: 8 }, (_, i) => `p-${i}`)
const volatileIds = Array.from({ length: 8 }, (_, i) => `v-${i}`)

/** Only these are ever saved with a time to live. */
export const mayExpire = (checkpointId: string): boolean => checkpointId.startsWith("v-")

const small = { step: 1 }
const large = { step: 2, text: "x".repeat(9 * 1024) }

interface Draw {
  readonly input: {
    readonly id: string
    readonly executionId: string
    readonly nodeName: string
    readonly state: object
    readonly version: number
  }
  readonly ttl: number
}

/** One id in any execution: saving it again overwrites or moves it. */
const draw = (random: Random): Draw => {
  const id = random.pick(random.chance(0.5) ? persistentIds : volatileIds)
  return {
    input: {
      id,
      executionId: random.pick(executions),
      nodeName: "node",
      state: random.chance(0.3) ? large : small,
      version: 1 + random.integer(40)
    },
    ttl: mayExpire(id) && random.chance(0.7) ? 1 + random.integer(120) : 0
  }
}

const compareAndSet = (store: Store, random: Random) => {
  const { input, ttl } = draw(random)
  return Effect.flatMap(store.latest(input.executionId), (latest) => {
    const expectedVersion = latest._tag === "Some" ? latest.value.version : 0
    return store.save({ ...input, version: expectedVersion + 1 }, { ttl, expectedVersion })
  })
}

const saveMany = (store: Store, random: Random) =>
  store.saveAll(
    Array.from({ length: 5 }, () => draw(random).input).filter(({ id }) => !mayExpire(id)),
    random.chance(0.3) ? { maxCheckpoints: 4 } : {}
  )

const append = (store: Store, random: Random) =>
  store.append(
    random.pick(executions),
    { nodeName: "node", state: random.chance(0.3) ? large : small },
    { maxCheckpoints: 12 }
  )

const copy = (store: Store, random: Random) => {
  const to = random.pick(forks)
  return Effect.zipRight(store.clear(to), store.copy(random.pick(executions), to))
}

const plain = (store: Store, random: Random) => {
  const { input, ttl } = draw(random)
  return store.save(input, { ttl })
}

/** A clear whose client is gone behind its first step, which deletes few: others go on with it. */
const vanish = (store: Store, random: Random) =>
  store.core.redis.pipeline(CheckpointProgram.clear(store.layout, random.pick(executions), random.integer(3)))

const sweep = (store: Store, random: Random) =>
  store.core.redis.pipeline(CheckpointProgram.sweep(store.layout, random.pick(executions), 1 + random.integer(3)))

const verbs = {
  save: plain,
  compareAndSet,
  saveAll: saveMany,
  append,
  copy,
  delete: (store: Store, random: Random) => store.delete(draw(random).input.id),
  clear: (store: Store, random: Random) => store.clear(random.pick(executions)),
  vanish,
  sweep,
  list: (store: Store, random: Random) => store.list(random.pick(executions)),
  count: (store: Store, random: Random) => store.count(random.pick(executions))
}

export type Verb = keyof typeof verbs

const weights: ReadonlyArray<Verb> = [
  ...Array<Verb>(8).fill("save"),
  ...Array<Verb>(4).fill("delete"),
  "clear",
  "clear",
  "vanish",
  "sweep",
  "saveAll",
  "append",
  "append",
  "compareAndSet",
  "compareAndSet",
  "copy",
  "list",
  "count"
]

export const next = (store: Store, random: Random) => {
  const verb = random.pick(weights)
  return { verb, run: Effect.asVoid(verbs[verb](store, random)) }
}
