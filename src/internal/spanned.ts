import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import type * as MetricLabel from "effect/MetricLabel"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Tracer from "effect/Tracer"

/** Where an effect runs. */
export interface Surroundings {
  /** The span that was made for it; none where no tracer keeps it. */
  readonly span: Tracer.Span | undefined
  readonly clock: Clock.Clock
  /** Of the fiber's metrics. */
  readonly labels: ReadonlyArray<MetricLabel.MetricLabel>
}

/** One run of an effect, and what is to be done when it has ended: at once, by no effect. */
export interface Observed<A, E, R> {
  /** Has to name the span as the parent of what goes on inside. */
  readonly effect: Effect.Effect<A, E, R>
  readonly ended: (exit: Exit.Exit<A, E>) => void
}

type Begin<A, E, R> = (surroundings: Surroundings) => Observed<A, E, R>

const run = <A, E, R>(
  begin: Begin<A, E, R>,
  surroundings: Surroundings,
  interruptible: boolean
): Effect.Effect<A, E, R> => {
  const { clock, span } = surroundings
  const { effect, ended } = begin(surroundings)
  const end = (exit: Exit.Exit<A, E>): Effect.Effect<A, E> => {
    ended(exit)
    // Without timing a span starts at 0, and ends there.
    span?.end(span.status.startTime === 0n ? 0n : clock.unsafeCurrentTimeNanos(), exit)
    return exit
  }
  return Effect.matchCauseEffect(interruptible ? Effect.interruptible(effect) : effect, {
    onFailure: (cause) => end(Exit.failCause(cause)),
    onSuccess: (value) => end(Exit.succeed(value))
  })
}

/** The tracer of a program that provides none: nobody can see what it is given. */
export const unseen = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/**
 * `Effect.withSpan` and a finalizer in a tenth of their steps: steps are what an operation on Redis
 * costs this side. The span is handed over, not put into the context, which would cost most, and it is
 * made only where a tracer can show it. An effect that is not interruptible needs no mask.
 */
export const spanned = <A, E, R>(
  name: string,
  options: () => Tracer.SpanOptions,
  begin: Begin<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber, { runtimeFlags }) => {
    const interruptible = RuntimeFlags.interruption(runtimeFlags)
    const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
    const labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
    const observed = fiber.currentTracer === unseen
      ? run(begin, { span: undefined, clock, labels }, interruptible)
      : Effect.flatMap(
        Effect.makeSpan(name, options()),
        (span) => run(begin, { span, clock, labels }, interruptible)
      )
    return interruptible ? Effect.uninterruptible(observed) : observed
  })
