import * as z from 'zod'
import { err, ok } from '../core/result.ts'
import type { AuditConfig } from './config.ts'
import { duration, nothingLeft, safeUrl, text, word } from './fields.ts'

const DAY_MS = 86_400_000

const origin = word(
  /^[^\s+\p{Cc}]{1,128}$/u,
  { message: 'not a name of 1 to 128 characters without spaces and "+"', hint: 'write for instance weir.example/log' },
  ['weir.example/log'],
)

/** C2SP tlog-cosignature: an Ed25519 key of type 4. Whether its parts fit is found when the log is opened. */
const witnessKey = text(
  (value) =>
    /^[^\s+]+\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}$/u.test(value)
      ? ok(value)
      : err({
          message: 'not the key of a witness',
          hint: 'write its vkey, such as witness.example/w1+8hexdigits+base64',
        }),
  { examples: ['witness.example/w1+5b8ed2a4+BC1vH6k0pWq5oW1jK3Yq5hY0e3n1S2cZJm0cZ2hJmW4k'] },
)

const witness = z
  .strictObject({ url: safeUrl('https://witness.example/w1'), key: witnessKey })
  .transform(({ url, key, ...rest }) => {
    nothingLeft(rest)
    return { url, key }
  })

const anchor = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .optional()
      .meta({ examples: ['/mnt/worm/weir'] })
      .describe('A second folder, best on storage that Weir cannot change.'),
    timestamp: safeUrl('https://tsa.example/tsr').optional().describe('A time stamping authority, RFC 3161.'),
  })
  .transform(({ folder, timestamp, ...rest }) => {
    nothingLeft(rest)
    return { folder: folder ?? null, timestampUrl: timestamp ?? null }
  })

/** What others keep of the log, so that it cannot be rolled back unseen. */
export const audit: z.ZodType<AuditConfig> = z
  .strictObject({
    origin: origin.optional().describe('Names the log for good; without it one is made up.'),
    witnesses: z.array(witness).max(16).prefault([]),
    anchor: anchor.prefault({}),
    every: duration(1000, DAY_MS, '1h').prefault('1h').describe('How often witnesses and the anchor get a checkpoint.'),
  })
  .transform(({ origin, witnesses, anchor, every, ...rest }) => {
    nothingLeft(rest)
    return { origin: origin ?? null, witnesses, anchor, everyMs: every }
  })
