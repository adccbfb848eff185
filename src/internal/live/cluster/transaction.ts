import * as Effect from "effect/Effect"
import type { StorageError } from "../../../schema/Errors.js"
import type { RunOptions } from "../../../services/Redis.js"
import type { Command } from "../../../services/RedisCommand.js"
import type { Reply } from "../../../services/RedisReply.js"
import { roundTrip } from "../roundTrip.js"
import type { Cluster } from "./Cluster.js"
import { persist } from "./persist.js"
import type { Route } from "./route.js"
import { Setback, unmapped } from "./setback.js"

/** A whole transaction was refused for where the slot is, or is going to. */
const displaced = /(?:^|: )(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /

const setbackOf = (error: StorageError, repeatable: boolean): Setback =>
  error._tag === "RedisCommandError"
    ? new Setback(error, displaced.test(error.message))
    : new Setback(error, error.retryable && (error.outcome === "NotSent" || repeatable))

/** A transaction goes to one node, whole. While its slot is being moved it waits for the end of that. */
export const transact = (
  cluster: Cluster,
  commands: ReadonlyArray<Command>,
  routes: ReadonlyArray<Route>,
  { parent }: RunOptions
): Effect.Effect<ReadonlyArray<Reply>, StorageError> => {
  const slot = routes.find((route) => typeof route === "number")
  const repeatable = commands.every((command) => command.repeatable)
  const attempt = Effect.suspend(() => {
    const node = slot === undefined ? cluster.anyOwner() : cluster.ownerOf(slot)
    if (node === undefined) return Effect.fail(new Setback(unmapped, true))
    const { timeout } = cluster.settings
    const batch = { commands, transaction: true, withSource: false, timeout, parent }
    return Effect.mapError(roundTrip(cluster.named(node), batch), (error) => setbackOf(error, repeatable))
  })
  return Effect.mapError(persist(cluster, attempt), ({ error }) => error)
}
