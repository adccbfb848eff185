import { Buffer } from "node:buffer"
import { RedisCommandError } from "../../schema/Errors.js"
import type { Argument, Command } from "../../services/RedisCommand.js"
import type { Reply } from "../../services/RedisReply.js"
import { commandName } from "../compile.js"

/** A command as ioredis takes it. */
export interface Wire {
  readonly name: string
  readonly args: Array<string | number | Uint8Array>
  readonly bytes: boolean
}

/** ioredis takes an Uint8Array that is no Buffer for a list of numbers. */
const argument = (value: Argument): Argument =>
  typeof value === "object" && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value

/**
 * ioredis goes by the lower-case name when it brings replies of RESP3 into the
 * form of RESP2, which is wanted, and makes an object of HGETALL's, which is not.
 */
const wireName = (name: string): string => {
  const lower = name.toLowerCase()
  return lower === "hgetall" ? "HGETALL" : lower
}

export const commandWire = (command: Command & { readonly _tag: "Command" }): Wire => ({
  name: wireName(command.name),
  args: command.args.map(argument),
  bytes: command.bytes
})

/** With its source, or by the digest of a source that the server knows. */
export const scriptWire = (
  command: Command & { readonly _tag: "Script" },
  by: { readonly eval: string } | { readonly evalsha: string }
): Wire => {
  const args: Array<string | number | Uint8Array> = "eval" in by ? [by.eval] : [by.evalsha]
  args.push(command.keys.length, ...command.keys, ...command.args.map(argument))
  return { name: "eval" in by ? "eval" : "evalsha", args, bytes: false }
}

export const errorReply = (command: Command, error: { readonly message: string }): RedisCommandError =>
  RedisCommandError.fromReply(commandName(command), error.message)

/** Replies of the client are replies already, but for errors, also those that a script returns in an array. */
export const decode = (command: Command, reply: unknown): Reply => {
  if (reply instanceof Error) return errorReply(command, reply)
  if (command._tag === "Script" && Array.isArray(reply)) return reply.map((element) => decode(command, element))
  return (reply ?? null) as Reply
}
