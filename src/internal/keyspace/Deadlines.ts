interface Deadline {
  readonly key: string
  readonly at: number
}

/**
 * When keys expire: a map, and a binary heap that finds the earliest. A changed
 * deadline leaves its old one in the heap, until it surfaces or the heap is
 * rebuilt, so setting costs O(log n) however often a key is renewed.
 */
export class Deadlines {
  private readonly byKey = new Map<string, number>()
  private heap: Array<Deadline> = []

  get(key: string): number | undefined {
    return this.byKey.get(key)
  }

  set(key: string, at: number): void {
    this.byKey.set(key, at)
    if (this.heap.length > 2 * this.byKey.size + 64) this.rebuild()
    else this.push({ key, at })
  }

  delete(key: string): boolean {
    return this.byKey.delete(key)
  }

  clear(): void {
    this.byKey.clear()
    this.heap = []
  }

  /** The earliest deadline. */
  next(): number | undefined {
    for (let top = this.heap[0]; top !== undefined; top = this.heap[0]) {
      if (this.byKey.get(top.key) === top.at) return top.at
      this.pop()
    }
    return undefined
  }

  /** A key whose deadline has come. */
  due(now: number): string | undefined {
    const next = this.next()
    return next !== undefined && next <= now ? this.heap[0]?.key : undefined
  }

  private rebuild(): void {
    this.heap = Array.from(this.byKey, ([key, at]) => ({ key, at })).toSorted((a, b) => a.at - b.at)
  }

  private push(deadline: Deadline): void {
    const { heap } = this
    let i = heap.push(deadline) - 1
    for (let up = (i - 1) >> 1; i > 0 && heap[up]!.at > deadline.at; up = (i - 1) >> 1) {
      heap[i] = heap[up]!
      i = up
    }
    heap[i] = deadline
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (let down = 1; down < heap.length; down = 2 * i + 1) {
      if (down + 1 < heap.length && heap[down + 1]!.at < heap[down]!.at) down++
      if (heap[down]!.at >= last.at) break
      heap[i] = heap[down]!
      i = down
    }
    heap[i] = last
  }
}
