/** The `Redis` service over a keyspace in memory. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { RedisCommandError, type StorageError } from "../schema/Errors.js"
import { Redis, type Service } from "../services/Redis.js"
import type { Argument, Command, RedisProgram } from "../services/RedisProgram.js"
import { compile } from "../services/RedisProgram.js"
import type { Reply } from "../services/RedisReply.js"
import { fromBytes, fromText, toBytes, toText } from "./keyspace/bytes.js"
import { refusedUnseen } from "./keyspace/commands.js"
import type { Keyspace } from "./keyspace/Keyspace.js"
import { runScript } from "./keyspace/runScript.js"

export type Kind = "pipeline" | "transaction"

const fromArgument = (argument: Argument): string => {
  if (typeof argument === "string") return fromText(argument)
  return typeof argument === "number" ? String(argument) : fromBytes(argument)
}

const mapStrings = (reply: Reply, f: (byteString: string) => Reply): Reply => {
  if (typeof reply === "string") return f(reply)
  return Array.isArray(reply) ? reply.map((element: Reply) => mapStrings(element, f)) : reply
}

const runOne = (keyspace: Keyspace, now: number, command: Command): Reply => {
  const args = command.args.map(fromArgument)
  if (command._tag === "Script") {
    return mapStrings(runScript(keyspace, now, command.script, command.keys.map(fromText), args), toText)
  }
  return mapStrings(keyspace.execute(now, command.name, args), command.bytes ? toBytes : toText)
}

/** Runs all commands at one instant. */
export const run = (keyspace: Keyspace, now: number, commands: ReadonlyArray<Command>): ReadonlyArray<Reply> =>
  commands.map((command) => runOne(keyspace, now, command))

const isRefused = (command: Command): boolean =>
  command._tag === "Command" && refusedUnseen(command.name, command.args.length) !== undefined

/** What `EXEC` answers when a command was refused while it was queued. */
export const aborted = (kind: Kind, commands: ReadonlyArray<Command>): RedisCommandError | undefined =>
  kind === "transaction" && commands.some(isRefused)
    ? RedisCommandError.fromReply("EXEC", "EXECABORT Transaction discarded because of previous errors.")
    : undefined

/** Where programs go: one call is one round trip. */
export interface Keeper {
  readonly roundTrip: (
    kind: Kind,
    commands: ReadonlyArray<Command>
  ) => Effect.Effect<ReadonlyArray<Reply>, StorageError>
  /** Removes what has expired, as Redis does in the background. */
  readonly expireDue: Effect.Effect<void, StorageError>
  /** Keys that expired since this was asked last, as byte strings. */
  readonly takeExpired: Effect.Effect<ReadonlyArray<string>>
}

const settle = <A, E>(result: Either.Either<A, E>): Effect.Effect<A, E> =>
  Either.match(result, { onLeft: Effect.fail, onRight: Effect.succeed })

/** How often Redis looks for expired keys: `hz 10`. */
const cycle = Schedule.spaced("100 millis")

export const make = (keeper: Keeper): Effect.Effect<Service> =>
  Effect.gen(function*() {
    const expired = yield* PubSub.unbounded<string>()
    const announce = Effect.flatMap(
      keeper.takeExpired,
      (keys) => keys.length === 0 ? Effect.void : PubSub.publishAll(expired, keys.map(toText))
    )
    const submit = (kind: Kind) => <A, E>(program: RedisProgram<A, E>): Effect.Effect<A, E | StorageError> =>
      Effect.suspend(() => {
        const { commands, read } = compile(program)
        if (commands.length === 0) return settle(read([]))
        return Effect.flatMap(Effect.ensuring(keeper.roundTrip(kind, commands), announce), (replies) =>
          settle(read(replies)))
      })
    const watch = Effect.gen(function*() {
      const keys = yield* PubSub.subscribe(expired)
      const cycles = Stream.repeatEffectWithSchedule(Effect.zipRight(keeper.expireDue, announce), cycle)
      return Stream.merge(Stream.fromQueue(keys), Stream.drain(cycles))
    })
    return Redis.of({
      pipeline: submit("pipeline"),
      transaction: submit("transaction"),
      expirations: Stream.unwrapScoped(watch)
    })
  })
