/** Middle and spread of a few samples. */
export interface Spread {
  readonly median: number
  readonly lower: number
  readonly upper: number
  readonly min: number
  readonly max: number
}

const quantile = (sorted: ReadonlyArray<number>, q: number): number => {
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? NaN
  const high = sorted[Math.ceil(at)] ?? NaN
  return low + (high - low) * (at - Math.floor(at))
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const [lower, median, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)]
  return { median, lower, upper, min: quantile(sorted, 0), max: quantile(sorted, 1) }
}

export const median = (values: ReadonlyArray<number>): number => spreadOf(values).median
