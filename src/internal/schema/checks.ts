/**
 * Checks of values that are stored as the program has them: they give a value as Schema would, itself where
 * nothing is to be left out, so that most allocate nothing.
 */

/** No value of the schema. */
export const invalid: unique symbol = Symbol("invalid")

/** Only Schema can tell. */
export const unclear: unique symbol = Symbol("unclear")

/** The value as Schema gives it, `invalid` or `unclear`. */
export type Check = (input: unknown) => unknown

/**
 * Out of JSON, where fields that the schema has not are left out, or out of a program, where they are an error
 * and what JSON would lose is left to Schema.
 */
export type Direction = "decode" | "encode"

type Fields = { [name: string]: unknown }

export const holding = (holds: (input: unknown) => boolean): Check => (input) => holds(input) ? input : invalid

/** What has another prototype may have getters and inherited fields. */
const isPlain = (input: unknown): input is Fields =>
  typeof input === "object" && input !== null && Object.getPrototypeOf(input) === Object.prototype

const notPlain = (input: unknown): typeof invalid | typeof unclear =>
  typeof input === "object" && input !== null && !Array.isArray(input) ? unclear : invalid

export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly check: Check
}

/** Symbols are no part of JSON, but of what Schema would refuse. */
const hasSymbols = (input: object): boolean => Object.getOwnPropertySymbols(input).length > 0

/** Keys that are not of the fields; what is not enumerable is no part of a value, here as in JSON. */
const hasMore = (input: object, count: number): boolean => Object.keys(input).length !== count || hasSymbols(input)

/** Fields of an object that are looked at already, and what they are to be. */
interface Begun {
  readonly out: Fields
  /** So many fields of the schema are behind. */
  readonly at: number
  /** Those among them that the object did not have where they should be, as bits. */
  readonly skipped: number
}

/** So many bits are sure. */
const mostSkipped = 31

/** A struct whose fields are in another order, or not the fields of the schema. */
const rearranged = (
  input: Fields,
  fields: ReadonlyArray<Field>,
  direction: Direction,
  { at, out, skipped }: Begun
): unknown => {
  const arranged: Fields = {}
  let count = 0
  for (let i = 0; i < fields.length; i++) {
    const { check, name, optional } = fields[i]!
    const has = Object.hasOwn(input, name)
    if (has) count++
    else if (optional) continue
    const known = i < at && (i >= mostSkipped || (skipped & (1 << i)) === 0)
    const value = known ? out[name] : check(input[name])
    if (value === invalid || value === unclear) return value
    arranged[name] = value
  }
  return direction === "encode" && hasMore(input, count) ? unclear : arranged
}

/** In one pass over an object that has the fields in their order: nothing is looked at twice, however deep. */
export const struct = (fields: ReadonlyArray<Field>, direction: Direction): Check => (input) => {
  if (!isPlain(input)) return notPlain(input)
  let out = input
  let at = 0
  let skipped = 0
  for (const name in input) {
    while (at < fields.length && fields[at]!.name !== name && fields[at]!.optional && at < mostSkipped) {
      skipped |= 1 << at++
    }
    if (at === fields.length || fields[at]!.name !== name) {
      return rearranged(input, fields, direction, { at, out, skipped })
    }
    const value = input[name]
    const checked = fields[at++]!.check(value)
    if (checked === value) continue
    if (checked === invalid || checked === unclear) return checked
    if (out === input) out = { ...input }
    out[name] = checked
  }
  for (let i = at; i < fields.length; i++) {
    if (!fields[i]!.optional) return rearranged(input, fields, direction, { at, out, skipped })
  }
  return direction === "encode" && hasSymbols(input) ? unclear : out
}

export const record = (check: Check, direction: Direction): Check => (input) => {
  if (!isPlain(input)) return notPlain(input)
  let out = input
  for (const name in input) {
    const value = name === "__proto__" ? unclear : check(input[name])
    if (value === invalid || value === unclear) return value
    if (out === input && value !== input[name]) out = { ...input }
    if (out !== input) out[name] = value
  }
  return direction === "encode" && hasSymbols(input) ? unclear : out
}

export const tuple = (
  elements: ReadonlyArray<Check>,
  required: number,
  rest: Check | undefined,
  direction: Direction
): Check =>
(input) => {
  if (!Array.isArray(input)) return invalid
  if (Object.getPrototypeOf(input) !== Array.prototype) return unclear
  if (input.length < required || (rest === undefined && input.length > elements.length)) return invalid
  let out: Array<unknown> = input
  for (let i = 0; i < input.length; i++) {
    const value = (i < elements.length ? elements[i]! : rest!)(input[i])
    if (value === invalid || value === unclear) return value
    if (value === undefined && direction === "encode") return unclear
    if (out === input && value !== input[i]) out = [...input]
    if (out !== input) out[i] = value
  }
  return out
}

/** Schema tries members in an order of its own: where two of them differ, it decides. */
export const union = (members: ReadonlyArray<Check>): Check => (input) => {
  const scalar = typeof input !== "object" || input === null
  let found: unknown = invalid
  for (const member of members) {
    const value = member(input)
    if (value === unclear) return unclear
    if (value === invalid) continue
    if (scalar) return value
    if (found !== invalid && found !== value) return unclear
    found = value
  }
  return found
}
