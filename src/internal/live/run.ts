import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../schema/Errors.js"
import type { RunOptions } from "../../services/Redis.js"
import { compile, type RedisProgram } from "../../services/RedisProgram.js"
import type { Reply } from "../../services/RedisReply.js"
import { withOutcome } from "../outcome.js"
import type { Connection } from "./connection.js"
import type { Batch } from "./flight.js"
import { again, allRefused, type RetryPolicy } from "./retry.js"
import { roundTrip } from "./roundTrip.js"
import { areMissing, forgetMissing, nothingApplied, replayFrom } from "./scripts.js"

type Replies = ReadonlyArray<Reply>

/** Sends again what the server refused because it did not know a script, with what came after it. */
const replay = (
  connection: Connection,
  batch: Batch,
  replies: Replies
): Effect.Effect<Replies, StorageError> | undefined => {
  if (batch.transaction || !areMissing(batch.commands, replies)) return undefined
  forgetMissing(batch.commands, replies, connection.loaded)
  const start = replayFrom(batch.commands, replies)
  if (start === undefined) return undefined
  const tail = roundTrip(connection, { ...batch, commands: batch.commands.slice(start), withSource: true })
  const whole = Effect.map(tail, (later) => [...replies.slice(0, start), ...later])
  return nothingApplied(batch.commands, replies)
    ? whole
    : Effect.mapError(whole, (error) => withOutcome(error, "Unknown"))
}

/** The batch once, and again what the server refused because it did not know a script. */
export const attemptOf = (connection: Connection, batch: Batch): Effect.Effect<Replies, StorageError> =>
  Effect.flatMap(
    roundTrip(connection, batch),
    (replies) => replay(connection, batch, replies) ?? Effect.succeed(replies)
  )

const policyOf = (connection: Connection, batch: Batch): RetryPolicy => ({
  schedule: connection.settings.retry,
  repeatable: () => batch.commands.every((command) => command.repeatable),
  closed: () => connection.isReleased
})

export const settled = <A, E>(result: Either.Either<A, E>): Effect.Effect<A, E> =>
  Either.isRight(result) ? Effect.succeed(result.right) : Effect.fail(result.left)

/** A program on its way: what it was compiled to, and where. */
class Run<A, E> {
  constructor(
    private readonly connection: Connection,
    private readonly batch: Batch,
    private readonly read: (replies: Replies) => Either.Either<A, E>
  ) {}

  /** By name, for the sake of `Effect.matchEffect`. */
  readonly onSuccess = (replies: Replies): Effect.Effect<A, E | StorageError> => {
    const replayed = replay(this.connection, this.batch, replies)
    return replayed === undefined
      ? this.finish(replies)
      : Effect.matchEffect(replayed, { onFailure: this.onFailure, onSuccess: (replies) => this.finish(replies) })
  }

  readonly onFailure = (first: StorageError | Replies): Effect.Effect<A, E | StorageError> => {
    const { batch, connection, read } = this
    return Effect.flatMap(
      again(first, attemptOf(connection, batch), policyOf(connection, batch)),
      (replies) => settled(read(replies))
    )
  }

  private finish(replies: Replies): Effect.Effect<A, E | StorageError> {
    return allRefused(replies) ? this.onFailure(replies) : settled(this.read(replies))
  }
}

/** Runs programs on a connection. The happy path is one step behind the round trip: it pays for no retry. */
export const run =
  (connection: Connection, transaction: boolean) =>
  <A, E>(program: RedisProgram<A, E>, options?: RunOptions): Effect.Effect<A, E | StorageError> => {
    const { commands, read } = compile(program)
    if (commands.length === 0) return Effect.suspend(() => settled(read([])))
    const { settings: { timeout } } = connection
    const batch = { commands, transaction, withSource: false, timeout, parent: options?.parent, watch: options?.watch }
    return Effect.matchEffect(roundTrip(connection, batch), new Run(connection, batch, read))
  }
