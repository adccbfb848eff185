import type { Command } from "./Command.js"
import { hashes } from "./hashes.js"
import { keys } from "./keys.js"
import { lists } from "./lists.js"
import { wrongArity } from "./Refusal.js"
import { server } from "./server.js"
import { sets } from "./sets.js"
import { sortedSets } from "./sortedSets.js"
import { strings } from "./strings.js"

const table: ReadonlyMap<string, Command> = new Map(
  [strings, keys, sortedSets, sets, hashes, lists, server].flatMap((commands) => Object.entries(commands))
)

export const findCommand = (name: string): Command | undefined => table.get(name) ?? table.get(name.toUpperCase())

/** Redis' words for what it refuses by the name and the number of arguments. */
export const refusedUnseen = (name: string, count: number): string | undefined => {
  const command = findCommand(name)
  if (command === undefined) return `ERR unknown command '${name}': the in-memory interpreter has no such command`
  return count < command.least || count > command.most ? wrongArity(name) : undefined
}
