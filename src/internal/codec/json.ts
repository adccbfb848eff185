import * as Effect from "effect/Effect"
import type { Base } from "./stage.js"

export const json: Base = {
  name: "json",
  binary: false,
  encode: Effect.succeed,
  decode: Effect.succeed
}
