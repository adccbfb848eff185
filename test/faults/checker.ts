/**
 * Decides whether a history of concurrent operations can be explained by some
 * order of them that respects real time: linearizability (Herlihy & Wing 1990).
 *
 * The search is that of Wing & Gong, "Testing and verifying concurrent objects"
 * (1993), with the memory of Lowe, "Testing for linearizability" (2017): what was
 * reached by another order is not searched again. Horn & Kroening, "Faster
 * linearizability checking via P-compositionality" (2015), is for the caller: a
 * history of independent objects is checked object by object. Porcupine and
 * Knossos do the same.
 */

/** A part of an operation that takes effect at one instant. */
export interface Step<State> {
  readonly label: string
  /** Instants on one clock; it took effect between them. */
  readonly begun: number
  /** Infinity when nobody knows that it has ended. */
  readonly ended: number
  /** Whether it took effect for certain; else it may never have. */
  readonly required: boolean
  /** Whether it changes nothing that others can see: such a step is taken as soon as it fits. */
  readonly reads: boolean
  /** The step of the same operation that comes first. */
  readonly behind?: Step<State> | undefined
  /** What it can leave of a state; nothing when it cannot have happened there. */
  readonly apply: (state: State) => ReadonlyArray<State>
}

export interface Taken<State> {
  readonly step: Step<State>
  readonly before: State
  readonly after: State
}

export type Verdict<State> =
  | { readonly _tag: "Explained"; readonly order: ReadonlyArray<Taken<State>>; readonly visited: number }
  | {
    readonly _tag: "Violation"
    /** The longest order that could be found, and what fits nowhere behind it. */
    readonly order: ReadonlyArray<Taken<State>>
    readonly stuck: ReadonlyArray<Step<State>>
    readonly visited: number
  }
  /** The budget was used up. Nothing is known: count it as a failure. */
  | { readonly _tag: "Undecided"; readonly visited: number }

export interface Options<State> {
  readonly initial: State
  /** Equal for equal states. */
  readonly key: (state: State) => string
  /** The most configurations to look at. */
  readonly budget?: number | undefined
}

const defaultBudget = 200_000

class Search<State> {
  readonly order: Array<Taken<State>> = []
  longest: ReadonlyArray<Taken<State>> = []
  private readonly seen = new Set<string>()

  constructor(
    private readonly steps: ReadonlyArray<Step<State>>,
    private readonly key: (state: State) => string,
    private readonly budget: number
  ) {}

  get visited(): number {
    return this.seen.size
  }

  get exhausted(): boolean {
    return this.seen.size >= this.budget
  }

  /** Whether what is not in `done` can follow on `state`. On success `order` is how. */
  from(done: bigint, state: State): boolean {
    const depth = this.order.length
    const settled = this.settle(done, state)
    if (this.order.length > this.longest.length) this.longest = [...this.order]
    if (this.isComplete(settled) || this.branch(settled, state)) return true
    this.order.length = depth
    return false
  }

  candidates(done: bigint): ReadonlyArray<number> {
    let deadline = Infinity
    this.steps.forEach(({ ended, required }, i) => {
      if (required && !has(done, i)) deadline = Math.min(deadline, ended)
    })
    return this.steps.flatMap((step, i) => {
      if (has(done, i) || step.begun > deadline) return []
      return step.behind === undefined || has(done, this.steps.indexOf(step.behind)) ? [i] : []
    })
  }

  private isComplete(done: bigint): boolean {
    return this.steps.every(({ required }, i) => !required || has(done, i))
  }

  /** Takes every read that fits: later it could only be in the way. */
  private settle(done: bigint, state: State): bigint {
    let settled = done
    for (let found = true; found;) {
      found = false
      for (const i of this.candidates(settled)) {
        const step = this.steps[i]!
        if (!step.reads || !step.apply(state).includes(state)) continue
        this.order.push({ step, before: state, after: state })
        settled |= 1n << BigInt(i)
        found = true
      }
    }
    return settled
  }

  private branch(done: bigint, state: State): boolean {
    const configuration = `${done.toString(36)} ${this.key(state)}`
    if (this.seen.has(configuration) || this.exhausted) return false
    this.seen.add(configuration)
    for (const i of this.candidates(done)) {
      const step = this.steps[i]!
      for (const after of step.apply(state)) {
        this.order.push({ step, before: state, after })
        if (this.from(done | (1n << BigInt(i)), after)) return true
        this.order.pop()
        if (this.exhausted) return false
      }
    }
    return false
  }
}

const has = (bits: bigint, i: number): boolean => ((bits >> BigInt(i)) & 1n) === 1n

export const check = <State>(steps: ReadonlyArray<Step<State>>, options: Options<State>): Verdict<State> => {
  const ordered = steps.toSorted((a, b) => a.begun - b.begun)
  const search = new Search(ordered, options.key, options.budget ?? defaultBudget)
  if (search.from(0n, options.initial)) {
    return { _tag: "Explained", order: search.order, visited: search.visited }
  }
  const { longest: order, visited } = search
  if (search.exhausted) return { _tag: "Undecided", visited }
  const taken = new Set(order.map(({ step }) => step))
  const done = ordered.reduce((bits, step, i) => taken.has(step) ? bits | (1n << BigInt(i)) : bits, 0n)
  return { _tag: "Violation", order, stuck: search.candidates(done).map((i) => ordered[i]!), visited }
}
