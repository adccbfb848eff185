import { fit } from "./batching.js"
import type { Connection } from "./connection.js"
import type { Flight } from "./flight.js"
import { type Party, type Passenger, sendAlone, Shared } from "./shared.js"

/** So many leave without waiting for more: the server works on them while the next are made. */
const most = 16

/** So many are enough for a server that has little to do; else half of what it has. */
const enough = 4

/**
 * What fibers send in the same turn of the event loop. It leaves in one system call, and calls of the
 * same script in one command. All of it is under way at once, so that the order is free.
 */
export class Outbox {
  private waiting: Array<Flight> = []
  private scheduled = false
  /** Sent, and without a reply. */
  private flying = 0

  constructor(private readonly connection: Connection) {}

  add(flight: Flight): void {
    this.waiting.push(flight)
    if (this.waiting.length >= Math.min(most, Math.max(enough, this.flying / 2))) {
      this.flush()
    } else if (!this.scheduled) {
      this.scheduled = true
      process.nextTick(() => {
        this.scheduled = false
        this.flush()
      })
    }
  }

  landed(): void {
    this.flying -= 1
  }

  private flush(): void {
    const flights = this.waiting.filter((flight) => !flight.isSettled)
    this.waiting = []
    const { stream } = this.connection.client
    if (!this.connection.isOpen || stream === undefined) {
      for (const flight of flights) this.connection.await(flight)
      return
    }
    for (const flight of flights) flight.board()
    this.flying += flights.length
    stream.cork()
    for (const party of parties(flights)) this.depart(party)
    stream.uncork()
  }

  private depart(party: Flight | Party): void {
    try {
      if (!Array.isArray(party)) party.issue()
      else if (party.length === 1) sendAlone(this.connection, party[0])
      else new Shared(this.connection, party).send()
    } catch (defect) {
      for (const flight of Array.isArray(party) ? party.map(({ flight }) => flight) : [party]) flight.crash(defect)
    }
  }
}

/** Who goes with whom: the calls of a program; single calls that fit, up to 16; and the others by themselves. */
const parties = (flights: ReadonlyArray<Flight>): ReadonlyArray<Flight | Party> => {
  const all: Array<Flight | Party> = []
  const open: Array<Party> = []
  const join = (passenger: Passenger): void => {
    const party = open.find((party) => party.length < most && fit(party[0].call, passenger.call))
    if (party !== undefined) {
      party.push(passenger)
      return
    }
    const made: Party = [passenger]
    open.push(made)
    all.push(made)
  }
  for (const flight of flights) {
    const [call, ...others] = flight.calls ?? []
    if (call === undefined) all.push(flight)
    else if (others.length === 0) join({ flight, index: 0, call })
    else all.push([{ flight, index: 0, call }, ...others.map((call, i) => ({ flight, index: i + 1, call }))])
  }
  return all
}
