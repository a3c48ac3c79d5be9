import * as z from 'zod'
import { type Dimension, dimensions } from '../core/dimensions.ts'
import { globMatches } from '../core/glob.ts'
import { credentials, networkTypes, profiles } from '../core/principal.ts'
import { promptClasses } from '../core/prompt-class.ts'
import { compileCondition } from './condition.ts'
import type { Condition, Matcher } from './config.ts'
import { complain, type ComplaintIssue, glob, onAnyMap, text } from './fields.ts'
import { nearest } from './nearest.ts'

const globs = z.union([glob, z.array(glob).min(1)]).meta({ examples: ['gpt-4o*'] })

/** A number is how people write an AS. */
const asNumber = z.int().min(0).max(4_294_967_295)
const asns = z
  .union([asNumber, glob, z.array(z.union([asNumber, glob])).min(1)])
  .meta({ examples: [64500] })
  .transform((value) => [value].flat().map(String))

const when: z.ZodType<Condition> = text(compileCondition, {
  examples: ['input_tokens > 2000 && stream'],
  description: 'A condition in CEL over the dimensions and the numbers of a request.',
})

const fields = {
  key: globs.optional(),
  tenant: globs.optional(),
  user: globs.optional(),
  session: globs.optional(),
  ip: globs.optional(),
  ip_prefix: globs.optional(),
  asn: asns.optional(),
  country: globs.optional(),
  network: globs.optional(),
  fingerprint: globs.optional(),
  model: globs.optional(),
  endpoint: globs.optional(),
  route: globs.optional(),
  prompt_class: globs.optional(),
  profile: globs.optional(),
  trust: globs.optional(),
  credential: globs.optional(),
  campaign: globs.optional(),
  global: z.never().optional(),
} satisfies Record<Dimension, unknown>

type Written = { readonly [D in Dimension]?: string | readonly string[] | undefined }

/** Whom an entry is about. */
export const match: z.ZodType<readonly Matcher[]> = z
  .strictObject(fields)
  .superRefine(check, onAnyMap)
  .transform(matchersOf)

/** What a limit holds for. */
export const matchWhen: z.ZodType<{ readonly match: readonly Matcher[]; readonly when: Condition | null }> = z
  .strictObject({ ...fields, when: when.optional() })
  .superRefine(check, onAnyMap)
  .transform(({ when, ...written }) => ({ match: matchersOf(written), when: when ?? null }))

function matchersOf(written: Written): readonly Matcher[] {
  return dimensions.flatMap((dimension) => {
    const globs = written[dimension]
    return globs === undefined ? [] : [{ dimension, globs: [globs].flat() }]
  })
}

/** All values that a dimension can have, where they are few. */
const words: Readonly<Partial<Record<Dimension, readonly string[]>>> = {
  network: networkTypes,
  prompt_class: [...promptClasses, '-'],
  profile: profiles,
  credential: [...credentials, '-'],
}

/** A glob that never matches is a limit that silently holds for nobody. */
function check(written: Written, ctx: { addIssue(issue: ComplaintIssue): void }): void {
  for (const dimension of dimensions) {
    const value = written[dimension]
    for (const [i, one] of (Array.isArray(value) ? value : [value]).entries()) {
      if (typeof one !== 'string') continue
      const path = Array.isArray(value) ? [dimension, i] : [dimension]
      const known = words[dimension]
      if (dimension === 'ip' && one.includes('/')) {
        const hint = 'write a glob such as "10.*", or match ip_prefix'
        ctx.addIssue(complain({ message: 'a network never matches a single address', hint }, path))
      } else if (dimension === 'country' && !/^(?:[A-Z*]{1,2}|-)$/.test(one)) {
        const hint = 'write two capital letters, for instance DE'
        ctx.addIssue(complain({ message: 'not a country of ISO 3166-1', hint }, path))
      } else if (known !== undefined && one.length > 0 && !known.some((word) => globMatches(one, word))) {
        const meant = nearest(one, known)
        const hint = meant === null ? `write one of ${known.join(', ')}` : `did you mean "${meant}"?`
        ctx.addIssue(complain({ message: `there is no such ${dimension}`, hint }, path))
      }
    }
  }
}
