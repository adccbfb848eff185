import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { RedisCommandError, type StorageError } from "../../schema/Errors.js"
import type { Command } from "../../services/RedisCommand.js"
import { withOutcome } from "../outcome.js"
import type { RedisClient } from "./client.js"
import { Connection, type Watcher } from "./connection.js"
import { inspect } from "./inspect.js"
import { loadClient } from "./ioredis.js"
import type { ClientOptions, Options } from "./options.js"
import { roundTrip } from "./roundTrip.js"
import { fromClient, fromOptions, type OwnSettings, type Target } from "./settings.js"

/** Nothing waits in the queues of the client, which `disconnect` would leave pending while it reconnects. */
export const stop = (client: RedisClient): void => {
  if (client.status === "end") return
  client.disconnect()
  client.stream?.destroy()
}

/** Waits in real time: a release must not depend on the clock of a test. */
const quit = (client: RedisClient, timeout: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const finish = (): void => {
      clearTimeout(timer)
      resume(Effect.void)
    }
    const timer = setTimeout(finish, timeout)
    client.quit().then(finish, finish)
  })

/** Lets commands in flight finish, for `closeTimeout`. */
export const close = (connection: Connection): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { client, isOpen, settings } = connection
    connection.release()
    const finished = isOpen && settings.closeTimeout > 0 ? quit(client, settings.closeTimeout) : Effect.void
    return Effect.map(finished, () => stop(client))
  })

const causeOf = (error: StorageError): string =>
  error._tag === "RedisConnectionError" && error.cause instanceof Error ? `: ${error.cause.message}` : ""

export const logger = (target: Target): Effect.Effect<Watcher> =>
  Effect.map(Effect.runtime<never>(), (runtime) => {
    const log = Runtime.runFork(runtime)
    return {
      lost: (error) =>
        void log(Effect.logWarning(`Lost the connection to Redis at ${target.address}${causeOf(error)}`)),
      back: () => void log(Effect.logInfo(`Connected to Redis at ${target.address} again`))
    }
  })

const ping: Command = { _tag: "Command", name: "PING", args: [], bytes: false, repeatable: true }

/** Waits for the first attempt to connect and asks for one reply, in `connectTimeout`. No right to PING is needed. */
export const check = (connection: Connection): Effect.Effect<void, StorageError> =>
  Effect.matchEffect(
    roundTrip(connection, {
      commands: [ping],
      transaction: false,
      withSource: false,
      timeout: connection.settings.connectTimeout
    }),
    {
      onFailure: (error) => Effect.fail(withOutcome(error, "NotSent")),
      onSuccess: ([reply]) =>
        reply instanceof RedisCommandError && reply.code !== "NOPERM" ? Effect.fail(reply) : Effect.void
    }
  )

type Opened = Effect.Effect<Connection, ConfigError.ConfigError | StorageError, Scope.Scope>

const opened = (make: () => Connection, release: (connection: Connection) => Effect.Effect<void>) =>
  Effect.sync(make).pipe(Effect.acquireRelease(release), Effect.tap(check))

/** A client of our own, connected, closed with the scope. */
export const connect = (options: Options): Opened => connectWith(fromOptions(options))

export const connectWith = (checked: Effect.Effect<OwnSettings, ConfigError.ConfigError>): Opened =>
  Effect.gen(function*() {
    const settings = yield* checked
    const watcher = yield* logger(settings.target)
    const create = yield* loadClient
    return yield* opened(() => new Connection(create(settings), settings, watcher), close)
  })

/** A client of the caller's, as it is and left as it was. */
export const attach = (client: RedisClient, options: ClientOptions): Opened =>
  Effect.gen(function*() {
    yield* inspect(client)
    const settings = yield* fromClient(client.options, options)
    const watcher = yield* logger(settings.target)
    return yield* opened(
      () => new Connection(client, settings, watcher),
      (connection) => Effect.sync(() => connection.detach())
    )
  })
