/** Sizes of states and numbers of fibers. */
export interface Ladder {
  readonly sizes: ReadonlyArray<number>
  readonly fibers: ReadonlyArray<number>
}

const kib = 1024

export const full: Ladder = { sizes: [100, kib, 10 * kib, 100 * kib, kib * kib], fibers: [1, 16, 64, 256] }

export const small: Ladder = { sizes: [kib, 100 * kib], fibers: [64] }

export const cross = <A>({ fibers, sizes }: Ladder, f: (bytes: number, fibers: number) => A): ReadonlyArray<A> =>
  sizes.flatMap((bytes) => fibers.map((count) => f(bytes, count)))
