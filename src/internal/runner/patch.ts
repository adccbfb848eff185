import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { Definition, Fields } from "../graph/definition.js"
import { describe } from "../issue.js"

/** A patch has no fields but those of the state. */
export const checkPatch = <E, R>(definition: Definition<E, R>, patch: unknown): Either.Either<Fields, string> => {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
    return Either.left("it is not an object of fields of the state; give {} for no change")
  }
  const strange = Object.keys(patch).filter((field) => !Object.hasOwn(definition.fields, field))
  return strange.length === 0
    ? Either.right(patch as Fields)
    : Either.left(`${strange.join(", ")}: the state has no such field`)
}

/** Patches as JSON has them, field by field: a patch has not all fields of the state. */
export const encodePatch = <E, R>(definition: Definition<E, R>, patch: Fields): Effect.Effect<Fields, string, R> =>
  Effect.map(
    Effect.forEach(Object.keys(patch), (field) =>
      Effect.mapError(
        ParseResult.encode(definition.fields[field]!)({ [field]: patch[field] }, {
          errors: "all",
          onExcessProperty: "error"
        }),
        (issue) => describe(issue)
      )),
    (parts) => Object.fromEntries(Object.keys(patch).map((field, i) => [field, parts[i]]))
  )

export const decodePatch = <E, R>(definition: Definition<E, R>, encoded: Fields): Effect.Effect<Fields, string, R> =>
  Effect.map(
    Effect.forEach(Object.keys(encoded), (field) => {
      const schema = definition.fields[field]
      return schema === undefined
        ? Effect.fail(`${field}: the state has no such field`)
        : Effect.mapError(ParseResult.decodeUnknown(schema)(encoded[field]), (issue) => describe(issue))
    }),
    // What was undefined is not in JSON, and was meant.
    (parts): Fields => Object.fromEntries(Object.keys(encoded).map((field, i) => [field, parts[i]?.[field]]))
  )

/** The state with a patch, by the reducers. */
export const merge = <E, R>({ reducers }: Definition<E, R>, state: Fields, patch: Fields): Fields => {
  const merged: { [field: string]: unknown } = { ...state }
  for (const field of Object.keys(patch)) {
    const reduce = reducers[field]
    // A field that the state has not yet has nothing to be joined with.
    merged[field] = reduce === undefined || !Object.hasOwn(state, field)
      ? patch[field]
      : reduce(state[field], patch[field])
  }
  return merged
}
