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

/** Where a script asks whether the token still holds the execution, and what asks nothing. */
const fences: Readonly<Record<string, readonly [found: string, by: string]>> = {
  commit: ["if held[1] ~= ARGV[1] then", "if false then"],
  memo: ["if not holds(run, ARGV[1]) then", "if false then"]
}

const unfenced = new Map<string, RedisScript>()

const withoutFence = (command: Command): Command => {
  const fence = command._tag === "Script" ? fences[command.script.name] : undefined
  if (command._tag !== "Script" || fence === undefined) return command
  const { script } = command
  const other = unfenced.get(script.name) ?? { ...script, lua: replaced(script.lua, ...fence) }
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
