import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type { RedisClient, RedisClientOptions } from "./client.js"
import { invalidOption } from "./settings.js"

interface Finding {
  readonly option: string
  readonly applies: (options: RedisClientOptions) => boolean
  readonly remedy: string
}

/** Settings with which a command runs twice, never settles, or replies in another shape. */
const refused: ReadonlyArray<Finding> = [
  {
    option: "maxRetriesPerRequest",
    applies: (options) => options.maxRetriesPerRequest !== 0,
    remedy: "must be 0: with another value the client sends commands again whose reply was lost, and they run twice"
  },
  {
    option: "autoResendUnfulfilledCommands",
    applies: (options) => options.autoResendUnfulfilledCommands === false,
    remedy: "must be left at its default: when false, commands in flight never settle after the connection was lost"
  },
  {
    option: "commandTimeout",
    applies: (options) => options.commandTimeout !== undefined,
    remedy: "must not be set: the command still runs later; use the option timeout of this layer"
  },
  {
    option: "keyPrefix",
    applies: (options) => options.keyPrefix !== undefined && options.keyPrefix !== "",
    remedy: "must not be set: it changes the keys of commands but not those inside scripts"
  },
  {
    option: "enableAutoPipelining",
    applies: (options) => options.enableAutoPipelining === true,
    remedy: "must be off: commands would be sent later than this layer thinks they are"
  },
  {
    option: "stringNumbers",
    applies: (options) => options.stringNumbers === true,
    remedy: "must be off: integers in replies would be strings"
  },
  {
    option: "replyMapping",
    applies: (options) => "replyMapping" in options && options.replyMapping === "resp3",
    remedy: "must be \"legacy\": other replies have another shape"
  }
]

/** Settings that take a part of the guarantees. */
const doubtful: ReadonlyArray<Finding> = [
  {
    option: "reconnectOnError",
    applies: (options) => typeof options.reconnectOnError === "function",
    remedy: "can send a command again (2), or drop the connection with what is in flight (1, true)"
  },
  {
    option: "socketTimeout",
    applies: (options) => options.socketTimeout !== undefined && !("protocol" in options),
    remedy: "in ioredis 5 outlives its connection and can end the next one; use the option timeout of this layer"
  },
  {
    option: "failoverDetector",
    applies: (options) => Boolean(options.sentinels) && options.failoverDetector !== true,
    remedy: "is off: after a failover the client can stay on the old master and lose what that acknowledges"
  },
  {
    option: "enableReadyCheck",
    applies: (options) => options.enableReadyCheck === false,
    remedy: "is off: commands are sent to a server that is still loading its data, which refuses them"
  }
]

/** Refuses a client whose settings break what this package promises, and warns of others. */
export const inspect = (client: RedisClient): Effect.Effect<void, ConfigError.ConfigError> =>
  Effect.suspend(() => {
    if (client.isCluster) {
      return Effect.fail(invalidOption("client", "must not be a Cluster client: only one server is supported"))
    }
    const bad = refused.find(({ applies }) => applies(client.options))
    if (bad !== undefined) return Effect.fail(invalidOption(bad.option, `of the client ${bad.remedy}`))
    return Effect.forEach(
      doubtful.filter(({ applies }) => applies(client.options)),
      ({ option, remedy }) => Effect.logWarning(`${option} of the given Redis client ${remedy}`),
      { discard: true }
    )
  })
