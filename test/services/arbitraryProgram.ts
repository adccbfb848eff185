/**
 * Random programs over five keys, and random replies for them.
 */
import { Effect, Either, FastCheck as fc, Option } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { RedisCommandError } from "../../src/schema/Errors.js"
import { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"

export type Failure = string | RedisCommandError
export type Program<A> = RedisProgram.RedisProgram<A, Failure>

const key = fc.constantFrom("a", "b", "c", "list", "none")

const command: fc.Arbitrary<Program<number>> = fc.oneof(
  key.map((key) => RedisProgram.command("INCR", [key], RedisReply.integer)),
  key.map((key) => RedisProgram.command("STRLEN", [key], RedisReply.integer)),
  key.map((key) => RedisProgram.map(RedisProgram.command("GET", [key], RedisReply.raw), Number)),
  key.map((key) => RedisProgram.command("RPUSH", [key, "x"], RedisReply.integer)),
  key.map((key) => RedisProgram.command("GET", [key], RedisReply.integer))
)

export const pure: fc.Arbitrary<(n: number) => number> = fc.constantFrom(
  (n) => n + 1,
  (n) => -n,
  (n) => n * 3
)

const odd = (n: number): Either.Either<number, string> => n % 2 === 0 ? Either.right(n) : Either.left(`odd ${n}`)

const count = (result: Either.Either<number, Failure>): number => Either.getOrElse(result, () => -1)

export const program: fc.Arbitrary<Program<number>> = fc.letrec<{ readonly all: Program<number> }>((tie) => ({
  all: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: command, weight: 4 },
    { arbitrary: fc.integer({ min: -9, max: 9 }).map(RedisProgram.succeed), weight: 1 },
    { arbitrary: fc.tuple(tie("all"), pure).map(([self, f]) => RedisProgram.map(self, f)), weight: 2 },
    { arbitrary: tie("all").map(RedisProgram.mapEither(odd)), weight: 1 },
    { arbitrary: tie("all").map((self) => RedisProgram.map(RedisProgram.either(self), count)), weight: 1 },
    {
      arbitrary: fc.tuple(tie("all"), tie("all")).map(([a, b]) => RedisProgram.zipWith(a, b, (x, y) => x - 2 * y)),
      weight: 2
    },
    {
      arbitrary: fc.array(tie("all"), { maxLength: 4 }).map((all) =>
        RedisProgram.map(RedisProgram.all(all), (values) => values.reduce((sum, n) => sum * 3 + n, 0))
      ),
      weight: 1
    }
  )
})).all

export const functionProgram: fc.Arbitrary<Program<(n: number) => number>> = fc.tuple(program, pure).map(([self, f]) =>
  RedisProgram.map(self, (m) => (n: number) => f(n) - m)
)

const refused = RedisCommandError.fromReply("X", "WRONGTYPE of another kind")

/** More replies than any program here has commands. */
export const replies: fc.Arbitrary<ReadonlyArray<RedisReply.Reply>> = fc.array(
  fc.oneof(fc.integer(), fc.constantFrom<RedisReply.Reply>("7", "text", null, refused, [1])),
  { minLength: 40, maxLength: 40 }
)

/** What a program sends, and what it makes of replies. */
export const meaning = (self: RedisProgram.RedisProgram<unknown, unknown>, all: ReadonlyArray<RedisReply.Reply>) => {
  const { commands, read } = RedisProgram.compile(self)
  const enough = Array.from(commands, (_, i) => all[i % all.length] ?? null)
  const sent = commands.map((command) => command._tag === "Command" ? [command.name, ...command.args] : command)
  return { sent, result: read(enough) }
}

/** What a program does to a memory with a list and a number in it. */
export const effect = (self: RedisProgram.RedisProgram<unknown, unknown>) =>
  Effect.gen(function*() {
    const { pipeline } = yield* Redis
    yield* pipeline(RedisProgram.all([
      RedisProgram.command("RPUSH", ["list", "x"], RedisReply.raw),
      RedisProgram.command("SET", ["a", "4"], RedisReply.raw)
    ]))
    const result = yield* Effect.either(pipeline(self))
    const memory = yield* TestMemory.TestMemory
    return { result, snapshot: [...(yield* memory.snapshot)], sent: Option.fromNullable((yield* memory.commands)[1]) }
  }).pipe(Effect.provide(TestMemory.redis()))
