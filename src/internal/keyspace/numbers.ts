/** Numbers as Redis reads and writes them. */
import { notAFloat, notAnInteger, refuse } from "./Refusal.js"

const integerShape = /^(?:0|-?[1-9][0-9]{0,18})$/
const floatShape = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i
const infinityShape = /^[+-]?inf(?:inity)?$/i
const largest = 2n ** 63n - 1n
const smallest = -(2n ** 63n)

export const fitsInteger = (value: bigint): boolean => value >= smallest && value <= largest

const isInteger = (text: string): boolean => integerShape.test(text) && (text.length < 19 || fitsInteger(BigInt(text)))

/** For positions, counts and times: beyond 2^53 the nearest double. */
export const integer = (text: string, refusal: string = notAnInteger): number =>
  isInteger(text) ? Number(text) : refuse(refusal)

/** For arithmetic on 64 bits. */
export const bigInteger = (text: string, refusal: string = notAnInteger): bigint =>
  isInteger(text) ? BigInt(text) : refuse(refusal)

const readInfinity = (text: string): number => text.startsWith("-") ? -Infinity : Infinity

const isZero = (text: string): boolean => !/[1-9]/.test(text.split(/e/i, 1)[0] ?? "")

/** A score: too large a number, and one that is too small to be more than zero, are refused. */
export const double = (text: string): number => {
  if (infinityShape.test(text)) return readInfinity(text)
  const value = floatShape.test(text) ? Number(text) : NaN
  return Number.isFinite(value) && (value !== 0 || isZero(text)) ? value : refuse(notAFloat)
}

/** One end of a range of scores, which C's `strtod` reads more leniently than `double`. */
export const scoreBound = (text: string): number => {
  const trimmed = text.replace(/^[\t-\r ]+/, "")
  if (infinityShape.test(trimmed)) return readInfinity(trimmed)
  if (trimmed === "" || floatShape.test(trimmed)) return Number(trimmed)
  return refuse("ERR min or max is not a float")
}

export const formatDouble = (value: number): string => {
  if (value === Infinity) return "inf"
  return value === -Infinity ? "-inf" : String(value)
}

/** Positions `start` to `stop` (inclusive, negative from the end) as a half-open interval. */
export const positions = (start: number, stop: number, length: number): readonly [from: number, to: number] => {
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length, (stop < 0 ? length + stop : stop) + 1)
  return from < to ? [from, to] : [0, 0]
}
