/**
 * Redis in memory that refuses what a cluster refuses, and what it should: a command, or a script with all
 * that it does, which touches two slots.
 */
import { Clock, Effect, Layer } from "effect"
import { toText } from "../../src/internal/keyspace/bytes.js"
import { Keyspace } from "../../src/internal/keyspace/Keyspace.js"
import * as memoryRedis from "../../src/internal/memoryRedis.js"
import { slotOf } from "../../src/internal/slot.js"
import { Redis } from "../../src/services/Redis.js"
import type { Command } from "../../src/services/RedisCommand.js"
import type { Model } from "../../src/services/RedisScript.js"

const keyless = new Set(["PING", "TIME", "KEYS", "DBSIZE"])

const everyArgument = new Set(["DEL", "EXISTS", "MGET", "TOUCH", "UNLINK", "RENAME"])

/** The keys of one command of those that the library sends. */
export const keysOf = (name: string, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const upper = name.toUpperCase()
  if (keyless.has(upper)) return []
  return everyArgument.has(upper) ? args : args.slice(0, 1)
}

/** More than one slot is a bug: it is no reply, so that no test can take it for one. */
export const requireOneSlot = (what: string, keys: ReadonlyArray<string>): void => {
  const slots = new Set(keys.map(slotOf))
  if (slots.size > 1) throw new Error(`${what} touches ${slots.size} slots: ${keys.join(" | ")}`)
}

const watched = (name: string, model: Model): Model => (redis, keys, args) => {
  const touched = keys.map(toText)
  requireOneSlot(name, touched)
  const look = (command: string, rest: ReadonlyArray<string | number>) => {
    const more = keysOf(command, rest.map(String)).map(toText)
    requireOneSlot(`${name}, ${command}`, [...touched, ...more])
  }
  return model(
    {
      call: (command, ...rest) => {
        look(command, rest)
        return redis.call(command, ...rest)
      },
      pcall: (command, ...rest) => {
        look(command, rest)
        return redis.pcall(command, ...rest)
      }
    },
    keys,
    args
  )
}

const checked = (command: Command): Command => {
  if (command._tag === "Command") {
    requireOneSlot(command.name, keysOf(command.name, command.args.map(String)))
    return command
  }
  const { script } = command
  requireOneSlot(script.name, command.keys)
  if (script.model === undefined) return command
  return { ...command, script: { ...script, model: watched(script.name, script.model) } }
}

const allKeys = (commands: ReadonlyArray<Command>): ReadonlyArray<string> =>
  commands.flatMap((command) =>
    command._tag === "Script" ? command.keys : keysOf(command.name, command.args.map(String))
  )

const keeper = (keyspace: Keyspace): memoryRedis.Keeper => ({
  roundTrip: (kind, commands) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.sync(() => {
        if (kind === "transaction") requireOneSlot("MULTI", allKeys(commands))
        return memoryRedis.run(keyspace, now, commands.map(checked))
      })),
  expireDue: Effect.map(Clock.currentTimeMillis, (now) => keyspace.expireDue(now)),
  takeExpired: Effect.succeed([])
})

export const layer: Layer.Layer<Redis> = Layer.effect(
  Redis,
  Effect.suspend(() => memoryRedis.make(keeper(new Keyspace())))
)
