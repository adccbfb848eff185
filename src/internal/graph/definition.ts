import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type { Execution } from "../runner/execution.js"
import type { Direction } from "../schema/checks.js"

/** A state, or a part of one: the builder's types say which fields it has. */
export type Fields = { readonly [field: string]: unknown }

/** Where a node wants to go on, instead of along its edges. */
export interface Jump {
  readonly targets: ReadonlyArray<string>
  readonly patch: Fields
}

export interface Edge {
  readonly from: string
  /** All that it can lead to, in declaration order. */
  readonly to: ReadonlyArray<string>
  /** Among them; absent: all. */
  readonly decide?: ((state: Fields) => string | ReadonlyArray<string>) | undefined
}

/** A node that runs another graph as an execution of its own. */
export interface Child<E, R> {
  readonly definition: Definition<E, R>
  readonly input: (state: Fields) => Fields
  readonly output: (child: Fields, state: Fields) => Fields
}

export interface Node<E, R> {
  readonly name: string
  readonly run: Effectful<E, R> | Child<E, R>
  readonly retry?: Schedule.Schedule<unknown, E, R> | undefined
  readonly before: (state: Fields) => boolean
  readonly after: (state: Fields) => boolean
  /** For drawing: where its `goto`s lead. */
  readonly goto: ReadonlyArray<string>
}

/** What `node` was given: a patch, or a jump. */
export type Effectful<E, R> = (state: Fields) => Effect.Effect<unknown, E, R | Execution>

export interface Definition<E, R> {
  readonly name: string
  readonly state: Schema.Schema<Fields, unknown, R>
  /** What the schema of the state gives, where that can be told without it. */
  readonly plain: { readonly [direction in Direction]: (input: unknown) => unknown }
  /** One codec a field, for patches. */
  readonly fields: { readonly [field: string]: Schema.Schema<Fields, unknown, R> }
  readonly reducers: { readonly [field: string]: (current: unknown, patch: unknown) => unknown }
  readonly stateVersion: number
  readonly migrations: { readonly [version: number]: (encoded: unknown) => unknown }
  readonly nodes: ReadonlyMap<string, Node<E, R>>
  readonly edges: ReadonlyArray<Edge>
  readonly edgesFrom: ReadonlyMap<string, ReadonlyArray<Edge>>
}
