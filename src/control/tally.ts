/**
 * Counters and histograms of the hot path. A metrics library hashes its labels at every step, ten times a request; here
 * a series is found once by its joined labels, and becomes text only when somebody reads it (Prometheus text format 0.0.4).
 */
export interface Series {
  add(labels: readonly string[], value: number): void
  render(): string
}

/** What `join` would give, without its work for lists of any length. */
function keyOf(labels: readonly string[]): string {
  let key = labels[0]!
  for (let i = 1; i < labels.length; i++) key += `\0${labels[i]!}`
  return key
}

export function counter(name: string, help: string, labelNames: readonly string[]): Series {
  const values = new Map<string, { readonly labels: readonly string[]; sum: number }>()
  return {
    add(labels, value) {
      const key = keyOf(labels)
      const known = values.get(key)
      if (known === undefined) values.set(key, { labels, sum: value })
      else known.sum += value
    },
    render() {
      const lines = [...values.values()].map(({ labels, sum }) => `${name}${braces(labelNames, labels)} ${sum}\n`)
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
  const values = new Map<string, { readonly labels: readonly string[]; readonly counts: number[]; sum: number }>()
  return {
    add(labels, value) {
      const key = keyOf(labels)
      let known = values.get(key)
      if (known === undefined) {
        known = { labels, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
        values.set(key, known)
      }
      let at = 0
      while (at < bounds.length && value > bounds[at]!) at++
      known.counts[at]!++
      known.sum += value
    },
    render() {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`
      for (const { labels, counts, sum } of values.values()) {
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
