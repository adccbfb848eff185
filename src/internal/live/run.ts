import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../schema/Errors.js"
import { compile, type Compiled, type RedisProgram } from "../../services/RedisProgram.js"
import type { Reply } from "../../services/RedisReply.js"
import { withOutcome } from "./classify.js"
import type { Connection } from "./connection.js"
import type { Batch } from "./flight.js"
import { again, allRefused, type RetryPolicy } from "./retry.js"
import { roundTrip } from "./roundTrip.js"
import { forgetMissing, nothingApplied, replayFrom } from "./scripts.js"

type Replies = ReadonlyArray<Reply>

/** Sends again what the server refused because it did not know a script, with what came after it. */
const replay = (connection: Connection, batch: Batch, replies: Replies): Effect.Effect<Replies, StorageError> => {
  forgetMissing(batch.commands, replies, connection.loaded)
  const start = replayFrom(batch.commands, replies)
  if (start === undefined) return Effect.succeed(replies)
  const tail = roundTrip(connection, { ...batch, commands: batch.commands.slice(start), withSource: true })
  const whole = Effect.map(tail, (later) => [...replies.slice(0, start), ...later])
  return nothingApplied(batch.commands, replies)
    ? whole
    : Effect.mapError(whole, (error) => withOutcome(error, "Unknown"))
}

const attemptOf = (connection: Connection, batch: Batch): Effect.Effect<Replies, StorageError> => {
  const once = roundTrip(connection, batch)
  return batch.transaction || batch.commands.every((command) => command._tag === "Command")
    ? once
    : Effect.flatMap(once, (replies) => replay(connection, batch, replies))
}

const policyOf = (connection: Connection, batch: Batch): RetryPolicy => ({
  schedule: connection.settings.retry,
  repeatable: () => batch.commands.every((command) => command.repeatable),
  closed: () => connection.isReleased
})

const reader = <A, E>({ read }: Compiled<A, E>) => (replies: Replies): Effect.Effect<A, E> => {
  const result = read(replies)
  return Either.isRight(result) ? Effect.succeed(result.right) : Effect.fail(result.left)
}

/** Runs programs on a connection. The happy path pays for no retry. */
export const run =
  (connection: Connection, transaction: boolean) =>
  <A, E>(program: RedisProgram<A, E>): Effect.Effect<A, E | StorageError> => {
    const compiled = compile(program)
    const read = reader(compiled)
    const { commands } = compiled
    if (commands.length === 0) return Effect.suspend(() => read([]))
    const batch = { commands, transaction, withSource: false, timeout: connection.settings.timeout }
    const attempt = attemptOf(connection, batch)
    const retry = (first: StorageError | Replies): Effect.Effect<A, E | StorageError> =>
      Effect.flatMap(again(first, attempt, policyOf(connection, batch)), read)
    return Effect.matchEffect(attempt, {
      onFailure: retry,
      onSuccess: (replies): Effect.Effect<A, E | StorageError> => allRefused(replies) ? retry(replies) : read(replies)
    })
  }
