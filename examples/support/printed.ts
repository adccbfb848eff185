/** A run, printed as it happens: what a worker tells whoever watches it. */
import { Console, type Effect, Stream } from "effect"
import type { Outcome, RunnerEvent } from "effect-checkpoint"

const end = (outcome: Outcome.Outcome<unknown>): string => {
  switch (outcome._tag) {
    case "Completed":
      return `completed in version ${outcome.version}`
    case "Interrupted":
      return `waiting for ${outcome.requests.map(({ id }) => id).join(", ")}`
    case "Sleeping":
      return `asleep until ${outcome.until}`
  }
}

const line = (event: RunnerEvent.RunnerEvent<unknown>): string => {
  switch (event._tag) {
    case "NodeStarted":
      return `started ${event.node}${event.attempt > 1 ? `, attempt ${event.attempt}` : ""}`
    case "NodeCompleted":
      return event.recorded ? `recorded ${event.node}, not run again` : `finished ${event.node}`
    case "Committed":
      return `committed version ${event.version}, next: ${event.next.join(", ") || "the end"}`
    case "Finished":
      return end(event.outcome)
  }
}

export const printed = <State, Names extends string, E, R>(
  events: Stream.Stream<RunnerEvent.RunnerEvent<State, Names>, E, R>
): Effect.Effect<void, E, R> => Stream.runForEach(events, (event) => Console.log(line(event)))
