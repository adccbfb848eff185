import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../../schema/Errors.js"
import type { RunOptions } from "../../../services/Redis.js"
import type { Command } from "../../../services/RedisCommand.js"
import { compile, type RedisProgram } from "../../../services/RedisProgram.js"
import type { Reply } from "../../../services/RedisReply.js"
import { withOutcome } from "../../outcome.js"
import { settled } from "../run.js"
import type { Cluster } from "./Cluster.js"
import { persist } from "./persist.js"
import { type Route, routesOf } from "./route.js"
import { transact } from "./transaction.js"
import { Trip } from "./trip.js"

type Replies = ReadonlyArray<Reply>

const pipeline = (
  cluster: Cluster,
  commands: ReadonlyArray<Command>,
  routes: ReadonlyArray<Route>,
  options: RunOptions
): Effect.Effect<Replies, StorageError> =>
  Effect.suspend(() => {
    const trip = new Trip(cluster, commands, routes, options)
    return Effect.matchEffect(persist(cluster, trip.attempt), {
      // Every command has its reply by now.
      onSuccess: () => Effect.succeed(trip.replies as Replies),
      onFailure: (setback) => {
        const replies = trip.giveUp(setback)
        if (replies !== undefined) return Effect.succeed(replies)
        return Effect.fail(trip.begun ? withOutcome(setback.error, "Unknown") : setback.error)
      }
    })
  })

/** Runs programs on a cluster. What cannot be sent there fails before anything is. */
export const run =
  (cluster: Cluster, transaction: boolean) =>
  <A, E>(program: RedisProgram<A, E>, options: RunOptions = {}): Effect.Effect<A, E | StorageError> => {
    const { commands, read } = compile(program)
    if (commands.length === 0) return Effect.suspend(() => settled(read([])))
    const routes = routesOf(commands, transaction)
    if (Either.isLeft(routes)) return Effect.fail(routes.left)
    const send = transaction ? transact : pipeline
    return Effect.flatMap(send(cluster, commands, routes.right, options), (replies) => settled(read(replies)))
  }
