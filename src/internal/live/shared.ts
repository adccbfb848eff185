import { RedisCommandError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import { batched, type Call } from "./batching.js"
import type { Connection } from "./connection.js"
import type { Flight } from "./flight.js"
import { issueOne, type Settle } from "./issue.js"
import { forgetMissing, pipelineWires } from "./scripts.js"

/** A call, and whose it is. */
export interface Passenger {
  readonly flight: Flight
  /** Among the commands of the flight. */
  readonly index: number
  readonly call: Call
}

export type Party = [Passenger, ...Array<Passenger>]

const issue = ({ client, loaded }: Connection, call: Call, settle: Settle): void => {
  const [wire] = pipelineWires([call], loaded, false)
  if (wire !== undefined) issueOne(client, call, wire, settle)
}

/** Sends a call as a command of its own. */
export const sendAlone = (connection: Connection, { call, flight, index }: Passenger): void =>
  issue(connection, call, {
    replied: ([reply = null]) => flight.serve(index, reply),
    discarded: (error) => flight.serve(index, error),
    lost: (error) => flight.lost(error)
  })

/** Calls on their way as one command. */
export class Shared implements Settle {
  private readonly call: Call

  constructor(private readonly connection: Connection, private readonly party: Party) {
    const [first, ...others] = party
    this.call = batched([first.call, ...others.map(({ call }) => call)])
  }

  send(): void {
    issue(this.connection, this.call, this)
  }

  replied([reply = null]: ReadonlyArray<Reply>): void {
    if (reply instanceof RedisCommandError) {
      this.discarded(reply)
      return
    }
    const replies = Array.isArray(reply) ? reply : []
    this.party.forEach(({ flight, index }, i) => flight.serve(index, replies[i] ?? null))
  }

  /** But for what broke while it ran, Redis has looked at the whole and run nothing: each learns alone what it is about. */
  discarded(error: RedisCommandError): void {
    forgetMissing([this.call], [error], this.connection.loaded)
    for (const passenger of this.party) {
      // Who was interrupted must not be run later.
      if (passenger.flight.isSettled) continue
      if (error.code === "ERR") passenger.flight.serve(passenger.index, error)
      else if (this.connection.isOpen) sendAlone(this.connection, passenger)
      else passenger.flight.lost(error)
    }
  }

  lost(error: unknown): void {
    for (const { flight } of this.party) flight.lost(error)
  }
}
