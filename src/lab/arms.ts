import type { Config, KeyConfig } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { noResponse } from '../config/response.ts'
import { formatProblems } from '../config/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { labPrice } from './price.ts'

/** What the same traffic meets: nothing at all, the pack's limits, or the pack with detection that acts. */
export const arms = ['unprotected', 'limits', 'protected'] as const
export type Arm = (typeof arms)[number]

/** Networks that the traffic's generator takes for clouds are told apart as a local database would. */
export interface ArmOptions {
  readonly keys: readonly KeyConfig[]
  readonly hostingAsns: readonly number[]
  /** More of `weir.yaml` for the protected arm, below what the lab needs. */
  readonly more?: string
}

/**
 * A proof of work costs the machine that runs the lab as it costs an attacker, so it is asked with this many bits less,
 * and billed with them.
 */
export const LIGHTER_PROOF_BITS = 12
const proofBits = noResponse.stepUp.proofBits - LIGHTER_PROOF_BITS

const base = (asns: readonly number[]): string => `upstreams: { demo: { dialect: openai, embedded: demo } }
models:
  "*": { upstream: demo, price: { input: ${labPrice.input}, output: ${labPrice.output} } }
identity: { trusted_proxies: [127.0.0.1/32] }
network:
  headers: { asn: x-asn, country: x-country, ja4: x-ja4 }
  hosting_asns: [${asns.join(', ')}]
`

const texts: Readonly<Record<Arm, string>> = {
  unprotected: 'detection: off\n',
  limits: 'extends: [public-llm-api]\ndetection: off\n',
  protected: `extends: [public-llm-api]\ndetection: { mode: enforce }\nstep_up: { proof_bits: ${proofBits} }\n`,
}

export function armConfig(arm: Arm, { keys, hostingAsns, more = '' }: ArmOptions): Result<Config, string> {
  const text = `${base(hostingAsns)}${texts[arm]}${arm === 'protected' ? more : ''}`
  const parsed = parseConfig(text, `the lab's arm "${arm}"`, {})
  if (!parsed.ok) return err(formatProblems(parsed.error))
  const config = parsed.value
  // Trust profiles are the pack's: where there is no pack, there are none.
  const known = keys.map((key) => ({ ...key, trust: config.trustProfiles.has(key.trust ?? '') ? key.trust : null }))
  return ok({ ...config, identity: { ...config.identity, keys: known } })
}
