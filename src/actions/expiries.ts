/** Something that ends at its time. `place` is where it stands among the others, and nobody else's business. */
export interface Expiring {
  readonly untilMs: number
  place: number
}

/** Finds what ends first among many: a binary heap out of whose middle can be taken what ends before its time. */
export class Expiries<T extends Expiring> {
  readonly #heap: T[] = []

  get first(): T | null {
    return this.#heap[0] ?? null
  }

  add(one: T): void {
    this.#heap.push(one)
    this.#rise(one, this.#heap.length - 1)
  }

  remove(one: T): void {
    const last = this.#heap.pop()!
    if (last === one) return
    this.#sink(last, one.place)
    this.#rise(last, last.place)
  }

  #rise(one: T, from: number): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#heap[above]!
      if (parent.untilMs <= one.untilMs) break
      this.#put(parent, place)
      place = above
    }
    this.#put(one, place)
  }

  #sink(one: T, from: number): void {
    let place = from
    for (;;) {
      let below = place * 2 + 1
      const [left, right] = [this.#heap[below], this.#heap[below + 1]]
      if (left === undefined) break
      let child = left
      if (right !== undefined && right.untilMs < left.untilMs) {
        child = right
        below++
      }
      if (child.untilMs >= one.untilMs) break
      this.#put(child, place)
      place = below
    }
    this.#put(one, place)
  }

  #put(one: T, place: number): void {
    this.#heap[place] = one
    one.place = place
  }
}
