import { Effect, Fiber } from "effect"
import type * as CheckpointStore from "../../../src/services/CheckpointStore.js"
import type { Proxy } from "../../support/Proxy.js"
import type { Violation } from "../invariants.js"

type Store = CheckpointStore.Service

const entry = (state: string) => ({ id: "id", executionId: "lost", nodeName: "node", state, version: 1 })

/**
 * The reply of an overwrite is lost; before its client is back, another one
 * does something newer. That must stay done.
 */
export const lostReply = (
  slow: Store,
  proxy: Proxy,
  store: Store,
  newer: "delete" | "save"
): Effect.Effect<ReadonlyArray<Violation>, unknown> =>
  Effect.gen(function*() {
    yield* slow.ping
    yield* proxy.arm({ _tag: "CutBeforeReply" })
    yield* proxy.refuse()
    const saving = yield* Effect.fork(Effect.either(slow.save(entry("old"))))
    yield* proxy.struck()
    if (newer === "delete") yield* store.delete("id")
    else yield* store.save(entry("new"))
    yield* proxy.accept()
    const told = yield* Fiber.join(saving)
    yield* slow.ping
    const found = yield* store.list("lost")
    const expected = newer === "delete" ? [] : ["new"]
    yield* store.delete("id")
    return found.map(({ state }) => state).join() === expected.join() ? [] : [{
      rule: "I6",
      detail: `a save whose reply was lost (then told: ${told._tag}) undid a later ${newer}`
    }]
  })
