import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { writeMmdb } from '../test/support/mmdb-writer.ts'

/** What the measured Weir needs beside its configuration: an issuer's keys and a network database, in a folder. */
export interface BenchFiles {
  readonly jwks: string
  readonly mmdb: string
  /** A token of the issuer's, which every measured request carries. */
  readonly token: string
}

export async function writeBenchFiles(folder: string): Promise<BenchFiles> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = join(folder, 'jwks.json')
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256' }] }))
  const mmdb = join(folder, 'networks.mmdb')
  const record = { autonomous_system_number: 64_500, country: { iso_code: 'DE' } }
  writeFileSync(mmdb, writeMmdb({ networks: [['127.0.0.0/8', record]], databaseType: 'GeoLite2-ASN' }))
  const token = await new SignJWT({ org_id: 'bench', sub: 'user-1' })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuer('https://issuer.example')
    .setAudience('weir')
    .setIssuedAt()
    .setExpirationTime('6h')
    .sign(privateKey)
  return { jwks, mmdb, token }
}

export interface WeirConfigOptions {
  readonly upstream: string
  readonly dataDir: string | null
  readonly files: BenchFiles
}

/** Ten limits over every kind and many dimensions, so high that nothing is refused: what is measured is the counting. */
export const quotas = `quotas:
  - { name: key-rpm, per: [key], requests: 1000000000, window: 1m }
  - { name: key-tpm, per: [key], tokens: 100000000000, window: 1m }
  - { name: key-out, per: [key], output_tokens: 100000000000, window: 1h, kind: sliding }
  - { name: key-day, per: [key], tokens: 1000000000000, window: 1d, kind: calendar }
  - { name: key-inflight, per: [key], concurrent: 1000000 }
  - { name: tenant-cost, per: [tenant], cost_usd: 1000000, window: 1h, kind: sliding }
  - { name: user-rpm, per: [user], requests: 1000000000, window: 1m }
  - { name: prefix-rpm, per: [ip_prefix], requests: 1000000000, window: 1m }
  - { name: country-code, per: [country, prompt_class], input_tokens: 100000000000, window: 1h }
  - { name: program-month, per: [fingerprint, asn], requests: 1000000000, window: 31d, kind: sliding }
`

/** Everything on: a token of an issuer, network database, fingerprint, screens, prompt class, prices, ten limits, detection. */
export const weirConfig = ({ upstream, dataDir, files }: WeirConfigOptions): string => `listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: "bench-token-5f0c1d7e9a3b" }
${dataDir === null ? '' : `data_dir: ${JSON.stringify(dataDir)}\n`}upstreams:
  main: { dialect: openai, base_url: "${upstream}/v1" }
models:
  "*": { upstream: main, price: { input: 2.5, cached_input: 1.25, output: 10 } }
identity:
  jwt:
    - name: bench
      issuer: https://issuer.example
      audience: weir
      jwks_file: ${JSON.stringify(files.jwks)}
      claims: { tenant: org_id, user: sub }
network:
  databases: [${JSON.stringify(files.mmdb)}]
detection: enforce
${quotas}`
