/**
 * How a run ends when it does not fail: at its end, waiting for somebody, or asleep.
 *
 * @since 0.2.0
 */
import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Option from "effect/Option"

/**
 * Something that an execution waits for. A gate, `before` or `after` a node, is passed by any answer;
 * an `ask` wants one that fits its schema.
 *
 * @since 0.2.0
 */
export interface Request {
  /**
   * Names it in `answer` and `resume`: `before:<node>@<version>`, `after:<node>@<version>`,
   * `ask:<node>:<name>@<version>`, behind `<node>@<version>/` those of a child. The version is that of the
   * checkpoint which led there: in the next round of a cycle it is another one, so that an answer which
   * comes late or twice approves nothing else.
   */
  readonly id: string
  readonly kind: "before" | "after" | "ask"
  /** The execution that waits: this one, or a child of it. */
  readonly executionId: string
  /** In a program: its name. */
  readonly node: string
  /** What `ask` was given as its question, as JSON; null at a gate. */
  readonly payload: unknown
  /** Why the last answer was not taken. */
  readonly rejected: Option.Option<string>
}

/**
 * The execution is at its end. Started or resumed again, it gives the same.
 *
 * @since 0.2.0
 */
export interface Completed<out A> {
  readonly _tag: "Completed"
  readonly executionId: string
  /** The last state of a graph, the result of a program; decoded from what was stored. */
  readonly value: A
  /** Of the last checkpoint. */
  readonly version: number
}

/**
 * The execution waits for answers. Everything before is stored; no process is needed meanwhile.
 *
 * @since 0.2.0
 */
export interface Interrupted {
  readonly _tag: "Interrupted"
  readonly executionId: string
  /** At least one. */
  readonly requests: ReadonlyArray<Request>
}

/**
 * The execution sleeps. After `until`, by the server's clock, `resume` or a recovery daemon goes on.
 *
 * @since 0.2.0
 */
export interface Sleeping {
  readonly _tag: "Sleeping"
  readonly executionId: string
  readonly until: DateTime.Utc
}

/**
 * How a run ended.
 *
 * @since 0.2.0
 */
export type Outcome<A> = Completed<A> | Interrupted | Sleeping

interface Definition extends Data.TaggedEnum.WithGenerics<1> {
  readonly taggedEnum: Outcome<this["A"]>
}

/**
 * Constructors, `$is` and `$match`.
 *
 * @example
 * ```ts
 * import { Outcome } from "effect-checkpoint"
 *
 * export const say = (outcome: Outcome.Outcome<string>) =>
 *   Outcome.Outcome.$match(outcome, {
 *     Completed: ({ value }) => value,
 *     Interrupted: ({ requests }) => `waiting for ${requests.map(({ id }) => id).join(", ")}`,
 *     Sleeping: ({ until }) => `asleep until ${until}`
 *   })
 * ```
 *
 * @since 0.2.0
 */
export const Outcome = Data.taggedEnum<Definition>()
