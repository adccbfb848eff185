const pattern =
  /^(\d{4}-\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-](?:[01]\d|2[0-3]):[0-5]\d))$/

const first = Date.parse("0000-01-01T00:00:00.000Z")
const last = Date.parse("9999-12-31T23:59:59.999Z")

const dated = (text: string, day: string): number => {
  const millis = Date.parse(text)
  // Date.parse lets 30 February through as 1 March.
  return new Date(millis).getUTCDate() === Number(day) ? millis : NaN
}

/** In any of the forms that RFC 3339 has. */
const anyMillis = (text: string): number => {
  const match = pattern.exec(text)
  if (match === null) return NaN
  const [, month, day = "", hours, minutes, seconds, fraction = "", offset = "Z"] = match
  const millis = fraction.padEnd(3, "0").slice(0, 3)
  const local = dated(`${month}-${day}T${hours}:${minutes}:${seconds}.${millis}Z`, day)
  if (offset === "Z") return local
  const shift = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))) * 60_000
  const moved = offset.startsWith("-") ? local + shift : local - shift
  return moved < first || moved > last ? NaN : moved
}

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : NaN
}

const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

const three = (text: string, at: number): number => two(text, at) * 10 + digit(text, at + 2)

/** `2025-12-06T13:43:19.123Z`, as JavaScript writes them, and so this library. */
const isUsual = (text: string): boolean =>
  text.length === 24 && text[10] === "T" && text[13] === ":" && text[16] === ":" && text[19] === "." && text[23] === "Z"

/** Of a usual text; NaN where something is no digit, or too many. */
const sinceMidnight = (text: string): number => {
  const hours = two(text, 11)
  const minutes = two(text, 14)
  const seconds = two(text, 17)
  return hours < 24 && minutes < 60 && seconds < 60
    ? ((hours * 60 + minutes) * 60 + seconds) * 1_000 + three(text, 20)
    : NaN
}

/** The day that was read last: the checkpoints of a page are of few. */
let known = { day: "none", midnight: NaN }

const midnightOf = (text: string): number => {
  if (text.startsWith(known.day)) return known.midnight
  const day = text.slice(0, 10)
  const midnight = anyMillis(`${day}T00:00:00.000Z`)
  if (!Number.isNaN(midnight)) known = { day, midnight }
  return midnight
}

/** Milliseconds since 1970 of an RFC 3339 time, finer decimals cut off; NaN for any other text. */
export const millisOf = (text: string): number =>
  isUsual(text) ? midnightOf(text) + sinceMidnight(text) : anyMillis(text)

let written: { readonly millis: number; readonly text: string | undefined } = { millis: NaN, text: undefined }

/** As text, in UTC; undefined outside of the years 0 to 9999. Many checkpoints are of the same millisecond. */
export const rfc3339 = (millis: number): string | undefined => {
  if (written.millis === millis) return written.text
  const text = new Date(millis).toISOString()
  written = { millis, text: /^\d{4}-/.test(text) ? text : undefined }
  return written.text
}
