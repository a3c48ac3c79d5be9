import * as z from 'zod'
import { ok } from '../core/result.ts'
import { complain, label, nothingLeft, onAnyList, onAnyMap, secretText, sentence, text, word } from './fields.ts'
import { hashOf, oneSecret, secretHash } from './identity.ts'
import { modelName } from './playbook-actions.ts'
import type { DecoysConfig } from './response-config.ts'

/** How much likelier a thief touches it than somebody honest. */
const weight = (usual: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(1).max(1_000_000).default(usual).describe('What a touch multiplies the evidence by.')

const path = word(
  /^(?=.{2,256}$)(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~:@-]+)+$/,
  { message: 'not a path', hint: 'write for instance /v1/internal/models, without a query and a slash at the end' },
  ['/v1/internal/models'],
)

const endpoint = z.strictObject({ path, weight: weight(100) })

const model = z
  .strictObject({
    name: modelName('gpt-4o-base-unfiltered'),
    weight: weight(20),
    from_level: z
      .enum(['step_up', 'tarpit', 'squeeze'])
      .default('step_up')
      .describe(
        'Whom it is shown to: accounts with an action in force at this level or above; below nobody is touched.',
      ),
  })
  .transform(({ name, weight, from_level, ...rest }): DecoysConfig['models'][number] => {
    nothingLeft(rest)
    return { name, weight, fromLevel: from_level }
  })

const key = z
  .strictObject({
    id: label,
    secret: secretText(24, '${HONEY_KEY}').optional(),
    secret_sha256: secretHash.optional(),
    memo: sentence(500, 'left in the build log of the old website').describe('Where it was left.'),
  })
  .superRefine(oneSecret, onAnyMap)
  .transform(({ id, secret, secret_sha256, memo, ...rest }): DecoysConfig['keys'][number] => {
    nothingLeft(rest)
    return { id, secretSha256: hashOf({ secret, secret_sha256 }), memo }
  })

const aliases = z
  .strictObject({
    model: modelName('gpt-4o').describe('Whose other names they are.'),
    prefix: modelName('gpt-4o')
      .optional()
      .describe('What they begin with, before a hyphen; the model where nothing is said.'),
    weight: weight(50),
  })
  .transform(({ model, prefix, weight, ...rest }): DecoysConfig['aliases'] => {
    nothingLeft(rest)
    return { model, prefix: prefix ?? model, weight }
  })

const promptCanary = z
  .strictObject({
    on_touch: z.enum(['alert', 'cut']).default('alert'),
    min_echo: z
      .int()
      .min(1)
      .max(100)
      .default(40)
      .describe('Percent of a system prompt in an answer, from which on it was given away.'),
    mark: z
      .array(z.enum(['openai', 'anthropic', 'gemini']))
      .default([])
      .describe('Dialects in which a mark is put at the end of every system prompt: it changes what customers send.')
      .superRefine((value, ctx) => {
        for (const [i, one] of value.entries()) {
          if (value.indexOf(one) === i) continue
          ctx.addIssue(complain({ message: 'named twice', hint: 'name each dialect once' }, [i]))
        }
      }, onAnyList),
  })
  .transform(({ on_touch, min_echo, mark, ...rest }): DecoysConfig['promptCanary'] => {
    nothingLeft(rest)
    return { onTouch: on_touch, minEcho: min_echo, mark }
  })

/** What only thieves find. */
export const decoys: z.ZodType<DecoysConfig> = z
  .strictObject({
    endpoints: z.array(endpoint).default([]),
    models: z.array(model).default([]),
    keys: z.array(key).default([]),
    aliases: aliases.optional().describe('Each account sees a name of its own in the list of models.'),
    prompt_canary: promptCanary.optional(),
    upstream: text(ok, { examples: ['decoy'] })
      .optional()
      .describe('Who answers where a decoy does; Weir itself where nothing is said.'),
  })
  .transform(({ endpoints, models, keys, aliases, prompt_canary, upstream, ...rest }) => {
    nothingLeft(rest)
    return {
      endpoints,
      models,
      keys,
      aliases: aliases ?? null,
      promptCanary: prompt_canary ?? null,
      upstream: upstream ?? null,
    }
  })
