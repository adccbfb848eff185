import { createHash } from "node:crypto"
import { RedisCommandError } from "../../schema/Errors.js"
import type { Command } from "../../services/RedisCommand.js"
import type { Reply } from "../../services/RedisReply.js"
import type { RedisScript } from "../../services/RedisScript.js"
import { commandWire, scriptWire, type Wire } from "./wire.js"

const digests = new WeakMap<RedisScript, string>()

/** The name under which Redis keeps a script. */
export const digest = (script: RedisScript): string => {
  const known = digests.get(script)
  if (known !== undefined) return known
  const made = createHash("sha1").update(script.lua).digest("hex")
  digests.set(script, made)
  return made
}

/** Scripts by digest, sent with their source when the server may not know them. */
const byDigest = (
  commands: ReadonlyArray<Command>,
  known: Set<string>,
  loaded: Set<string>
): ReadonlyArray<Wire> =>
  commands.map((command) => {
    if (command._tag === "Command") return commandWire(command)
    const sha = digest(command.script)
    if (known.has(sha)) return scriptWire(command, { evalsha: sha })
    known.add(sha)
    loaded.add(sha)
    return scriptWire(command, { eval: command.script.lua })
  })

/** After a NOSCRIPT there, a replay would run a command twice that must run once. */
const hasFragileTail = (commands: ReadonlyArray<Command>): boolean => {
  const first = commands.findIndex((command) => command._tag === "Script")
  return first >= 0 && commands.slice(first + 1).some((command) => !command.repeatable)
}

/**
 * The commands of a pipeline. `loaded` are the scripts that this connection has
 * sent; a command that goes out after them finds them, unless somebody flushed.
 */
export const pipelineWires = (
  commands: ReadonlyArray<Command>,
  loaded: Set<string>,
  withSource: boolean
): ReadonlyArray<Wire> => byDigest(commands, withSource || hasFragileTail(commands) ? new Set() : loaded, loaded)

/** In a transaction NOSCRIPT would apply the other commands without the script. */
export const transactionWires = (commands: ReadonlyArray<Command>): ReadonlyArray<Wire> =>
  commands.map((command) =>
    command._tag === "Command" ? commandWire(command) : scriptWire(command, { eval: command.script.lua })
  )

/** Whether the server did not know the script. */
export const isMissing = (command: Command | undefined, reply: Reply | undefined): boolean =>
  command?._tag === "Script" && reply instanceof RedisCommandError && reply.code === "NOSCRIPT"

/** Whether the server did not know one of them. */
export const areMissing = (commands: ReadonlyArray<Command>, replies: ReadonlyArray<Reply>): boolean => {
  for (let i = 0; i < commands.length; i++) if (isMissing(commands[i], replies[i])) return true
  return false
}

/**
 * From where to send again, because the server did not know a script; undefined
 * when it knew all, or when a command after it has run that must not run twice.
 */
export const replayFrom = (commands: ReadonlyArray<Command>, replies: ReadonlyArray<Reply>): number | undefined => {
  const start = replies.findIndex((reply, i) => isMissing(commands[i], reply))
  if (start < 0) return undefined
  const safe = commands.every((command, i) => i < start || command.repeatable || isMissing(command, replies[i]))
  return safe ? start : undefined
}

/** Nothing but refused scripts, so that nothing of the program has been applied. */
export const nothingApplied = (commands: ReadonlyArray<Command>, replies: ReadonlyArray<Reply>): boolean =>
  commands.every((command, i) => isMissing(command, replies[i]))

/** So that the next program sends the source. */
export const forgetMissing = (
  commands: ReadonlyArray<Command>,
  replies: ReadonlyArray<Reply>,
  loaded: Set<string>
): void => {
  for (const [i, command] of commands.entries()) {
    if (command._tag === "Script" && isMissing(command, replies[i])) loaded.delete(digest(command.script))
  }
}
