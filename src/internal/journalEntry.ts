/**
 * How an entry of a key-value store is sealed: checksum and length, then the
 * body. A write that was cut off leaves a proper prefix, which is told apart
 * from bytes that changed later.
 */
import { crc32 } from "node:zlib"

const hex = (value: number): string => value.toString(16).padStart(8, "0")

export const seal = (value: unknown): string => {
  const body = JSON.stringify(value)
  return `${hex(crc32(body))} ${body.length}\n${body}`
}

export type Unsealed =
  | { readonly _tag: "Whole"; readonly value: unknown; readonly size: number }
  | { readonly _tag: "Torn" }
  | { readonly _tag: "Damaged" }

const shape = /^([0-9a-f]{8}) ([0-9]+)\n/

export const unseal = (text: string): Unsealed => {
  const header = shape.exec(text)
  if (header === null) return { _tag: "Torn" }
  const body = text.slice(header[0].length)
  const length = Number(header[2])
  if (body.length < length) return { _tag: "Torn" }
  return body.length === length && hex(crc32(body)) === header[1]
    ? { _tag: "Whole", value: JSON.parse(body), size: text.length }
    : { _tag: "Damaged" }
}
