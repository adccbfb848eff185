/** One save a time, beside three commands that are not atomic and beside the store's own commands. */
import { Effect } from "effect"
import type { Case } from "../case.js"
import { bare, savesOf, sent, threesOf } from "../contenders/bare.js"
import { floor, installed } from "../contenders/floor.js"
import { store, untraced } from "../contenders/store.js"
import { payloadOf, stateOf } from "../state.js"
import { World } from "../world.js"
import { cross, type Ladder } from "./ladder.js"

const ttl = 100_000
const executions = 100

const place = (i: number) => [`cp-${i}`, String(i % executions), i + 1] as const

const caseOf = (world: World["Type"], bytes: number, fibers: number): Case => {
  const state = stateOf(bytes)
  const [three, same] = [threesOf(state, ttl), savesOf(state, ttl)]
  const save = (i: number) => {
    const [id, executionId, version] = place(i)
    const checkpoint = { id, executionId, nodeName: "bench", state: { ...state, step: version }, version }
    return world.store.save(checkpoint, { ttl })
  }
  const ours = store("save", save)
  return {
    verb: "save",
    bytes,
    fibers,
    baseline: bare("pipeline of three", (i) => sent(world.bare, three(...place(i)))),
    subjects: fibers === 64
      ? [
        ours,
        untraced(ours),
        bare("the store's commands, bare", (i) => sent(world.bare, same(...place(i)))),
        ...(installed ? [floor("SET", ["SET", "floor:__rand_int__"], payloadOf("cp", "e", 1, state))] : [])
      ]
      : [ours],
    // The server learns the script, which the bare commands take for known.
    prepare: Effect.orDie(save(0)),
    reset: () => Effect.promise(() => world.server.flushdb())
  }
}

export const saving = (ladder: Ladder) =>
  Effect.map(World, (world) => cross(ladder, (bytes, fibers) => caseOf(world, bytes, fibers)))
