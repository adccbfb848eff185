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

/** Whether an object has these fields, no others, and in this order. */
const isExact = (input: Fields, fields: ReadonlyArray<Field>): boolean => {
  let at = 0
  for (const name in input) {
    while (at < fields.length && fields[at]!.name !== name) if (!fields[at++]!.optional) return false
    if (at++ === fields.length) return false
  }
  while (at < fields.length) if (!fields[at++]!.optional) return false
  return true
}

/** Keys that a loop does not see, and what Schema would refuse. */
const hasMore = (input: object, count: number): boolean =>
  // Reflect.ownKeys takes twice the time of both.
  Object.getOwnPropertyNames(input).length !== count || Object.getOwnPropertySymbols(input).length > 0

export const struct = (fields: ReadonlyArray<Field>, direction: Direction): Check => (input) => {
  if (!isPlain(input)) return notPlain(input)
  const exact = isExact(input, fields)
  let [out, count] = [exact ? input : {}, 0]
  for (const { check, name, optional } of fields) {
    const has = (exact && !optional) || Object.hasOwn(input, name)
    if (has) count++
    else if (optional) continue
    const value = check(input[name])
    if (value === invalid || value === unclear) return value
    if (out === input && value !== input[name]) out = { ...input }
    if (out !== input) out[name] = value
  }
  return direction === "encode" && hasMore(input, count) ? unclear : out
}

export const record = (check: Check, direction: Direction): Check => (input) => {
  if (!isPlain(input)) return notPlain(input)
  let [out, count] = [input, 0]
  for (const name in input) {
    const value = name === "__proto__" ? unclear : check(input[name])
    if (value === invalid || value === unclear) return value
    if (out === input && value !== input[name]) out = { ...input }
    if (out !== input) out[name] = value
    count++
  }
  return direction === "encode" && hasMore(input, count) ? unclear : out
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
