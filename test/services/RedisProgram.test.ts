import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { RedisCommandError } from "../../src/schema/Errors.js"
import { Redis } from "../../src/services/Redis.js"
import type { RedisProgram as RedisProgramOf } from "../../src/services/RedisProgram.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"

const many = 100_000

const incr: RedisProgramOf<number, RedisCommandError> = RedisProgram.command("INCR", ["n"], RedisReply.integer)

const fold = <A, E>(start: RedisProgramOf<A, E>, f: (self: RedisProgramOf<A, E>) => RedisProgramOf<A, E>) => {
  let self = start
  for (let i = 0; i < many; i++) self = f(self)
  return self
}

const add = (a: number, b: number) => a + b
const one = RedisProgram.succeed(1)

const deep: Readonly<Record<string, readonly [RedisProgramOf<unknown, unknown>, unknown, number]>> = {
  "a chain of maps": [fold(incr, RedisProgram.map((n) => n + 1)), 7 + many, 1],
  "a chain of mapEithers": [fold(incr as RedisProgramOf<number, unknown>, RedisProgram.mapEither(Either.right)), 7, 1],
  "zips nested to the left": [fold(incr, (self) => RedisProgram.zipWith(self, one, add)), 7 + many, 1],
  "zips nested to the right": [fold(incr, (self) => RedisProgram.zipWith(one, self, add)), 7 + many, 1],
  "commands zipped to the left": [
    fold(incr, (self) => RedisProgram.zipWith(self, incr, add)),
    7 * (many + 1),
    many + 1
  ],
  "eithers in eithers": [
    fold(incr, (self) => RedisProgram.map(RedisProgram.either(self), Either.getOrElse(() => 0))),
    7,
    1
  ]
}

const none = (program: RedisProgramOf<unknown>) => RedisProgram.compile(program).read([])

const repeatable = (program: RedisProgramOf<unknown, unknown>) => RedisProgram.compile(program).commands[0]?.repeatable

describe("RedisProgram", () => {
  for (const [what, [program, expected, commands]] of Object.entries(deep)) {
    it(`needs no stack for ${what}, ${many} deep`, () => {
      const compiled = RedisProgram.compile(program)
      assert.strictEqual(compiled.commands.length, commands)
      assert.deepStrictEqual(compiled.read(compiled.commands.map(() => 7)), Either.right(expected))
    })
  }

  it.effect(`runs forEach over ${many}, in order`, () =>
    Effect.gen(function*() {
      const items = Array.from({ length: many }, (_, i) => i)
      const program = RedisProgram.forEach(items, (item, i) => RedisProgram.map(incr, (n) => [item, i, n]))
      const results = yield* (yield* Redis).pipeline(program)
      assert.deepStrictEqual(results[0], [0, 0, 1])
      assert.deepStrictEqual(results[many - 1], [many - 1, many - 1, many])
    }).pipe(Effect.provide(TestMemory.redis())))

  it("keeps the order of a record's keys, and names of Object's own", () => {
    const parts = JSON.parse("{\"b\":1,\"__proto__\":2,\"a\":3,\"toString\":4}") as Record<string, number>
    const programs = Object.fromEntries(Object.entries(parts).map(([name, n]) => [name, RedisProgram.succeed(n)]))
    const read = Either.getOrThrow(RedisProgram.compile(RedisProgram.all(programs)).read([]))
    assert.deepStrictEqual(Object.entries(read), Object.entries(parts))
  })

  it("of nothing yields nothing", () => {
    assert.deepStrictEqual(none(RedisProgram.all([])), Either.right([]))
    assert.deepStrictEqual(none(RedisProgram.all({})), Either.right({}))
    assert.deepStrictEqual(none(RedisProgram.forEach([], () => one)), Either.right([]))
  })

  it("takes undefined, null, errors and Eithers as values", () => {
    for (
      const value of [
        undefined,
        null,
        new Error("x"),
        Either.left(1),
        new RedisCommandError({ command: "", code: "", message: "" })
      ]
    ) {
      const program = RedisProgram.zip(RedisProgram.succeed(value), RedisProgram.map(incr, () => value))
      assert.deepStrictEqual(RedisProgram.compile(program).read([1]), Either.right([value, value]))
    }
  })

  it("fails with REPLY when a reply is not what it reads, or is missing", () => {
    for (const reply of ["text", null, [], new Uint8Array(), 0.5]) {
      const read = RedisProgram.compile(incr).read([reply])
      assert.deepInclude(Either.getOrThrow(Either.flip(read)), { command: "INCR", code: "REPLY" })
    }
    assert.isTrue(Either.isLeft(RedisProgram.compile(incr).read([])))
  })

  it("is recognised, and nothing else is", () => {
    assert.isTrue(RedisProgram.isRedisProgram(incr))
    for (const other of [null, undefined, 1, {}, Effect.void, "~effect-checkpoint/RedisProgram"]) {
      assert.isFalse(RedisProgram.isRedisProgram(other))
    }
  })

  it("marks reads as repeatable, writes only if asked", () => {
    assert.isTrue(repeatable(RedisProgram.command("get", ["a"], RedisReply.raw)))
    assert.isFalse(repeatable(incr))
    assert.isTrue(repeatable(RedisProgram.command("SET", ["a", 1], RedisReply.raw, { repeatable: true })))
    assert.isFalse(repeatable(RedisProgram.command("GETEX", ["a", "EX", 1], RedisReply.raw)))
  })
})
