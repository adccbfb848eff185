/** A checkpoint and the fields of its JSON. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { Checkpoint, Metadata } from "../schema/Checkpoint.js"
import { millisOf } from "./rfc3339.js"

/** The stored fields that are the library's. */
export interface Known {
  readonly id: string
  readonly node_name: string
  readonly state?: unknown
  readonly metadata?: Metadata | null | undefined
  readonly version: number
}

const knownNames: ReadonlySet<string> = new Set(["id", "node_name", "state", "metadata", "timestamp", "version"])

const executionOf = (metadata: Metadata): Option.Option<string> => {
  const owner = Object.hasOwn(metadata, "execution_id") ? metadata["execution_id"] : undefined
  return typeof owner === "string" && owner !== "" ? Option.some(owner) : Option.none()
}

const restOf = (metadata: Metadata, owned: boolean): Metadata => {
  const { write_id: _, ...rest } = metadata
  if (!owned) return rest
  const { execution_id: __, ...free } = rest
  return free
}

/** Most have nothing else. */
const without = (metadata: Metadata, owned: boolean): Metadata => {
  for (const name in metadata) {
    if (name !== "write_id" && !(owned && name === "execution_id")) return restOf(metadata, owned)
  }
  return {}
}

const unknownOf = (wire: object): Metadata => {
  for (const name in wire) {
    if (!knownNames.has(name)) return Object.fromEntries(Object.entries(wire).filter(([name]) => !knownNames.has(name)))
  }
  return {}
}

/** `wire` is what the known fields were read from. */
export const fromWire = (wire: object, known: Known, timestamp: DateTime.Utc): Checkpoint<unknown> => {
  const metadata = known.metadata ?? {}
  const executionId = executionOf(metadata)
  return {
    id: known.id,
    executionId,
    nodeName: known.node_name,
    state: known.state,
    metadata: without(metadata, Option.isSome(executionId)),
    timestamp,
    version: known.version,
    unknownFields: unknownOf(wire)
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isKnown = (wire: object & { readonly [K in keyof Known]?: unknown }): wire is Known =>
  typeof wire.id === "string" && typeof wire.node_name === "string" && Number.isSafeInteger(wire.version) &&
  (wire.metadata === undefined || wire.metadata === null || isObject(wire.metadata))

const epoch = DateTime.unsafeMake(0)

/** In half the time of `unsafeMake`, which has to find out what it is given. */
const utc = (millis: number): DateTime.Utc => DateTime.mapEpochMillis(epoch, () => millis)

/** What the schema of the envelope makes of parsed JSON, without it; undefined where it has to say what is wrong. */
export const fromJson = (json: unknown): Checkpoint<unknown> | undefined => {
  if (!isObject(json) || !isKnown(json)) return undefined
  const { timestamp } = json as { readonly timestamp?: unknown }
  const millis = typeof timestamp === "string" ? millisOf(timestamp) : NaN
  return Number.isNaN(millis) ? undefined : fromWire(json, json, utc(millis))
}
