export const secret = 'wr_bench_0123456789abcdef0123456789abcdef'

export interface WeirConfigOptions {
  readonly upstream: string
  readonly dataDir: string | null
}

/** A limit of every kind, each so high that nothing is ever refused: what is measured is the counting. */
export const quotas = `quotas:
  - { name: key-rpm, per: [key], requests: 1000000000, window: 1m }
  - { name: key-tpm, per: [key], tokens: 100000000000, window: 1m }
  - { name: key-out, per: [key], output_tokens: 100000000000, window: 1h, kind: sliding }
  - { name: key-day, per: [key], tokens: 1000000000000, window: 1d, kind: calendar }
  - { name: key-inflight, per: [key], concurrent: 1000000 }
`

export const weirConfig = ({ upstream, dataDir }: WeirConfigOptions): string => `listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: "bench-token-5f0c1d7e9a3b" }
${dataDir === null ? '' : `data_dir: ${JSON.stringify(dataDir)}\n`}upstreams:
  main: { dialect: openai, base_url: "${upstream}/v1" }
models:
  "*": { upstream: main }
identity:
  keys:
    - { id: bench, secret: "${secret}", tenant: bench, profile: app }
${quotas}`
