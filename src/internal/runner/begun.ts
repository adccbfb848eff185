/** Under which versions of their parent a node's children began: from, to, both included; there may be gaps. */
export type Begun = readonly [node: string, from: number, to: number]

/** More ranges of a node grow together, the oldest first. */
const mostRanges = 8

const isOf = (node: string) => (one: Begun): boolean => one[0] === node

const joined = (all: ReadonlyArray<Begun>, node: string): ReadonlyArray<Begun> => {
  const [first, second] = all.filter(isOf(node))
  if (first === undefined || second === undefined || all.filter(isOf(node)).length <= mostRanges) return all
  return all.flatMap((one): ReadonlyArray<Begun> => {
    if (one === first) return []
    return one === second ? [[node, first[1], second[2]]] : [one]
  })
}

/** With the child that a node may have begun under a version: no older one than those before. */
export const begin = (all: ReadonlyArray<Begun>, node: string, version: number): ReadonlyArray<Begun> => {
  const last = all.findLast(isOf(node))
  if (last === undefined || last[2] < version - 1) return joined([...all, [node, version, version]], node)
  return all.map((one): Begun => one === last ? [node, one[1], Math.max(one[2], version)] : one)
}

/** The versions up to `last`, at most so many, and what is left without them. */
export const takeUpTo = (all: ReadonlyArray<Begun>, last: number, limit: number) => {
  const taken: Array<{ readonly node: string; readonly base: number }> = []
  const left = all.flatMap(([node, from, to]): ReadonlyArray<Begun> => {
    let base = from
    for (; base <= Math.min(to, last) && taken.length < limit; base++) taken.push({ node, base })
    return base > to ? [] : [[node, base, to]]
  })
  return { taken, left }
}
