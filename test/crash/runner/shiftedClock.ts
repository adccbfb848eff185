/** A clock that is wrong by a fixed time, and runs as fast as the right one. */
import { Clock, Effect } from "effect"

export const shiftedClock = (ahead: number): Clock.Clock => {
  const right = Clock.make()
  const millis = () => right.unsafeCurrentTimeMillis() + ahead
  const nanos = () => right.unsafeCurrentTimeNanos() + BigInt(ahead) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => right.sleep(duration)
  }
}
