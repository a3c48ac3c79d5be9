import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'

/** Prices of a thief's inputs, from the file beside this one, each of which says where it comes from. */
export interface Costs {
  readonly accountUsd: number
  readonly cardUsd: number
  readonly proxyUsdPerByte: number
  readonly hashUsd: number
  readonly paraphraseInputUsdPerToken: number
  readonly paraphraseOutputUsdPerToken: number
  readonly personHourUsd: number
}

const source = { per: z.string(), assumed: z.boolean().optional(), source: z.string().min(20), date: z.iso.date() }
const usd = z.strictObject({ usd: z.number().positive(), ...source })

const file = z.strictObject({
  phone_verified_account: usd,
  payment_card: usd,
  residential_proxy: usd,
  cpu_hour: usd,
  hashes_a_second: z.strictObject({ value: z.number().positive(), ...source }),
  paraphrase_input: usd,
  paraphrase_output: usd,
  person_hour: usd,
})

export const costsFile: URL = new URL('costs.yaml', import.meta.url)

export function readCosts(text: string = readFileSync(costsFile, 'utf8')): Costs {
  const found = file.parse(parse(text, { schema: 'core' }))
  return {
    accountUsd: found.phone_verified_account.usd,
    cardUsd: found.payment_card.usd,
    proxyUsdPerByte: found.residential_proxy.usd / 1e9,
    hashUsd: found.cpu_hour.usd / 3600 / found.hashes_a_second.value,
    paraphraseInputUsdPerToken: found.paraphrase_input.usd / 1e6,
    paraphraseOutputUsdPerToken: found.paraphrase_output.usd / 1e6,
    personHourUsd: found.person_hour.usd,
  }
}
