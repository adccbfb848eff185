import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import { StateDecodeError } from "../../schema/ExecutionErrors.js"
import type { Definition, Fields } from "../graph/definition.js"
import { describe } from "../issue.js"
import { optionsOf, unclear } from "../schema/plain.js"
import * as Settled from "../settled.js"

type Migrations = Pick<Definition<never, never>, "migrations" | "stateVersion">

/** Old states become today's on the side of JSON, one version after the other. */
const migrated = (
  { migrations, stateVersion }: Migrations,
  storedVersion: number,
  encoded: unknown
): Either.Either<unknown, string> => {
  if (storedVersion > stateVersion) return Either.left("it is newer: deploy the code that wrote it")
  let state = encoded
  for (let version = storedVersion; version < stateVersion; version++) {
    const migrate = migrations[version]
    if (migrate === undefined) return Either.left(`there is no migration from version ${version} to ${version + 1}`)
    try {
      state = migrate(state)
    } catch {
      // What it threw may quote the state.
      return Either.left(`the migration from version ${version} to ${version + 1} threw`)
    }
  }
  return Either.right(state)
}

/** A stored state as today's code has it. */
export const decodeState = <E, R>(
  definition: Definition<E, R>,
  checkpointId: string,
  storedVersion: number,
  encoded: unknown
): Settled.Settled<Fields, StateDecodeError, R> => {
  const currentVersion = definition.stateVersion
  const failed = (issue: string) => new StateDecodeError({ checkpointId, storedVersion, currentVersion, issue })
  const state = migrated(definition, storedVersion, encoded)
  if (Either.isLeft(state)) return Either.left(failed(state.left))
  const same = definition.plain.decode(state.right)
  // The schema has accepted it.
  if (same !== unclear) return Either.right(same as Fields)
  return Settled.mapError(
    ParseResult.decodeUnknown(definition.state)(state.right, optionsOf.decode),
    (issue) => failed(describe(issue, "state"))
  )
}

/** A state as JSON has it, or what is wrong with it. */
export const encodeState = <E, R>(
  definition: Definition<E, R>,
  state: Fields
): Settled.Settled<unknown, string, R> => {
  const same = definition.plain.encode(state)
  return same !== unclear ? Either.right(same) : Settled.mapError(
    ParseResult.encode(definition.state)(state, optionsOf.encode),
    (issue) => describe(issue, "state")
  )
}
