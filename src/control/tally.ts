/**
 * Counters and histograms of the hot path. A metrics library hashes its labels at every step, ten times a request; here
 * a series is found label by label, without a text or a list being made for it, and becomes text only when somebody reads
 * it (Prometheus text format 0.0.4).
 */
export interface Series {
  /** One label for each name. */
  add(value: number, first: string, second?: string, third?: string): void
  render(): string
}

interface Branch<T> {
  next: Map<string, Branch<T>> | null
  value: T | null
}

/** What is counted under each combination of labels, in the order in which they came up. */
class Tree<T> {
  readonly #root: Branch<T> = { next: null, value: null }
  readonly #leaves: { readonly labels: readonly string[]; readonly value: T }[] = []
  readonly #make: () => T

  constructor(make: () => T) {
    this.#make = make
  }

  at(first: string, second?: string, third?: string): T {
    let branch = branchTo(this.#root, first)
    if (second !== undefined) branch = branchTo(branch, second)
    if (third !== undefined) branch = branchTo(branch, third)
    if (branch.value !== null) return branch.value
    const value = this.#make()
    branch.value = value
    this.#leaves.push({ labels: [first, second, third].filter((label) => label !== undefined), value })
    return value
  }

  get leaves(): readonly { readonly labels: readonly string[]; readonly value: T }[] {
    return this.#leaves
  }
}

function branchTo<T>(from: Branch<T>, label: string): Branch<T> {
  from.next ??= new Map()
  let branch = from.next.get(label)
  if (branch === undefined) from.next.set(label, (branch = { next: null, value: null }))
  return branch
}

export function counter(name: string, help: string, labelNames: readonly string[]): Series {
  const tree = new Tree(() => ({ sum: 0 }))
  return {
    add(value, first, second, third) {
      tree.at(first, second, third).sum += value
    },
    render() {
      const lines = tree.leaves.map(({ labels, value: { sum } }) => `${name}${braces(labelNames, labels)} ${sum}\n`)
      return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${lines.join('')}`
    },
  }
}

export function histogram(
  name: string,
  help: string,
  labelNames: readonly string[],
  bounds: readonly number[],
): Series {
  const tree = new Tree(() => ({ counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }))
  return {
    add(value, first, second, third) {
      const known = tree.at(first, second, third)
      let at = 0
      while (at < bounds.length && value > bounds[at]!) at++
      known.counts[at]!++
      known.sum += value
    },
    render() {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`
      for (const { labels, value } of tree.leaves) {
        const { counts, sum } = value
        let total = 0
        for (const [at, count] of counts.entries()) {
          total += count
          const le = at < bounds.length ? String(bounds[at]) : '+Inf'
          text += `${name}_bucket${braces([...labelNames, 'le'], [...labels, le])} ${total}\n`
        }
        text += `${name}_sum${braces(labelNames, labels)} ${sum}\n${name}_count${braces(labelNames, labels)} ${total}\n`
      }
      return text
    },
  }
}

function braces(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  return `{${names.map((name, at) => `${name}="${escaped(values[at]!)}"`).join(',')}}`
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
