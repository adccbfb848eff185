import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"
import type { RedisProgram as RedisProgramOf } from "../../src/services/RedisProgram.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import { effect, functionProgram, meaning, program, pure, replies } from "./arbitraryProgram.js"

type Any = RedisProgramOf<unknown, unknown>
type Pair = readonly [left: Any, right: Any]

const apply = <A, B, E, E2>(f: RedisProgramOf<(a: A) => B, E>, a: RedisProgramOf<A, E2>) =>
  RedisProgram.zipWith(f, a, (f, a) => f(a))

const compose = <A, B, C>(f: (b: B) => C) => (g: (a: A) => B) => (a: A) => f(g(a))

/** Both sides send the same and mean the same, for any replies and on a memory. */
const law = <const Arbs extends Array<fc.Arbitrary<unknown>>>(
  name: string,
  arbitraries: Arbs,
  sides: (...values: { [K in keyof Arbs]: Arbs[K] extends fc.Arbitrary<infer A> ? A : never }) => Pair
) => {
  const values = fc.tuple(...arbitraries) as fc.Arbitrary<never>
  it.prop(`${name}, for any replies`, [values, replies], ([values, replies]) => {
    const [left, right] = sides(...values as Parameters<typeof sides>)
    assert.deepStrictEqual(meaning(left, replies), meaning(right, replies))
  }, { fastCheck: { numRuns: 200 } })

  it.effect.prop(`${name}, on a memory`, [values], ([values]) =>
    Effect.gen(function*() {
      const [left, right] = sides(...values as Parameters<typeof sides>)
      assert.deepStrictEqual(yield* effect(left), yield* effect(right))
    }), { fastCheck: { numRuns: 40 } })
}

const identity = <A>(a: A): A => a

describe("RedisProgram obeys", () => {
  law("map identity", [program], (p) => [RedisProgram.map(p, identity), p])

  law("map composition", [program, pure, pure], (p, f, g) => [
    p.pipe(RedisProgram.map(f), RedisProgram.map(g)),
    RedisProgram.map(p, (n) => g(f(n)))
  ])

  law("applicative identity", [program], (p) => [apply(RedisProgram.succeed(identity<number>), p), p])

  law("homomorphism", [pure, fc.integer()], (f, n) => [
    apply(RedisProgram.succeed(f), RedisProgram.succeed(n)),
    RedisProgram.succeed(f(n))
  ])

  law("interchange", [functionProgram, fc.integer()], (f, n) => [
    apply(f, RedisProgram.succeed(n)),
    apply(RedisProgram.succeed((g: (n: number) => number) => g(n)), f)
  ])

  law("composition", [functionProgram, functionProgram, program], (f, g, p) => [
    apply(apply(apply(RedisProgram.succeed(compose<number, number, number>), f), g), p),
    apply(f, apply(g, p))
  ])

  law("zip associativity", [program, program, program], (a, b, c) => [
    RedisProgram.map(RedisProgram.zip(RedisProgram.zip(a, b), c), ([[x, y], z]) => [x, y, z]),
    RedisProgram.map(RedisProgram.zip(a, RedisProgram.zip(b, c)), ([x, [y, z]]) => [x, y, z])
  ])

  law("zip naturality", [program, program, pure, pure], (a, b, f, g) => [
    RedisProgram.zip(RedisProgram.map(a, f), RedisProgram.map(b, g)),
    RedisProgram.map(RedisProgram.zip(a, b), ([x, y]) => [f(x), g(y)])
  ])

  law("zip with succeed", [program], (p) => [
    RedisProgram.zipWith(RedisProgram.succeed("unit"), p, (_, n) => n),
    RedisProgram.zipWith(p, RedisProgram.succeed("unit"), identity)
  ])

  law("all of a pair is zip", [program, program], (a, b) => [RedisProgram.all([a, b]), RedisProgram.zip(a, b)])

  law("all of a record is all of its values", [program, program, program], (a, b, c) => [
    RedisProgram.all({ z: a, a: b, "": c }),
    RedisProgram.map(RedisProgram.all([a, b, c]), ([z, a, empty]) => ({ z, a, "": empty }))
  ])

  law("forEach is all of map", [fc.array(program, { maxLength: 5 })], (programs) => [
    RedisProgram.forEach(programs, identity),
    RedisProgram.all(programs)
  ])

  law("mapEither with right is map", [program, pure], (p, f) => [
    RedisProgram.mapEither(p, (n) => Either.right(f(n))),
    RedisProgram.map(p, f)
  ])

  law("either never fails, and is undone by mapEither", [program], (p) => [
    RedisProgram.mapEither(RedisProgram.either(p), identity),
    p
  ])

  law("data first is data last", [program, pure], (p, f) => [
    RedisProgram.map(p, f),
    p.pipe(RedisProgram.map(f))
  ])
})

describe("RedisProgram", () => {
  it.prop(
    "either never fails",
    [program, replies],
    ([p, replies]) => Either.isRight(meaning(RedisProgram.either(p), replies).result)
  )

  it.prop("sends the commands of its parts in the order of the parts", [fc.array(program, { maxLength: 5 }), replies], (
    [parts, replies]
  ) => {
    const sent = parts.flatMap((part) => meaning(part, replies).sent)
    assert.deepStrictEqual(meaning(RedisProgram.all(parts), replies).sent, sent)
  })

  it.prop("fails with the first failure in order, whatever is sent after it", [fc.array(program), replies], (
    [parts, replies]
  ) => {
    let at = 0
    const results = parts.map((part) => {
      const { commands, read } = RedisProgram.compile(part)
      const mine = commands.map((_, i) => replies[(at + i) % replies.length] ?? null)
      at += commands.length
      return read(mine)
    })
    const expected = results.find(Either.isLeft) ?? Either.right(results.map(Either.getOrThrow))
    assert.deepStrictEqual(meaning(RedisProgram.all(parts), replies).result, expected)
  })

  it.prop("can be read twice with the same result", [program, replies], ([p, replies]) => {
    const { commands, read } = RedisProgram.compile(p)
    const mine = commands.map((_, i) => replies[i % replies.length] ?? null)
    assert.deepStrictEqual(read(mine), read(mine))
  })
})
