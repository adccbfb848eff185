import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import { observeRoundTrip } from "../observeRoundTrip.js"
import type { Connection } from "./connection.js"
import { type Batch, Flight, operationOf } from "./flight.js"

type Replies = Effect.Effect<ReadonlyArray<Reply>, StorageError>

const observed = (connection: Connection, batch: Batch): Replies => {
  const { db, host, port } = connection.settings.target
  const trip = { operation: operationOf(batch), batchSize: batch.commands.length, database: db, address: host, port }
  return observeRoundTrip(trip, batch.parent, () => {
    let flight: Flight | undefined
    return {
      effect: Effect.async((resume) => {
        flight = new Flight(connection, batch, resume)
      }),
      ended: () => flight?.stop()
    }
  })
}

/**
 * Sends the batch once. Fails in time, whatever the server and the network do.
 * Every round trip passes here, retries and replays one by one.
 */
export const roundTrip = (connection: Connection, batch: Batch): Replies =>
  batch.watch === undefined
    ? observed(connection, batch)
    : Effect.async((resume) => void new Flight(connection, batch, resume))
