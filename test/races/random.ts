/** Reproducible choices: the same seed gives the same run of choices. */
export interface Random {
  /** From 0 to `below - 1`. */
  readonly integer: (below: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(from: ReadonlyArray<A>) => A
  /** An independent source for a part of the work. */
  readonly fork: () => Random
}

/** Mulberry32. */
const generator = (seed: number) => {
  let state = seed | 0
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const make = (seed: number): Random => {
  const next = generator(seed)
  const integer = (below: number): number => Math.floor(next() * below)
  return {
    integer,
    chance: (probability) => next() < probability,
    pick: <A>(from: ReadonlyArray<A>) => from[integer(from.length)] as A,
    fork: () => make(integer(2 ** 31))
  }
}

/** From the environment variable SEED, to draw other choices; else the same in every run. Printed either way. */
export const seedOf = (test: string): number => {
  const seed = Number(process.env["SEED"] ?? 20_261_123)
  console.log(`${test}: SEED=${seed}`)
  return seed
}
