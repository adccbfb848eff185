import { fromBase64, toBase64 } from "./stage.js"

/** The field that tells how a value is coded. */
export const mark = "~codec"

/** How the text of a coded memo begins, and no other. */
const markText = `{"${mark}":`

/** A state that a codec has been at: it is stored as it is. */
export class Coded {
  constructor(readonly value: unknown) {}
}

export const isMarked = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.hasOwn(value, mark)

export const isMarkedText = (text: string): boolean => text.startsWith(markText)

/** Plain JSON that would pass for a coded value says that it is none. */
export const escaped = (value: unknown): unknown => isMarked(value) ? { [mark]: "json", data: value } : value

export const escapedText = (text: string): string =>
  isMarkedText(text) ? JSON.stringify({ [mark]: "json", data: text }) : text

/** What {@link escaped} was given. */
export const unescaped = (value: unknown): unknown =>
  isMarked(value) ? (value as { readonly data?: unknown }).data : value

/** A coded value taken apart. */
export interface Parts {
  readonly names: ReadonlyArray<string>
  readonly key: string | undefined
  readonly data: unknown
}

const name = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/

/** Of codecs and of keys: what may stand in an error. */
export const isName = (text: string): boolean => name.test(text)

export const partsOf = (value: object): Parts | undefined => {
  const { data, key, [mark]: codec } = value as { readonly [field: string]: unknown }
  if (typeof codec !== "string" || data === undefined || (key !== undefined && typeof key !== "string")) {
    return undefined
  }
  const names = codec.split("+")
  return names.every(isName) && (key === undefined || isName(key)) ? { names, key, data } : undefined
}

export const codedJson = (codec: string, data: unknown): object => ({ [mark]: codec, data })

export const codedBytes = (codec: string, key: string | undefined, bytes: Uint8Array): object => ({
  [mark]: codec,
  ...(key === undefined ? undefined : { key }),
  data: toBase64(bytes)
})

export const bytesIn = ({ data }: Parts): Uint8Array | undefined =>
  typeof data === "string" ? fromBase64(data) : undefined
