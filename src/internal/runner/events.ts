import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { RunnerEvent } from "../../services/RunnerEvent.js"
import type { Fields } from "../graph/definition.js"

type Event = RunnerEvent<Fields>

/** Full, it holds the run up. */
const capacity = 16

/**
 * A run as a stream of what happens in it. The run is a fiber of the stream's scope: who stops
 * listening interrupts it.
 */
export const eventsOf = <E, R>(
  run: (emit: (event: Event) => Effect.Effect<void>) => Effect.Effect<unknown, E, R>
): Stream.Stream<Event, E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const queue = yield* Effect.acquireRelease(
      Queue.bounded<Exit.Exit<Event, Cause.Cause<E> | undefined>>(capacity),
      Queue.shutdown
    )
    const send = (event: Exit.Exit<Event, Cause.Cause<E> | undefined>) =>
      // Nobody listens any more when this is interrupted; the run has been, too.
      Effect.asVoid(Effect.exit(Effect.interruptible(Queue.offer(queue, event))))
    yield* run((event) => send(Exit.succeed(event))).pipe(
      Effect.onExit((exit) => send(Exit.fail(Exit.isSuccess(exit) ? undefined : exit.cause))),
      Effect.forkScoped
    )
    return Stream.repeatEffect(Queue.take(queue)).pipe(
      Stream.takeUntil(Exit.isFailure),
      Stream.mapEffect((event) => event),
      Stream.catchAll((cause) => cause === undefined ? Stream.empty : Stream.failCause(cause))
    )
  }))
