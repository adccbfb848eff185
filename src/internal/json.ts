const deepest = 990

/** A value that is known to be JSON without loss: nobody has to look at it again. */
export class Lossless {
  constructor(readonly value: unknown) {}
}

const unsupported = (value: object): string => {
  return `a ${value.constructor?.name ?? "special object"}; give the schema an encoding of it`
}

const scalar = (value: unknown): string | undefined => {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : `the number ${value}`
    case "string":
    case "boolean":
      return undefined
    default:
      return typeof value === "undefined" ? "undefined" : `a ${typeof value}`
  }
}

const inArray = (values: ReadonlyArray<unknown>, depth: number): string | undefined => {
  for (let i = 0; i < values.length; i++) {
    const found = lossAt(values[i], depth)
    if (found !== undefined) return `[${i}]${found}`
  }
  return undefined
}

const inObject = (value: object, depth: number): string | undefined => {
  const prototype: unknown = Object.getPrototypeOf(value)
  const special = prototype === Object.prototype || prototype === null && !("toJSON" in value)
    ? undefined
    : unsupported(value)
  if (special !== undefined) return `: ${special}`
  if (Object.getOwnPropertySymbols(value).length > 0) return ": a symbol as a key"
  for (const key of Object.keys(value)) {
    const child = (value as { readonly [key: string]: unknown })[key]
    const found = child === undefined ? undefined : lossAt(child, depth)
    if (found !== undefined) return `.${key}${found}`
  }
  return undefined
}

const lossAt = (value: unknown, depth: number): string | undefined => {
  if (value === null) return undefined
  if (typeof value !== "object") {
    const found = scalar(value)
    return found === undefined ? undefined : `: ${found}`
  }
  if (depth > deepest) return `: a cycle, or more than ${deepest} levels`
  return Array.isArray(value) ? inArray(value, depth + 1) : inObject(value, depth + 1)
}

/**
 * Where JSON would lose or change something, in words: BigInt, cycles, NaN,
 * functions, Dates, Maps, holes. Undefined fields count as absent. The depth is
 * bound by what the server's own JSON reader takes.
 */
export const jsonLoss = (value: unknown, root: string): string | undefined => {
  const found = lossAt(value, 0)
  return found === undefined ? undefined : `${root}${found} cannot be stored as JSON without loss`
}
