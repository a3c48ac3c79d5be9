import { keyOf, PRICE, secretOf } from './matrix-cell.ts'
import { conditions, tight } from './matrix-cells.ts'
import { rows, type EndpointName } from './matrix-clients.ts'

/** What the matrix does not hold, and why. Every other combination is a test; the test counts them. */
export interface NotOffered {
  readonly endpoints: readonly EndpointName[]
  readonly streamed: boolean
  /** Conditions, or all of them. */
  readonly conditions: readonly string[] | 'all'
  readonly why: string
}

const cuts = ['cut by output_tokens', 'cut by tokens', 'cut by cost_usd']

export const notOffered: readonly NotOffered[] = [
  {
    endpoints: ['embeddings'],
    streamed: true,
    conditions: 'all',
    why: 'the vendor streams no embeddings; a body that asks for it is refused',
  },
  {
    endpoints: ['count_tokens'],
    streamed: true,
    conditions: 'all',
    why: 'the vendor streams no counts',
  },
  {
    endpoints: ['generateContent'],
    streamed: true,
    conditions: 'all',
    why: 'a path of its own streams: streamGenerateContent',
  },
  {
    endpoints: ['streamGenerateContent'],
    streamed: false,
    conditions: 'all',
    why: 'a path of its own does not stream: generateContent',
  },
  {
    endpoints: ['embeddings'],
    streamed: false,
    conditions: ['refused by output_tokens', ...cuts],
    why: 'embeddings generate nothing, so nothing of them counts as output and nothing can be cut',
  },
  {
    endpoints: ['count_tokens'],
    streamed: false,
    conditions: [
      'refused by input_tokens',
      'refused by output_tokens',
      'refused by tokens',
      'refused by cost_usd',
      ...cuts,
    ],
    why: 'counting is free of charge at the vendor and uses no tokens, so only requests and concurrent hold for it',
  },
]

const amounts: Readonly<
  Record<string, { readonly refused: number; readonly cut?: number; readonly generous: number }>
> = {
  requests: { refused: 1, generous: 1000 },
  input_tokens: { refused: 200, generous: 1_000_000 },
  output_tokens: { refused: 200, cut: 60, generous: 1_000_000 },
  tokens: { refused: 200, cut: 150, generous: 1_000_000 },
  cost_usd: { refused: 0.0003, cut: 0.0003, generous: 1000 },
  concurrent: { refused: 1, generous: 1000 },
}

/** Generous limits of every kind for every cell, and a tight one for the cells that are about it. */
function limitLines(): string {
  const line = (name: string, resource: string, amount: number, keys: string): string => {
    const window = resource === 'concurrent' ? '' : ', window: 1h, kind: sliding'
    return `  - { name: ${name}, per: [key], ${resource}: ${amount}${window}, match: { key: "${keys}" } }`
  }
  const lines: string[] = []
  for (const [resource, { refused, cut, generous }] of Object.entries(amounts)) {
    const name = resource.replaceAll('_', '-')
    lines.push(line(`all-${name}`, resource, generous, '*'))
    lines.push(line(tight('refused', resource), resource, refused, `refused-by-${name}-*`))
    if (cut !== undefined) lines.push(line(tight('cut', resource), resource, cut, `cut-by-${name}-*`))
  }
  return lines.join('\n')
}

const keyLines = (): string =>
  rows
    .flatMap((row) => conditions.map(({ name }) => keyOf(row, name)))
    .map((id) => `    - { id: ${id}, secret: "${secretOf(id)}", tenant: ${id}, profile: app }`)
    .join('\n')

/** A gateway for all cells of the matrix. No condition may reach another one through the breaker. */
export const frontOptions = (
  timeouts: string,
): { quotas: string; identity: string; upstream: string; model: string } => ({
  quotas: limitLines(),
  identity: `  keys:\n${keyLines()}`,
  upstream: `${timeouts}, breaker: { failures: 1000 }`,
  model: `, ${PRICE}`,
})
