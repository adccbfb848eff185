/** Extract, transform six regions at once, load. What the regions give is added up by reducers. */
import { Effect, Schema } from "effect"
import { Execution, Graph } from "effect-checkpoint"
import { World } from "../support/World.js"

const Etl = Schema.Struct({
  rows: Schema.Array(Schema.Struct({ region: Schema.String, cents: Schema.Int })),
  cents: Schema.Int,
  regions: Schema.Array(Schema.String),
  loaded: Schema.Boolean
})

type Etl = typeof Etl.Type

export const empty: Etl = { rows: [], cents: 0, regions: [], loaded: false }

export const regions = ["north", "south", "east", "west", "islands", "abroad"] as const

const extract = () =>
  Effect.succeed({ rows: Array.from({ length: 600 }, (_, i) => ({ region: regions[i % 6] ?? "", cents: 100 + i })) })

const large = new Set<string>(["west", "islands", "abroad"])

/** Large regions take longer. */
const transform = (region: typeof regions[number]) => ({ rows }: Etl) =>
  Effect.gen(function*() {
    const world = yield* World
    yield* world.write(`transform ${region}`)
    yield* Effect.sleep(large.has(region) ? "3 seconds" : "100 millis")
    const cents = rows.filter((row) => row.region === region).reduce((sum, row) => sum + row.cents, 0)
    return { cents, regions: [region] }
  })

/** The warehouse takes a load once for each key. */
const load = ({ cents }: Etl) =>
  Effect.gen(function*() {
    const world = yield* World
    yield* world.write(`load ${cents} ${yield* Execution.idempotencyKey("load")}`)
    return { loaded: true }
  })

export const etl = Graph.make("etl", {
  state: Etl,
  reducers: { cents: (sum, more) => sum + more, regions: (all, more) => [...all, ...more] }
})
  .node("extract", extract)
  .node("north", transform("north"))
  .node("south", transform("south"))
  .node("east", transform("east"))
  .node("west", transform("west"))
  .node("islands", transform("islands"))
  .node("abroad", transform("abroad"))
  .node("load", load)
  .edge(Graph.START, "extract")
  .edge("extract", regions)
  .edge("north", "load")
  .edge("south", "load")
  .edge("east", "load")
  .edge("west", "load")
  .edge("islands", "load")
  .edge("abroad", "load")
  .build()
