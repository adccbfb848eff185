import { Effect, type Either } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import type { RedisCommandError, StorageError } from "../../src/schema/Errors.js"
import type { Redis } from "../../src/services/Redis.js"
import * as P from "../../src/services/RedisProgram.js"
import * as R from "../../src/services/RedisReply.js"
import * as RedisScript from "../../src/services/RedisScript.js"

const n = P.command("INCR", ["n"], R.integer)
const s = P.command("GET", ["s"], R.nullable(R.string))
const failing = P.mapEither(n, (): Either.Either<boolean, "odd"> => null as never)

describe("RedisProgram", () => {
  it("infers value and failure of its constructors", () => {
    expectTypeOf(P.succeed(1)).toEqualTypeOf<P.RedisProgram<number>>()
    expectTypeOf(n).toEqualTypeOf<P.RedisProgram<number, RedisCommandError>>()
    expectTypeOf(s).toEqualTypeOf<P.RedisProgram<string | null, RedisCommandError>>()
    const script = RedisScript.make({ name: "x", lua: "" })
    expectTypeOf(P.script(script, [], [], R.array(R.bytes))).toEqualTypeOf<
      P.RedisProgram<Array<Uint8Array>, RedisCommandError>
    >()
    expectTypeOf(P.command("X", [], R.ignored)).toEqualTypeOf<P.RedisProgram<void, RedisCommandError>>()
    expectTypeOf(P.command("X", [], R.raw)).toEqualTypeOf<P.RedisProgram<R.Reply, RedisCommandError>>()
  })

  it("infers map and mapEither, data first and last", () => {
    expectTypeOf(P.map(n, String)).toEqualTypeOf<P.RedisProgram<string, RedisCommandError>>()
    expectTypeOf(n.pipe(P.map((it) => [it] as const))).toEqualTypeOf<
      P.RedisProgram<readonly [number], RedisCommandError>
    >()
    expectTypeOf(failing).toEqualTypeOf<P.RedisProgram<boolean, "odd" | RedisCommandError>>()
    expectTypeOf(P.succeed(1).pipe(P.mapEither((): Either.Either<1, 2> => null as never))).toEqualTypeOf<
      P.RedisProgram<1, 2>
    >()
  })

  it("infers zips as the union of failures", () => {
    expectTypeOf(P.zip(failing, s)).toEqualTypeOf<
      P.RedisProgram<[boolean, string | null], "odd" | RedisCommandError>
    >()
    expectTypeOf(failing.pipe(P.zip(P.succeed(1)))).toEqualTypeOf<
      P.RedisProgram<[boolean, number], "odd" | RedisCommandError>
    >()
    expectTypeOf(n.pipe(P.zipWith(s, (a, b) => ({ a, b })))).toEqualTypeOf<
      P.RedisProgram<{ a: number; b: string | null }, RedisCommandError>
    >()
  })

  it("infers all of a tuple, of a record and of an array", () => {
    expectTypeOf(P.all([n, s, failing])).toEqualTypeOf<
      P.RedisProgram<[number, string | null, boolean], "odd" | RedisCommandError>
    >()
    expectTypeOf(P.all({ n, failing })).toEqualTypeOf<
      P.RedisProgram<{ n: number; failing: boolean }, "odd" | RedisCommandError>
    >()
    const many: ReadonlyArray<typeof failing> = []
    expectTypeOf(P.all([...many])).toEqualTypeOf<P.RedisProgram<Array<boolean>, "odd" | RedisCommandError>>()
    expectTypeOf(P.all([])).toEqualTypeOf<P.RedisProgram<[]>>()
    expectTypeOf(P.all([P.all([n]), P.all({ s })])).toEqualTypeOf<
      P.RedisProgram<[[number], { s: string | null }], RedisCommandError>
    >()
  })

  it("infers forEach, data first and last", () => {
    const each = P.forEach(new Set(["a"]), (key, i) => {
      expectTypeOf(key).toEqualTypeOf<string>()
      expectTypeOf(i).toEqualTypeOf<number>()
      return failing
    })
    expectTypeOf(each).toEqualTypeOf<P.RedisProgram<Array<boolean>, "odd" | RedisCommandError>>()
    expectTypeOf(P.forEach((it: number) => P.map(n, (m) => it + m))([1])).toEqualTypeOf<
      P.RedisProgram<Array<number>, RedisCommandError>
    >()
  })

  it("moves the failure into the value with either", () => {
    expectTypeOf(P.either(failing)).toEqualTypeOf<
      P.RedisProgram<Either.Either<boolean, "odd" | RedisCommandError>>
    >()
  })

  it("compiles to readers of the same types", () => {
    expectTypeOf(P.compile(failing)).toEqualTypeOf<P.Compiled<boolean, "odd" | RedisCommandError>>()
    expectTypeOf<P.Success<typeof failing>>().toEqualTypeOf<boolean>()
    expectTypeOf<P.Failure<typeof failing>>().toEqualTypeOf<"odd" | RedisCommandError>()
  })

  it("adds StorageError when it is run", () => {
    const redis = null as unknown as typeof Redis.Service
    expectTypeOf(redis.pipeline(failing)).toEqualTypeOf<Effect.Effect<boolean, "odd" | StorageError>>()
    expectTypeOf(redis.transaction(P.succeed(1))).toEqualTypeOf<Effect.Effect<number, StorageError>>()
  })

  it("is covariant", () => {
    expectTypeOf(n).toExtend<P.RedisProgram<number | string, RedisCommandError | "more">>()
    expectTypeOf<P.RedisProgram<number | string>>().not.toExtend<P.RedisProgram<number>>()
    expectTypeOf(n).not.toExtend<P.RedisProgram<number>>()
  })

  it("leaks no any", () => {
    expectTypeOf<P.Success<ReturnType<typeof P.all<[typeof n]>>>>().not.toBeAny()
    expectTypeOf<P.Failure<ReturnType<typeof P.all<[typeof n]>>>>().not.toBeAny()
    expectTypeOf<P.Success<P.RedisProgram<unknown, unknown>>>().toBeUnknown()
  })

  it("is no Effect: Effect.all cannot split a pipeline", () => {
    expectTypeOf(n).not.toExtend<Effect.Effect<unknown, unknown, unknown>>()
    // @ts-expect-error programs are put together by RedisProgram.all
    Effect.all([n, s])
    // @ts-expect-error and mapped by RedisProgram.map
    Effect.map(n, String)
    Effect.gen(function*() {
      // @ts-expect-error it has to be run by Redis.pipeline
      yield* n
    })
  })

  it("refuses wrong arguments", () => {
    // @ts-expect-error no booleans
    P.command("SET", ["k", true], R.raw)
    // @ts-expect-error no undefined
    P.command("SET", ["k", undefined], R.raw)
    // @ts-expect-error no nested arrays
    P.command("SET", [["k"]], R.raw)
    // @ts-expect-error a reader is needed
    P.command("GET", ["k"])
    // @ts-expect-error keys are strings
    P.script(RedisScript.make({ name: "x", lua: "" }), [1], [], R.raw)
    // @ts-expect-error the function takes what the program yields
    P.map(n, (it: string) => it)
    // @ts-expect-error mapEither gives an Either
    P.mapEither(n, (it) => it)
    // @ts-expect-error only programs
    P.all([n, Effect.succeed(1)])
    // @ts-expect-error only programs
    P.all({ n: 1 })
    // @ts-expect-error forEach gives programs
    P.forEach([1], (it) => it)
  })
})
