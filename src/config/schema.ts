import * as z from 'zod'
import type { Resource } from '../core/dimensions.ts'
import { counted } from './amount.ts'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import type { Config } from './config.ts'
import { decoys } from './decoys.ts'
import { detection } from './detection.ts'
import { address, complain, duration, nothingLeft, secretText } from './fields.ts'
import { identity } from './identity.ts'
import { network } from './network.ts'
import { packNames } from './packs.ts'
import { playbooks } from './playbooks.ts'
import { pricing } from './pricing.ts'
import { quotas } from './quotas.ts'
import { onError, overload, request, screening } from './request.ts'
import { loops, stepUp, tarpit, truth } from './response-settings.ts'
import type { Shape } from './shape.ts'
import { tls } from './tls.ts'
import { exemptions, tenants, terms, trustProfiles } from './trust.ts'
import { models, upstreams } from './upstreams.ts'

const DAY_MS = 86_400_000

const token = secretText(16, '${WEIR_CONTROL_TOKEN}').superRefine((value, ctx) => {
  if (!isGuessable(value)) return
  ctx.addIssue(complain({ message: 'is easy to guess', hint: 'make one with: openssl rand -hex 24' }))
})

const control = z
  .strictObject({ listen: address.prefault('127.0.0.1:8081'), token: token.optional() })
  .transform(({ listen, token, ...rest }) => {
    nothingLeft(rest)
    return { listen, token: token ?? null }
  })

/** What a load adds to what is written: where it came from, and its name. */
export type Parsed = Omit<Config, 'hash' | 'sources' | 'secretsRefreshMs'> & { readonly secretsRefreshMs: number }

/** The whole of `weir.yaml`: what is not named here is an error. How entries fit together is in `check.ts`. */
export const fileSchema: z.ZodType<Parsed> = z
  .strictObject({
    extends: z
      .array(z.enum(packNames))
      .meta({ examples: [[packNames[0]]] })
      .default([])
      .describe('Policy packs, in order; this file wins.'),
    listen: address.prefault('127.0.0.1:8080'),
    insecure: z.boolean().default(false).describe('Whether plain HTTP may be served beyond this machine.'),
    tls: tls.optional(),
    control: control.prefault({}),
    data_dir: z
      .string()
      .min(1)
      .optional()
      .meta({ examples: ['./.weir'] }),
    upstreams,
    models,
    pricing: pricing.prefault({}),
    identity: identity.prefault({}),
    network: network.prefault({}),
    trust_profiles: trustProfiles.prefault({}),
    tenants: tenants.prefault({}),
    exemptions: exemptions.prefault([]),
    terms: terms.optional(),
    quotas: quotas.prefault([]),
    request: request.prefault({}),
    screening: screening.prefault({}),
    detection: detection.prefault({}),
    playbooks: playbooks.prefault([]).describe('What is done about the evidence; the first that fits is the one.'),
    step_up: stepUp.prefault({}),
    tarpit: tarpit.prefault({}),
    decoys: decoys.prefault({}),
    alerts: alerts.prefault([]),
    truth: truth.prefault({}),
    loops: loops.optional().describe('Slows an agent that sends the same again and again, and tells it so.'),
    overload: overload.prefault({}),
    on_error: onError.prefault({}),
    audit: audit.prefault({}),
    secrets: z
      .strictObject({ refresh: duration(10_000, DAY_MS, '5m').prefault('5m') })
      .prefault({})
      .describe('How often secrets of files and commands are asked for again.'),
  })
  .transform((fields) => {
    const { extends: _, listen, insecure, tls, control, data_dir, upstreams, models, pricing, ...more } = fields
    const { identity, network, trust_profiles, tenants, exemptions, terms, quotas, ...others } = more
    const { request, screening, detection, overload, on_error, audit, secrets, ...response } = others
    const { playbooks, step_up, tarpit, decoys, alerts, truth, loops, ...rest } = response
    nothingLeft(rest)
    const { refresh, ...restOfSecrets } = secrets
    nothingLeft(restOfSecrets)
    const resources = new Map(quotas.map(({ name, resource }) => [name, resource]))
    const inUnits = <T extends { readonly quotas: ReadonlyMap<string, number> }>(
      all: ReadonlyMap<string, T>,
    ): ReadonlyMap<string, T> =>
      new Map([...all].map(([name, one]) => [name, { ...one, quotas: countedAll(one.quotas, resources) }]))
    return {
      listen,
      tls: tls ?? null,
      insecure,
      control,
      dataDir: data_dir ?? null,
      upstreams,
      models,
      pricing,
      identity,
      network,
      trustProfiles: inUnits(trust_profiles),
      tenants: inUnits(tenants),
      exemptions,
      terms: terms ?? null,
      quotas,
      request,
      screening,
      detection,
      response: { playbooks, stepUp: step_up, tarpit, decoys, alerts, truth, loops: loops ?? null },
      overload,
      onError: on_error,
      audit,
      secretsRefreshMs: refresh,
    }
  })

/** The JSON Schema of the file, as far as hints need it. */
export const fileShape = (): Shape => (shape ??= z.toJSONSchema(fileSchema, { io: 'input' }) as Shape)
let shape: Shape | undefined

/** Amounts that fit no limit are problems that `check.ts` names; here they only must not throw. */
const countedAll = (
  amounts: ReadonlyMap<string, number>,
  resources: ReadonlyMap<string, Resource>,
): ReadonlyMap<string, number> =>
  new Map([...amounts].map(([name, amount]) => [name, counted(amount, resources.get(name) ?? 'tokens')]))

/** Only what a first dictionary would hold; real strength is the operator's business. */
function isGuessable(token: string): boolean {
  const bare = token.toLowerCase().replaceAll(/[-_. ]/g, '')
  const known = [
    'changeme',
    'password',
    'passw0rd',
    'letmein',
    'qwerty',
    'yourtoken',
    '12345678',
    '01234567',
    'abcdefgh',
  ]
  return new Set(bare).size < 5 || known.some((start) => bare.startsWith(start))
}
