/** From what one operation costs to what a day of them needs. */
import type { Row } from "../race.js"
import type { Results } from "../results.js"
import * as Assumed from "./assumptions.js"

type Verb = keyof typeof Assumed.verbs

/** Of one operation, in microseconds and bytes. */
export interface Price {
  readonly verb: Verb
  readonly bytes: number
  readonly execution: number
  readonly server: number
  readonly client: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly roundTrips: number
  /** Alone, one after the other. */
  readonly alone: number
}

const rowOf = (rows: ReadonlyArray<Row>, verb: Verb, bytes: number, fibers: number): Row => {
  const found = rows.find((row) =>
    row.verb === verb && row.detail === "" && row.bytes === bytes && row.fibers === fibers
  )
  if (found === undefined) throw new Error(`The last run left out ${verb} with ${fibers} fibers: run npm run bench`)
  return found
}

const priceOf = (rows: ReadonlyArray<Row>, verb: Verb, bytes: number): Price => {
  const [many, one] = [64, 1].map((fibers) => rowOf(rows, verb, bytes, fibers).subjects[0]!)
  const { cpu, server } = many!
  return {
    verb,
    bytes,
    execution: server.execution,
    server: server.cpu,
    client: cpu.median,
    bytesIn: server.bytesIn,
    bytesOut: server.bytesOut,
    roundTrips: one!.server.reads,
    alone: one!.micros.median
  }
}

const isVerb = (name: string): name is Verb => name in Assumed.verbs

export const pricesOf = ({ rows }: Results, bytes: number): ReadonlyArray<Price> =>
  Object.keys(Assumed.verbs).filter(isVerb).map((verb) => priceOf(rows, verb, bytes))

export interface Need {
  readonly executions: number
  readonly bytes: number
  /** Saves a second at the peak. */
  readonly saves: number
  readonly serverCores: number
  readonly clientCores: number
  /** Bytes a second at the peak. */
  readonly network: number
  readonly memory: number
  /** Masters that each of them asks for. */
  readonly shards: { readonly processor: number; readonly memory: number; readonly network: number }
}

const secondsADay = 86_400

export const needOf = (results: Results, bytes: number, executions: number): Need => {
  const prices = pricesOf(results, bytes)
  const memory = results.memory.find((row) => row.bytes === bytes && row.length === Assumed.checkpoints)
  if (memory === undefined) throw new Error("The last run left out memory: run npm run bench")
  const rate = executions / secondsADay * Assumed.peak
  const sum = (of: (price: Price) => number) =>
    prices.reduce((total, price) => total + Assumed.verbs[price.verb] * of(price), 0)
  const serverCores = rate * sum(({ server }) => server) / 1e6
  const network = rate * sum(({ bytesIn, bytesOut }) => bytesIn + bytesOut)
  const stored = executions * Assumed.days * Assumed.checkpoints * memory.ours
  return {
    executions,
    bytes,
    saves: rate * Assumed.checkpoints,
    serverCores,
    clientCores: rate * sum(({ client }) => client) / 1e6,
    network,
    memory: stored,
    shards: {
      processor: Math.ceil(serverCores / Assumed.utilization),
      memory: Math.ceil(stored / Assumed.shardMemory),
      network: Math.ceil(network / (Assumed.shardNetwork / 2))
    }
  }
}
