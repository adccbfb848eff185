/** What is measured: operations of the library beside the same work by hand. */
import type { Effect } from "effect"

/** One way to do the work. */
export interface Contender {
  readonly name: string
  /** Milliseconds that `count` operations took, `fibers` of them at a time. */
  readonly run: (count: number, fibers: number) => Effect.Effect<number>
  /** How many it takes whatever the others do: when it cannot tell the time of few. */
  readonly count?: number
  /** Another process does the work: this one's processor time says nothing. */
  readonly outside?: boolean
}

export interface Case {
  readonly verb: string
  /** Bytes of one state as JSON. */
  readonly bytes: number
  readonly fibers: number
  /** What else tells it from other cases of the verb. */
  readonly detail?: string
  /** What ratios are relative to. */
  readonly baseline: Contender
  readonly subjects: ReadonlyArray<Contender>
  /** Before the first round. */
  readonly prepare?: Effect.Effect<unknown>
  /** Before each sample, outside of its time; told how many operations come. */
  readonly reset?: (count: number) => Effect.Effect<unknown>
  /** Operations a sample; default: as many as fill its time. */
  readonly count?: number
}

const units = ["B", "KiB", "MiB"] as const

export const sizeName = (bytes: number): string => {
  const power = bytes < 512 ? 0 : bytes < 1024 * 1024 ? 1 : 2
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}

export const nameOf = ({ bytes, detail, fibers, verb }: Case): string =>
  [verb, detail, sizeName(bytes), `x ${fibers}`].filter((part) => part !== undefined).join(" ")
