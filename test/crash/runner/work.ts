/** What is run: works whose effects are numbered, and whose value is all numbers in order. */
import { Effect, Schema } from "effect"
import { Execution, Graph, Outcome, Runner } from "effect-checkpoint"
import type { Job } from "./job.js"

/** Does the effect of a number. */
export type Perform = (i: number) => Effect.Effect<void>

export const width = 6

const append = (all: ReadonlyArray<number>, more: ReadonlyArray<number>) => [...all, ...more]

/** One node after another. */
export const graph = (perform: Perform, size: number) => {
  const node = ({ n }: { readonly n: number }) => Effect.as(perform(n), { n: n + 1, trail: [n] })
  return Graph.make("graph", {
    state: Schema.Struct({ n: Schema.Int, trail: Schema.Array(Schema.Int) }),
    reducers: { trail: append }
  })
    .node("even", node)
    .node("odd", node)
    .edge(Graph.START, "even")
    .branch("even", ["odd", Graph.END], ({ n }) => n < size ? "odd" : Graph.END)
    .branch("odd", ["even", Graph.END], ({ n }) => n < size ? "even" : Graph.END)
    .build()
}

/** Six nodes at once, for some rounds. */
export const fanOut = (perform: Perform, size: number) => {
  const node = (branch: number) => ({ round }: { readonly round: number }) => {
    const i = round * width + branch
    return Effect.as(perform(i), branch === 0 ? { round: round + 1, trail: [i] } : { trail: [i] })
  }
  const all = ["0", "1", "2", "3", "4", "5"] as const
  return Graph.make("fan-out", {
    state: Schema.Struct({ round: Schema.Int, trail: Schema.Array(Schema.Int) }),
    reducers: { trail: append }
  })
    .node("0", node(0))
    .node("1", node(1))
    .node("2", node(2))
    .node("3", node(3))
    .node("4", node(4))
    .node("5", node(5))
    .edge(Graph.START, all)
    .branch("0", [...all, Graph.END], ({ round }) => round < size ? all : Graph.END)
    .build()
}

/** All in the execution of a child. */
export const nested = (perform: Perform, size: number) =>
  Graph.make("nested", { state: Schema.Struct({ trail: Schema.Array(Schema.Int) }) })
    .child("child", graph(perform, size), {
      input: () => ({ n: 0, trail: [] }),
      output: ({ trail }) => ({ trail })
    })
    .edge(Graph.START, "child")
    .build()

const step = (perform: Perform) => (i: number) => Execution.step(String(i), Effect.as(perform(i), i), Schema.Int)

const Trail = Schema.Array(Schema.Int)

const program = (perform: Perform, size: number) =>
  Effect.forEach(Array.from({ length: size }, (_, i) => i), step(perform))

/** Two steps with a durable sleep of `size` milliseconds between them. */
const nap = (perform: Perform, size: number) =>
  Effect.gen(function*() {
    const before = yield* step(perform)(0)
    yield* Execution.sleep("nap", size)
    return [before, yield* step(perform)(1)]
  })

export const programs = {
  program: (perform: Perform, size: number) => Graph.fromProgram("program", Trail, () => program(perform, size)),
  nap: (perform: Perform, size: number) => Graph.fromProgram("nap", Trail, () => nap(perform, size))
}

const trailOf = (outcome: Outcome.Outcome<{ readonly trail: ReadonlyArray<number> }>) =>
  outcome._tag === "Completed" ? Outcome.Outcome.Completed({ ...outcome, value: outcome.value.trail }) : outcome

/** Runs an execution of a work; gives the numbers. */
export const run = (
  perform: Perform,
  { executionId, size, work }: Pick<Job, "executionId" | "size" | "work">,
  options: Runner.Policy = {}
) => {
  switch (work) {
    case "graph":
      return Effect.flatMap(
        Runner.forGraph(graph(perform, size), options),
        (runner) => Effect.map(runner.start(executionId, { n: 0, trail: [] }), trailOf)
      )
    case "fan-out":
      return Effect.flatMap(
        Runner.forGraph(fanOut(perform, size), options),
        (runner) => Effect.map(runner.start(executionId, { round: 0, trail: [] }), trailOf)
      )
    case "nested":
      return Effect.flatMap(
        Runner.forGraph(nested(perform, size), options),
        (runner) => Effect.map(runner.start(executionId, { trail: [] }), trailOf)
      )
    case "program":
      return Runner.run(program(perform, size), { ...options, executionId, name: work, success: Trail })
    case "nap":
      return Runner.run(nap(perform, size), { ...options, executionId, name: work, success: Trail })
  }
}

/** How many effects a work has. */
export const effectsOf = ({ size, work }: Pick<Job, "size" | "work">): number => {
  if (work === "nap") return 2
  return work === "fan-out" ? size * width : size
}
