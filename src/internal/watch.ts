import type * as MetricLabel from "effect/MetricLabel"

/** What goes on, and can be stopped. */
export interface Stoppable {
  readonly stop: () => void
}

const none: ReadonlyArray<Stoppable> = []

/**
 * What an effect waits for that ends by itself, stopped by who runs the effect, once, when it is interrupted:
 * a finalizer of its own would be most of what a round trip costs this side.
 */
export class Watch {
  private one: Stoppable | undefined
  /** Of what goes on at the same time. */
  private others: ReadonlyArray<Stoppable> = none

  /** `labels` are of the metrics of what is watched. */
  constructor(readonly labels: ReadonlyArray<MetricLabel.MetricLabel>) {}

  enter(stoppable: Stoppable): void {
    if (this.one === undefined) this.one = stoppable
    else this.others = [...this.others, stoppable]
  }

  leave(stoppable: Stoppable): void {
    if (this.one === stoppable) this.one = undefined
    else this.others = this.others.filter((other) => other !== stoppable)
  }

  stop(): void {
    this.one?.stop()
    for (const other of this.others) other.stop()
  }
}
