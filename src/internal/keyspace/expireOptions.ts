/** The options of `SET` and `GETEX`, and the times that strings are given. */
import { integer } from "./numbers.js"
import { invalidExpireTime, refuse, syntaxError } from "./Refusal.js"

const units = { EX: [1000, true], PX: [1, true], EXAT: [1000, false], PXAT: [1, false] } as const

export type Unit = keyof typeof units

const isUnit = (word: string): word is Unit => Object.hasOwn(units, word)

const beyond64Bits = 2 ** 63

/** Milliseconds since the epoch. */
export const deadline = (now: number, unit: Unit, text: string, name: string): number => {
  const [factor, relative] = units[unit]
  const amount = integer(text)
  const at = amount * factor + (relative ? now : 0)
  return amount > 0 && at < beyond64Bits ? at : refuse(invalidExpireTime(name))
}

export interface ExpireOptions {
  readonly words: ReadonlySet<string>
  readonly unit: Unit | undefined
  readonly amount: string
}

/**
 * Reads options that end in at most one time. `alone` are the words that
 * exclude a time and each other.
 */
export const expireOptions = (
  args: ReadonlyArray<string>,
  words: ReadonlyArray<string>,
  alone: string
): ExpireOptions => {
  const found = new Set<string>()
  let unit: Unit | undefined
  let amount = ""
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!.toUpperCase()
    const next = args[i + 1]
    if (isUnit(word) && next !== undefined && !found.has(alone) && (unit ?? word) === word) {
      unit = word
      amount = next
      i++
    } else if (words.includes(word) && !(word === alone && unit !== undefined)) {
      found.add(word)
    } else refuse(syntaxError)
  }
  return found.has("NX") && found.has("XX") ? refuse(syntaxError) : { words: found, unit, amount }
}
