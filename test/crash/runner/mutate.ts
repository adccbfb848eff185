/** Runners that are broken on purpose, by what reaches Redis in place of what was sent. */
import { Effect, Either } from "effect"
import { RedisProgram } from "effect-checkpoint"
import type { Command } from "../../../src/services/RedisCommand.js"
import type { RedisScript } from "../../../src/services/RedisScript.js"
import type { Mutation } from "./job.js"
import { around, rewriting, type Service } from "./wrappedRedis.js"

/** The text was changed in `src`: change it here. */
const replaced = (text: string, found: string, by: string): string => {
  if (!text.includes(found)) throw new Error(`a mutant does not find ${found}`)
  return text.replace(found, by)
}

const stealing = (command: Command): Command =>
  command._tag === "Script" && command.script.name === "claim"
    ? { ...command, args: [...command.args.slice(0, 4), "steal"] }
    : command

const check = "local function holds(run, token) return redis.call('HGET', run, 'token') == token end"

const unfenced = new Map<string, RedisScript>()

const withoutFence = (command: Command): Command => {
  if (command._tag !== "Script" || !["commit", "memo"].includes(command.script.name)) return command
  const { script } = command
  const other = unfenced.get(script.name) ??
    { ...script, lua: replaced(script.lua, check, "local function holds(run, token) return true end") }
  unfenced.set(script.name, other)
  return { ...command, script: other }
}

/** As if the reply were there already. */
const notAwaited = (redis: Service): Service =>
  around(redis, (names) => (trip, program) => {
    if (!names.includes("commit")) return trip
    const acknowledged = RedisProgram.compile(program).read([["ok", 0]])
    return Effect.as(Effect.forkDaemon(trip), Either.getOrThrow(acknowledged))
  })

export const mutate = (redis: Service, mutation: Mutation | undefined): Service => {
  switch (mutation) {
    case "commit not awaited":
      return notAwaited(redis)
    case "claim always steals":
      return rewriting(redis, stealing)
    case "writes not fenced":
      return rewriting(redis, withoutFence)
    case undefined:
      return redis
  }
}
