export interface Item {
  readonly member: string
  readonly score: number
}

/** A bucket twice as long is halved. */
const width = 256

/**
 * Members by score, then by bytes: buckets of bounded length in order, and a
 * map from member to its item. A change moves one bucket, never the whole.
 */
export class SortedSet {
  private readonly byMember = new Map<string, Item>()
  /** None is empty. */
  private readonly buckets: Array<Array<Item>> = []

  get size(): number {
    return this.byMember.size
  }

  score(member: string): number | undefined {
    return this.byMember.get(member)?.score
  }

  set(member: string, score: number): void {
    this.delete(member)
    const item = { member, score }
    this.byMember.set(member, item)
    const index = Math.min(this.bucketOf((other) => precedes(other, item)), this.buckets.length - 1)
    const bucket = this.buckets[index]
    if (bucket === undefined) this.buckets.push([item])
    else {
      bucket.splice(countWhile(bucket, (other) => precedes(other, item)), 0, item)
      if (bucket.length > 2 * width) this.buckets.splice(index + 1, 0, bucket.splice(width))
    }
  }

  delete(member: string): boolean {
    const item = this.byMember.get(member)
    if (item === undefined) return false
    this.byMember.delete(member)
    const index = this.bucketOf((other) => precedes(other, item))
    const bucket = this.buckets[index]!
    if (bucket.length === 1) this.buckets.splice(index, 1)
    else bucket.splice(countWhile(bucket, (other) => precedes(other, item)), 1)
    return true
  }

  rank(member: string): number | undefined {
    const item = this.byMember.get(member)
    return item === undefined ? undefined : this.countWhile((other) => precedes(other, item))
  }

  slice(from: number, to: number): ReadonlyArray<Item> {
    const slices: Array<ReadonlyArray<Item>> = []
    let start = 0
    for (const bucket of this.buckets) {
      if (start >= to) break
      const end = start + bucket.length
      if (end > from) slices.push(bucket.slice(Math.max(0, from - start), to - start))
      start = end
    }
    return slices.flat()
  }

  all(): ReadonlyArray<Item> {
    return this.buckets.flat()
  }

  removeRange(from: number, to: number): number {
    const removed = this.slice(from, to)
    for (const { member } of removed) this.delete(member)
    return removed.length
  }

  /** How many items, from the lowest, satisfy a condition that holds up to some point and not after it. */
  countWhile(condition: (item: Item) => boolean): number {
    const index = this.bucketOf(condition)
    let count = 0
    for (let i = 0; i < index; i++) count += this.buckets[i]!.length
    return count + countWhile(this.buckets[index] ?? [], condition)
  }

  /** The bucket in which the condition ends to hold; past the last one if it holds for all. */
  private bucketOf(condition: (item: Item) => boolean): number {
    return countWhile(this.buckets, (bucket) => condition(bucket.at(-1)!))
  }
}

/** Binary search. */
const countWhile = <A>(items: ReadonlyArray<A>, condition: (item: A) => boolean): number => {
  let from = 0
  let to = items.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (condition(items[middle]!)) from = middle + 1
    else to = middle
  }
  return from
}

const precedes = (a: Item, b: Item): boolean => a.score < b.score || (a.score === b.score && a.member < b.member)
