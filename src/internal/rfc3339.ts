const pattern =
  /^(\d{4}-\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-](?:[01]\d|2[0-3]):[0-5]\d))$/

/** As JavaScript writes them, and so this library. */
const usual = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

const first = Date.parse("0000-01-01T00:00:00.000Z")
const last = Date.parse("9999-12-31T23:59:59.999Z")

const usualMillis = (text: string, day: string): number => {
  const millis = Date.parse(text)
  // Date.parse lets 30 February through as 1 March.
  return new Date(millis).getUTCDate() === Number(day) ? millis : NaN
}

/** Milliseconds since 1970 of an RFC 3339 time, finer decimals cut off; NaN for any other text. */
export const millisOf = (text: string): number => {
  if (usual.test(text)) return usualMillis(text, text.slice(8, 10))
  const match = pattern.exec(text)
  if (match === null) return NaN
  const [, month, day = "", hours, minutes, seconds, fraction = "", offset = "Z"] = match
  const millis = fraction.padEnd(3, "0").slice(0, 3)
  const local = usualMillis(`${month}-${day}T${hours}:${minutes}:${seconds}.${millis}Z`, day)
  if (offset === "Z") return local
  const shift = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))) * 60_000
  const moved = offset.startsWith("-") ? local + shift : local - shift
  return moved < first || moved > last ? NaN : moved
}

let written: { readonly millis: number; readonly text: string | undefined } = { millis: NaN, text: undefined }

/** As text, in UTC; undefined outside of the years 0 to 9999. Many checkpoints are of the same millisecond. */
export const rfc3339 = (millis: number): string | undefined => {
  if (written.millis === millis) return written.text
  const text = new Date(millis).toISOString()
  written = { millis, text: /^\d{4}-/.test(text) ? text : undefined }
  return written.text
}
