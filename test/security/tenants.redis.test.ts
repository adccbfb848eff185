/** Whatever one tenant does, no byte of another one changes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { CheckpointStore, layer, type Options, type Service } from "../../src/services/CheckpointStore.js"
import { Redis } from "../../src/services/Redis.js"
import { type Operation, operation, perform } from "../conformance/arbitraryOperations.js"
import type * as RawRedis from "../support/RawRedis.js"
import { RedisServer } from "../support/RedisServer.js"

/** None spells out another one and our key names. */
const prefixes = [
  "",
  "a",
  "a:",
  "a:b:",
  "A:",
  "*",
  "?",
  "[a-z]",
  "\\",
  "{",
  "}{",
  "{a}:",
  "a\u0000",
  "\u0000",
  "😀:",
  "é",
  "\r\n",
  "%"
]

/** Ids and executions as somebody would choose them who wants to reach the keys of others. */
const names: ReadonlyArray<Readonly<Record<string, string>>> = [
  { a: "*", b: "a:checkpoint:a", c: "executions", é: "\u0000", e1: "a:execution:e1", e2: "}{*?[a-z]" },
  { a: "checkpoint:a", b: "{a}", c: "a:", é: "😀", e1: "e1:doomed", e2: "e1:doomed:2", new: "e1:checkpoints" },
  { a: "__proto__", b: "..", c: "\r\n", é: "e\u0301", e1: "x:checkpoints", e2: "x", new: "x:run" }
]

const renamed = (op: Operation, of: (name: string) => string): Operation => {
  const change = ([field, value]: [string, unknown]) => {
    if (field === "ids") return [field, (value as ReadonlyArray<string>).map(of)]
    return [field, ["id", "run", "to"].includes(field) ? of(String(value)) : value]
  }
  return Object.fromEntries(Object.entries(op).map(change)) as Operation
}

interface Step {
  readonly tenant: number
  readonly op: Operation
}

const steps = (tenants: number) =>
  fc.array(
    fc.record({
      tenant: fc.nat(tenants - 1),
      op: fc.tuple(operation, fc.constantFrom(...names)).map(([op, table]) =>
        renamed(op, (name) => table[name] ?? name)
      )
    }),
    { minLength: 10, maxLength: 40, size: "max" }
  )

const layouts = fc.constantFrom<Options>({}, { index: "set" }, { ttl: "3 hours", refreshOnRead: true }, {
  cluster: true
})

const others = fc.uniqueArray(fc.constantFrom(...prefixes), { minLength: 3, maxLength: 3 })

/** A digest of every key with its time to live, at one instant. */
const lua = `
local rows = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  rows[#rows + 1] = {key, redis.sha1hex(redis.call('DUMP', key)) .. ' ' .. redis.call('PEXPIRETIME', key)}
end
return rows`

const digests = (raw: RawRedis.RawRedis): Effect.Effect<ReadonlyMap<string, string>, RawRedis.RawRedisError> =>
  Effect.map(raw.send("EVAL", lua, 0), (rows) => new Map(rows as unknown as ReadonlyArray<[string, string]>))

/** Runs the steps; every key that is not shared is of who made it. */
const judged = (
  raw: RawRedis.RawRedis,
  redis: typeof Redis.Service,
  stores: ReadonlyArray<Service>,
  all: ReadonlyArray<Step>,
  shared?: string
) =>
  Effect.gen(function*() {
    yield* raw.send("FLUSHALL")
    const ownerOf = new Map<string, number>()
    let before: ReadonlyMap<string, string> = new Map()
    for (const { op, tenant } of all) {
      yield* Effect.exit(perform(stores[tenant]!, redis, op))
      const after = yield* digests(raw)
      for (const [key, owner] of ownerOf) {
        if (owner !== tenant) {
          assert.strictEqual(after.get(key), before.get(key), `${JSON.stringify(key)} by ${JSON.stringify(op)}`)
        } else if (!after.has(key)) ownerOf.delete(key)
      }
      for (const key of after.keys()) {
        if (!ownerOf.has(key) && key !== shared) ownerOf.set(key, tenant)
        assert.isTrue(key.startsWith(stores[ownerOf.get(key) ?? 0]!.layout.prefix), key)
      }
      before = after
    }
  })

/** Executions of one prefix, each with ids of its own. */
const executions = ["x", "x:doomed", "x:doomed:2", "x:checkpoints", "x:run", "x/00000000/1/y", "*", "{x}", "\u0000"]

/** `executions` looks at all, and drops what has expired of any. */
const isOfOne = ({ op }: Step): boolean => op._tag !== "executions"

const ownOf = ({ op, tenant }: Step): Step => {
  const execution = executions[tenant]!
  const own = renamed(op, (name) => `${tenant} ${name}`)
  const places = { ...("run" in own ? { run: execution } : {}), ...("to" in own ? { to: execution } : {}) }
  return { tenant, op: { ...own, ...places } as Operation }
}

const Server = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provideMerge(RedisServer.layer()))

const isPlaceable = (options: Options, all: ReadonlyArray<string>): boolean =>
  options.cluster !== true || !all.some((prefix) => /[{}]/.test(prefix))

describe("tenants on one server", () => {
  it.layer(Server, { timeout: "30 seconds" })((it) => {
    it.effect.prop("with prefixes of their own never change a byte of each other, under any names", [
      layouts,
      others,
      steps(3)
    ], (
      [options, all, steps]
    ) =>
      Effect.gen(function*() {
        const raw = yield* Effect.flatMap(RedisServer, ({ connect }) => connect)
        const redis = yield* Redis
        const prefixes = isPlaceable(options, all) ? all : all.map((prefix, i) => prefix.replaceAll(/[{}]/g, "") + i)
        const stores = yield* Effect.forEach(prefixes, (prefix) =>
          Effect.provide(CheckpointStore, layer({ ...options, prefix })))
        yield* judged(raw, redis, stores, steps)
      }).pipe(Effect.scoped), {
      fastCheck: { numRuns: process.env["IOREDIS_MAJOR"] === "5" ? 15 : 60 },
      timeout: 240_000
    })

    it.effect.prop(
      "executions of one prefix with ids of their own never change a byte of each other, under any names",
      [layouts, steps(executions.length)],
      ([options, steps]) =>
        Effect.gen(function*() {
          const raw = yield* Effect.flatMap(RedisServer, ({ connect }) => connect)
          const store = yield* Effect.provide(CheckpointStore, layer({ ...options, prefix: "p:" }))
          const stores = executions.map(() => store)
          yield* judged(raw, yield* Redis, stores, steps.filter(isOfOne).map(ownOf), store.layout.executions)
        }).pipe(Effect.scoped),
      { fastCheck: { numRuns: process.env["IOREDIS_MAJOR"] === "5" ? 15 : 60 }, timeout: 240_000 }
    )
  })
})
