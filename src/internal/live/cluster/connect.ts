import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StorageError } from "../../../schema/Errors.js"
import { withOutcome } from "../../outcome.js"
import { expirations as expirationsOf } from "../expirations.js"
import { loadClient } from "../ioredis.js"
import type { ClusterOptions } from "../options.js"
import { fromOptions, invalidOption } from "../settings.js"
import { Cluster } from "./Cluster.js"
import { type Address, parseAddress } from "./topology.js"

/** The nodes to begin with: a URL or a host, others by name, or what they default to. */
const seedsOf = (
  { host, nodes = [], port, url }: ClusterOptions,
  first: Address
): Effect.Effect<ReadonlyArray<Address>, ConfigError.ConfigError> =>
  Effect.map(
    Effect.forEach(nodes, (node) => {
      const address = parseAddress(node)
      return address === undefined
        ? Effect.fail(invalidOption("nodes", "must be a list of host:port"))
        : Effect.succeed(address)
    }),
    (named) =>
      named.length > 0 && url === undefined && host === undefined && port === undefined
        ? named
        : [first, ...named]
  )

/** Connections to a cluster, that one node has told the others of, closed with the scope. */
export const connectCluster = (
  options: ClusterOptions
): Effect.Effect<Cluster, ConfigError.ConfigError | StorageError, Scope.Scope> =>
  Effect.gen(function*() {
    const settings = yield* fromOptions(options)
    const { db, host, port } = settings.target
    if (port === undefined) {
      return yield* Effect.fail(invalidOption("url", "must not be a socket: a cluster has more than one node"))
    }
    if (db !== 0) return yield* Effect.fail(invalidOption("url", "must not name a database: a cluster has only 0"))
    const seeds = yield* seedsOf(options, { host, port })
    const create = yield* loadClient
    const runtime = yield* Effect.runtime<never>()
    return yield* Effect.sync(() => new Cluster(settings, seeds, create, runtime)).pipe(
      Effect.acquireRelease((cluster) => cluster.release()),
      Effect.tap((cluster) => Effect.mapError(cluster.refresh(0), (error) => withOutcome(error, "NotSent")))
    )
  })

/** Each master tells what expires there. Fails when one is lost; masters that come later are not heard. */
export const expirations = (cluster: Cluster): Stream.Stream<string, StorageError> =>
  Stream.unwrap(Effect.sync(() => Stream.mergeAll(cluster.masters.map(expirationsOf), { concurrency: "unbounded" })))
