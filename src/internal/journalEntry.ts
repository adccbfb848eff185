/**
 * How an entry of a key-value store is sealed: checksum and length, then the
 * body. A write that was cut off leaves a proper prefix, which is told apart
 * from bytes that changed later.
 */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

/** CRC-32 of a byte string; -1 for what is none. */
const checksum = (text: string): number => {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) return -1
    crc = table[(crc ^ code) & 0xff]! ^ (crc >>> 8)
  }
  return (crc ^ 0xffffffff) >>> 0
}

const hex = (value: number): string => value.toString(16).padStart(8, "0")

export const seal = (value: unknown): string => {
  const body = JSON.stringify(value)
  return `${hex(checksum(body))} ${body.length}\n${body}`
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
  return body.length === length && hex(checksum(body)) === header[1]
    ? { _tag: "Whole", value: JSON.parse(body), size: text.length }
    : { _tag: "Damaged" }
}
