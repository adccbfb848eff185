/** Moves a slot from one master to another, as `redis-cli --cluster reshard` does. */
import { Effect } from "effect"
import type { RawRedisError, Reply } from "../support/RawRedis.js"
import type { Node, RedisCluster } from "../support/RedisCluster.js"

const idOf = (node: Node) => Effect.map(node.cli("CLUSTER", "MYID"), String)

/** A few keys at a time, so that the slot is in two places for a while. */
const keysAtOnce = 5

const moveKeys = (slot: number, from: Node, to: Node): Effect.Effect<number, RawRedisError> =>
  Effect.flatMap(from.cli("CLUSTER", "GETKEYSINSLOT", slot, keysAtOnce), (reply: Reply) => {
    const keys = reply as ReadonlyArray<string>
    if (keys.length === 0) return Effect.succeed(0)
    return Effect.flatMap(
      from.cli("MIGRATE", "127.0.0.1", to.port, "", 0, 5_000, "KEYS", ...keys),
      () => Effect.map(moveKeys(slot, from, to), (more) => more + keys.length)
    )
  })

/** Gives the number of keys that were moved. */
export const moveSlot = (
  cluster: typeof RedisCluster.Service,
  slot: number,
  to: Node
): Effect.Effect<number, RawRedisError> =>
  Effect.gen(function*() {
    const from = yield* cluster.ownerOf(slot)
    const [source, target] = [yield* idOf(from), yield* idOf(to)]
    yield* to.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", source)
    yield* from.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", target)
    const moved = yield* moveKeys(slot, from, to)
    for (const node of [to, from]) yield* node.cli("CLUSTER", "SETSLOT", slot, "NODE", target)
    for (const node of cluster.masters) {
      if (node !== from && node !== to) yield* node.cli("CLUSTER", "SETSLOT", slot, "NODE", target)
    }
    return moved
  })
