/** Programs, daemons and dead processes for the rules of recovery. */
import { Effect, Schema } from "effect"
import { CheckpointStore, type Execution, ExecutionProgram, Graph, Recovery, Redis, Runner } from "effect-checkpoint"

export const graphOf = <E>(run: (executionId: string) => Effect.Effect<void, E, Execution.Execution>) =>
  Graph.fromProgram("p", Schema.Void, run)

/** A process that died while it held the execution. */
export const dies = (executionId: string, lease = 30_000) =>
  Effect.gen(function*() {
    const { layout } = yield* CheckpointStore.CheckpointStore
    const claim = { executionId, graph: "p", token: `dead ${Math.random()}`, lease }
    yield* (yield* Redis.Redis).pipeline(ExecutionProgram.claim(layout, claim))
  })

export const recovering = <E>(
  run: (executionId: string) => Effect.Effect<void, E, Execution.Execution>,
  options?: Recovery.Options
) =>
  Effect.gen(function*() {
    const runner = yield* Runner.forGraph(graphOf(run))
    const daemon = yield* Effect.forkScoped(Recovery.daemon(runner, options))
    return { runner, daemon }
  })
