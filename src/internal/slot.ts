import { Buffer } from "node:buffer"

export const slots = 16_384

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
  return crc
})

/** What is between the first brace and the next closing one, if that is anything. */
const hashed = (key: Buffer): Buffer => {
  const open = key.indexOf("{")
  const close = open < 0 ? -1 : key.indexOf("}", open + 1)
  return close > open + 1 ? key.subarray(open + 1, close) : key
}

/**
 * The slot of a key. The package that ioredis takes it from is no dependency of this one.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 */
export const slotOf = (key: string | number | Uint8Array): number => {
  let crc = 0
  for (const byte of hashed(Buffer.from(typeof key === "object" ? key : String(key)))) {
    crc = ((crc << 8) ^ table[((crc >> 8) ^ byte) & 0xff]!) & 0xffff
  }
  return crc % slots
}
