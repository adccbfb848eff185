import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { RedisCommandError, type StorageError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import { Connection } from "./connection.js"
import { check, stop } from "./lifecycle.js"
import { roundTrip } from "./roundTrip.js"

const noop = (): void => {}

/** A second connection: one that listens cannot send. It is not made again when it is lost. */
const listener = (connection: Connection): Effect.Effect<Connection, StorageError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = connection.client.duplicate({ lazyConnect: true, retryStrategy: () => null })
      const listening = new Connection(client, connection.settings, { lost: noop, back: noop })
      connection.adopt(listening)
      return listening
    }),
    (listening) =>
      Effect.sync(() => {
        connection.disown(listening)
        listening.release()
        stop(listening.client)
      })
  ).pipe(Effect.tap(check))

const ask = (connection: Connection, name: string, args: ReadonlyArray<string>): Effect.Effect<Reply, StorageError> =>
  Effect.map(
    roundTrip(connection, {
      commands: [{ _tag: "Command", name, args, bytes: false, repeatable: true }],
      transaction: false,
      withSource: false,
      timeout: connection.settings.timeout
    }),
    ([reply]) => reply ?? null
  )

const off = new RedisCommandError({
  command: "PSUBSCRIBE",
  code: "NOTIFY",
  message: "the server does not publish expired keys: CONFIG SET notify-keyspace-events Ex"
})

/** A server that does not tell its configuration may publish all the same. */
const requireNotifications = (connection: Connection): Effect.Effect<void, StorageError> =>
  Effect.flatMap(ask(connection, "CONFIG", ["GET", "notify-keyspace-events"]), (reply) => {
    const flags = Array.isArray(reply) ? String(reply[1]) : undefined
    return flags === undefined || (flags.includes("E") && /[xA]/.test(flags)) ? Effect.void : Effect.fail(off)
  })

const subscribe = (connection: Connection): Effect.Effect<void, StorageError> =>
  Effect.flatMap(
    ask(connection, "PSUBSCRIBE", [`__keyevent@${connection.settings.target.db}__:expired`]),
    (reply) => reply instanceof RedisCommandError ? Effect.fail(reply) : Effect.void
  )

/** The oldest are dropped when the consumer is this far behind. */
const buffer = { bufferSize: 16_384, strategy: "sliding" } as const

export const expirations = (connection: Connection): Stream.Stream<string, StorageError> =>
  Stream.asyncPush<string, StorageError>((emit) =>
    Effect.gen(function*() {
      const listening = yield* listener(connection)
      yield* requireNotifications(listening)
      listening.client.on("pmessage", (_pattern, _channel, key) => emit.single(String(key)))
      yield* subscribe(listening)
      listening.await({ ready: noop, failed: (error) => emit.fail(error) })
    }), buffer)
