import * as Either from "effect/Either"
import { RedisCommandError } from "../schema/Errors.js"
import type { Command } from "../services/RedisCommand.js"
import type { Reader, Reply } from "../services/RedisReply.js"

/** A program as it was put together. */
export type Node =
  | { readonly _tag: "Succeed"; readonly value: unknown }
  | { readonly _tag: "Send"; readonly command: Command; readonly reader: Reader<unknown> }
  | { readonly _tag: "Map"; readonly source: Node; readonly f: (value: never) => unknown }
  | {
    readonly _tag: "MapEither"
    readonly source: Node
    readonly f: (value: never) => Either.Either<unknown, unknown>
  }
  | {
    readonly _tag: "All"
    readonly sources: ReadonlyArray<Node>
    readonly gather: (values: ReadonlyArray<unknown>) => unknown
  }
  | { readonly _tag: "Either"; readonly source: Node }

/** A program as instructions for a stack machine: deep programs need no deep stack. */
export type Instruction =
  | { readonly _tag: "Push"; readonly value: unknown }
  | { readonly _tag: "Read"; readonly index: number; readonly command: Command; readonly reader: Reader<unknown> }
  | { readonly _tag: "Map"; readonly f: (value: never) => unknown }
  | { readonly _tag: "MapEither"; readonly f: (value: never) => Either.Either<unknown, unknown> }
  | { readonly _tag: "Gather"; readonly size: number; readonly gather: (values: ReadonlyArray<unknown>) => unknown }
  | { readonly _tag: "Either" }

class Failed {
  constructor(readonly error: unknown) {}
}

export const commandName = (command: Command): string => command._tag === "Script" ? command.script.name : command.name

export const flatten = (root: Node, commands: Array<Command>): ReadonlyArray<Instruction> => {
  const instructions: Array<Instruction> = []
  const pending: Array<{ readonly node: Node; readonly after?: Instruction }> = [{ node: root }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.after !== undefined) {
      instructions.push(next.after)
      continue
    }
    expand(next.node, commands, instructions, pending)
  }
  return instructions
}

const expand = (
  node: Node,
  commands: Array<Command>,
  instructions: Array<Instruction>,
  pending: Array<{ readonly node: Node; readonly after?: Instruction }>
): void => {
  switch (node._tag) {
    case "Succeed":
      instructions.push({ _tag: "Push", value: node.value })
      return
    case "Send":
      instructions.push({
        _tag: "Read",
        index: commands.length,
        command: node.command,
        reader: node.reader
      })
      commands.push(node.command)
      return
    case "All":
      pending.push({ node, after: { _tag: "Gather", size: node.sources.length, gather: node.gather } })
      for (let i = node.sources.length - 1; i >= 0; i--) pending.push({ node: node.sources[i]! })
      return
    default:
      pending.push({ node, after: node }, { node: node.source })
  }
}

const shownKeys = 3

const keysOf = (command: Command): string => {
  const keys = command._tag === "Script" ? command.keys : command.args.slice(0, 1)
  const shown = keys.slice(0, shownKeys).map((key) => JSON.stringify(key)).join(", ")
  return keys.length > shownKeys ? `${shown}, …` : shown
}

/** Redis does not say which key it means. */
const withKeys = (command: Command, error: RedisCommandError): RedisCommandError =>
  error.code === "WRONGTYPE"
    ? new RedisCommandError({
      ...error,
      message: `${error.message} (${command._tag === "Script" ? "one of " : ""}${keysOf(command)})`
    })
    : error

const readReply = (command: Command, reader: Reader<unknown>, reply: Reply | undefined): unknown => {
  if (reply instanceof RedisCommandError) return new Failed(withKeys(command, reply))
  const read = reader(reply ?? null)
  return Either.isRight(read)
    ? read.right
    : new Failed(new RedisCommandError({ command: commandName(command), code: "REPLY", message: read.left }))
}

const gather = (stack: Array<unknown>, size: number, f: (values: ReadonlyArray<unknown>) => unknown): unknown => {
  const values = size === 0 ? [] : stack.splice(-size)
  return values.find((value) => value instanceof Failed) ?? f(values)
}

const step = (stack: Array<unknown>, instruction: Instruction, replies: ReadonlyArray<Reply>): unknown => {
  switch (instruction._tag) {
    case "Push":
      return instruction.value
    case "Read":
      return readReply(instruction.command, instruction.reader, replies[instruction.index])
    case "Gather":
      return gather(stack, instruction.size, instruction.gather)
    case "Either": {
      const value = stack.pop()
      return value instanceof Failed ? Either.left(value.error) : Either.right(value)
    }
    case "Map": {
      const value = stack.pop()
      return value instanceof Failed ? value : instruction.f(value as never)
    }
    case "MapEither": {
      const value = stack.pop()
      if (value instanceof Failed) return value
      const result = instruction.f(value as never)
      return Either.isRight(result) ? result.right : new Failed(result.left)
    }
  }
}

export const evaluate = (
  instructions: ReadonlyArray<Instruction>,
  replies: ReadonlyArray<Reply>
): Either.Either<unknown, unknown> => {
  const stack: Array<unknown> = []
  for (const instruction of instructions) stack.push(step(stack, instruction, replies))
  const result = stack[0]
  return result instanceof Failed ? Either.left(result.error) : Either.right(result)
}
