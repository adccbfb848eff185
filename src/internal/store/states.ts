import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Checkpoint, Input } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import { checkpointKey } from "../../services/KeyLayout.js"
import { Coded } from "../codec/coded.js"
import type { Place } from "../codec/stage.js"
import { jsonLoss, Lossless } from "../json.js"
import * as Settled from "../settled.js"
import type { Core } from "./core.js"
import { decodeError } from "./decode.js"
import { executionOf } from "./encode.js"

const placeOf = (core: Core, id: string, executionId: string, version: number): Place => [
  "checkpoint",
  checkpointKey(core.layout, id, executionId),
  executionId,
  version
]

/** What is wrong with the state is said where that of plain ones is. */
const isJson = (state: unknown): boolean =>
  state instanceof Lossless || (state !== undefined && jsonLoss(state, "state") === undefined)

const jsonOf = (state: unknown): unknown => state instanceof Lossless ? state.value : state

/** Once a save: what is sent again after a lost reply has to be the same bytes. */
export const coding = <State, R>(
  core: Core,
  input: Input<State>,
  encoded: Settled.Settled<unknown, CheckpointEncodeError, R>
): Settled.Settled<unknown, CheckpointEncodeError, R> =>
  core.states.plain ? encoded : Settled.flatMap(encoded, (state) =>
    isJson(state)
      ? Effect.mapBoth(
        core.states.encode(jsonOf(state), placeOf(core, input.id, executionOf(input) ?? "", input.version)),
        {
          onFailure: (issue) => new CheckpointEncodeError({ checkpointId: input.id, issue: `state: ${issue}` }),
          onSuccess: (value) => new Coded(value)
        }
      )
      : Either.right(state))

/** A checkpoint with its state as JSON has it. */
export const uncoded = (
  core: Core,
  checkpoint: Checkpoint<unknown>
): Settled.Settled<Checkpoint<unknown>, CheckpointDecodeError, never> => {
  const { executionId, id, state, version } = checkpoint
  if (!core.states.isCoded(state)) return Either.right(checkpoint)
  const owner = Option.getOrElse(executionId, () => "")
  return Effect.mapBoth(core.states.decode(state, placeOf(core, id, owner, version)), {
    onFailure: (issue) => decodeError(core.layout, id, `state: ${issue}`, owner),
    onSuccess: (state) => ({ ...checkpoint, state })
  })
}
