import * as Effect from "effect/Effect"
import { jsonLoss } from "../json.js"
import { type Base, loadedOnce, type Making } from "./stage.js"

/** What is used of msgpackr. */
interface Packer {
  readonly pack: (value: unknown) => Uint8Array
  readonly unpack: (bytes: Uint8Array) => unknown
}

const missing = "needs the package msgpackr, which is not installed beside effect-checkpoint"

const packer = loadedOnce<Packer>(async () => {
  const { Packr } = await import("msgpackr")
  // Maps as the specification has them, for readers in other languages; absent fields are left out, as in JSON.
  const options = { useRecords: false, mapsAsObjects: true, skipValues: [undefined] }
  return new Packr(options)
}, missing)

const isHeld = (value: unknown): boolean => {
  if (typeof value === "string") return value.isWellFormed()
  if (typeof value !== "object" || value === null) return true
  if (Array.isArray(value)) return value.every(isHeld)
  // A field toJSON would be called, and __proto__ is renamed when it is read.
  return Object.entries(value).every(([key, field]) =>
    key !== "__proto__" && key !== "toJSON" && key.isWellFormed() && isHeld(field)
  )
}

const damaged = "is no MessagePack of a JSON value"

const unpack = (packer: Packer, bytes: Uint8Array): Effect.Effect<unknown, string> => {
  try {
    const value = packer.unpack(bytes)
    // Extensions of the library make more than JSON has.
    return value === undefined || jsonLoss(value, "") !== undefined ? Effect.fail(damaged) : Effect.succeed(value)
  } catch {
    // The library's message may quote the data.
    return Effect.fail(damaged)
  }
}

const base: Base = {
  name: "messagePack",
  binary: true,
  encode: (state) => isHeld(state) ? Effect.map(packer, (packer) => packer.pack(state)) : Effect.succeed(undefined),
  decode: (data) =>
    data instanceof Uint8Array ? Effect.flatMap(packer, (packer) => unpack(packer, data)) : Effect.fail(damaged)
}

export const messagePack: Making<Base> = Effect.as(packer, base)

/** The same, which finds out that the library is missing when it is needed. */
export const messagePackReader: Base = base
