/** Stores that are broken on purpose: a verb of another make, or other commands than the store wanted to send. */
import { Effect, type Option } from "effect"
import type { Checkpoint } from "../../src/schema/Checkpoint.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { Command } from "../../src/services/RedisCommand.js"
import type { RedisScript } from "../../src/services/RedisScript.js"
import { rewriting } from "../crash/runner/wrappedRedis.js"
import * as Races from "../races/mutants/mutants.js"
import type { Opened } from "../races/stores.js"
import * as Bulk from "./bulkMutants.js"
import { over } from "./connect.js"

type Store = CheckpointStore.Service

export interface Mutant {
  readonly name: string
  /** The fault under which it is told from the store, or cuts at exact bytes. */
  readonly under: "none" | "maxmemory, noeviction" | "cuts"
  readonly storeOf: (opened: Opened) => Effect.Effect<Store>
}

const sending = (rewrite: (command: Command) => Command): Mutant["storeOf"] => ({ redis }) =>
  over(rewriting(redis, rewrite))

/** Puts other words into a script; the text was changed in `src` if they are not found: change them here. */
const rewording = (name: string, found: string, by: string): Mutant["storeOf"] => {
  const scripts = new Map<string, RedisScript>()
  return sending((command) => {
    if (command._tag !== "Script" || command.script.name !== name) return command
    const { script } = command
    if (!script.lua.includes(found)) throw new Error(`a mutant does not find ${found}`)
    const other = scripts.get(name) ?? { ...script, lua: script.lua.replace(found, by) }
    scripts.set(name, other)
    return { ...command, script: other }
  })
}

const raced = (mutant: Races.Mutant): Mutant["storeOf"] => (opened) => Effect.succeed(mutant(opened))

/** Gives what it gave before, and looks again for the next time. */
const remembering = ({ store }: Opened): Effect.Effect<Store> =>
  Effect.sync(() => {
    const known = new Map<string, Option.Option<Checkpoint<unknown>>>()
    return {
      ...store,
      latest: (executionId) =>
        Effect.map(store.latest(executionId), (found) => {
          const before = known.get(executionId)
          known.set(executionId, found)
          return before ?? found
        })
    }
  })

/** Says that it is saved when it is on its way. */
const notAwaited = ({ store }: Opened): Effect.Effect<Store> =>
  Effect.succeed({
    ...store,
    save: ((input, options) =>
      options?.expectedVersion === undefined
        ? Effect.asVoid(Effect.forkDaemon(store.save(input, options)))
        : store.save(input, options)) as Store["save"]
  })

export const mutants: ReadonlyArray<Mutant> = [
  { name: "sends again what got no reply", under: "cuts", storeOf: Races.resending },
  {
    name: "retries a plain overwrite",
    under: "cuts",
    storeOf: sending((command) => ({ ...command, repeatable: true }))
  },
  { name: "clears in two steps", under: "none", storeOf: raced(Races.readThenClear) },
  {
    name: "leaves the index entry of what it deletes",
    under: "none",
    storeOf: rewording("delete", "owner = redis.call, owner_at(KEYS[1])", "owner = redis.call, nil")
  },
  { name: "saves by a pipeline of commands", under: "cuts", storeOf: raced(Races.pipelinedSave) },
  { name: "does not compare the head", under: "none", storeOf: raced(Races.uncomparedHead) },
  { name: "compares the head at the client", under: "none", storeOf: raced(Races.getThenSet) },
  {
    name: "does not know its own write again",
    under: "cuts",
    storeOf: rewording("save", "if has(kind, index, id) and redis.call('GET', data) == payload then", "if false then")
  },
  {
    name: "does not ask whose the checkpoint was",
    under: "none",
    storeOf: rewording("save", "local moves = owner and owner ~= '' and owner ~= execution", "local moves = false")
  },
  { name: "does not wait for the reply", under: "none", storeOf: notAwaited },
  { name: "reads the head from a cache", under: "none", storeOf: remembering },
  { name: "copies over what is in the target", under: "none", storeOf: raced(Bulk.copyOver) },
  { name: "asks first if the target of a copy is empty", under: "none", storeOf: raced(Bulk.askThenCopy) },
  {
    name: "says that all is saved when one was refused",
    under: "maxmemory, noeviction",
    storeOf: raced(Bulk.unheeded)
  },
  { name: "says that nothing was sent of what was half copied", under: "cuts", storeOf: raced(Bulk.halfToldAsNothing) },
  { name: "loads many one by one", under: "none", storeOf: raced(Bulk.oneByOne) },
  { name: "knows what exists from the last time", under: "none", storeOf: raced(Bulk.rememberedExistence) },
  { name: "streams by rank", under: "none", storeOf: raced(Bulk.byRank) }
]
