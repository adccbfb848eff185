import type { END, Goto, START } from "./goto.js"

/**
 * Refuses a name that is taken.
 *
 * @since 0.2.0
 */
export type Fresh<Name extends string, Names extends string> = Name extends Names | typeof START | typeof END
  ? NameTaken<Name>
  : unknown

/**
 * Says which name is taken.
 *
 * @since 0.2.0
 */
export interface NameTaken<Name extends string> {
  readonly nameTaken: Name
}

/**
 * The fields of a node's results.
 *
 * @since 0.2.0
 */
export type FieldsOf<Out> = Out extends Goto<infer P, infer _Target> ? (P extends unknown ? keyof P : never)
  : Out extends unknown ? keyof Out
  : never

/**
 * Refuses fields that the state has not.
 *
 * @since 0.2.0
 */
export type Known<Out, State> = [Exclude<FieldsOf<Out>, keyof State>] extends [never] ? unknown
  : UnknownFields<Exclude<FieldsOf<Out>, keyof State>>

/**
 * Says which fields of a patch the state has not.
 *
 * @since 0.2.0
 */
export interface UnknownFields<Names> {
  readonly unknownFields: Names
}

/**
 * Refuses a retry that is not made for every failure of its node.
 *
 * @since 0.2.0
 */
export type Retried<E, E2> = [E] extends [E2] ? unknown : NotRetried<Exclude<E, E2>>

/**
 * Says which failures a retry is not made for.
 *
 * @since 0.2.0
 */
export interface NotRetried<E> {
  readonly notRetried: E
}

/**
 * The nodes that a node's result can lead to.
 *
 * @since 0.2.0
 */
export type TargetsOf<Out> = Out extends Goto<infer _, infer Target> ? Target : never

/**
 * Says which nodes are led to and not declared.
 *
 * @since 0.2.0
 */
export interface MissingNodes<Names extends string> {
  readonly missingNodes: Names
}
