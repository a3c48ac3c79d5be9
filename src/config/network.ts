import * as z from 'zod'
import { networkTypes } from '../core/principal.ts'
import { err, ok, type Result } from '../core/result.ts'
import { parseNetwork } from './address.ts'
import type { NetworkConfig, ReputationConfig } from './config.ts'
import { complain, date, file, headerName, label, nothingLeft, onAnyMap, sentence, text, word } from './fields.ts'
import type { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'

const MAX_LIST_BYTES = 16 * 1024 * 1024
const MAX_RANGES = 500_000

const asn = z
  .int()
  .min(1)
  .max(4_294_967_295)
  .meta({ examples: [64500] })
const listTypes = networkTypes.filter((type) => type !== 'none')

const list = z
  .strictObject({ type: z.enum(listTypes), file: file(MAX_LIST_BYTES, 'tor.txt', readList) })
  .transform(({ type, file, ...rest }) => {
    nothingLeft(rest)
    return { type, path: file.path, ranges: file.ranges }
  })

const subjects = ['cidr', 'asn', 'ja4', 'key', 'fingerprint'] as const

const reputation = z
  .strictObject({
    cidr: text((value) => parseNetwork(value), { examples: ['192.0.2.0/24'] }).optional(),
    asn: asn.optional(),
    ja4: word(
      /^[A-Za-z0-9_]{1,64}$/,
      { message: 'not a JA4 fingerprint', hint: 'write for instance t13d1516h2_8daaf6152771_02713d6af862' },
      ['t13d1516h2_8daaf6152771_02713d6af862'],
    ).optional(),
    key: label.optional(),
    fingerprint: label.optional(),
    score: z.int().min(0).max(100).describe('0 is worst, 100 best, 50 what is said of nobody.'),
    expires: date.optional(),
    reason: sentence(500, 'seen in incident 7'),
  })
  .superRefine((value, ctx) => {
    const given = subjects.filter((subject) => value[subject] !== undefined)
    const hint = `write exactly one of ${subjects.join(', ')}`
    if (given.length === 0) ctx.addIssue(complain({ message: 'says nothing of anybody', hint }, [], 'key'))
    for (const more of given.slice(1)) {
      ctx.addIssue(
        complain(
          { message: `an entry is about one thing, and this one is about ${given[0]} already`, hint },
          [more],
          'key',
        ),
      )
    }
  }, onAnyMap)
  .transform(({ score, expires, reason, ...about }): ReputationConfig => {
    const { cidr, asn, ja4, key, fingerprint, ...rest } = about
    nothingLeft(rest)
    const given = { cidr, asn, ja4, key, fingerprint }
    const kind = subjects.find((subject) => given[subject] !== undefined)!
    return { kind, value: String(given[kind]), score, expiresAtMs: expires ?? null, reason }
  })

const headers = z
  .strictObject({
    asn: headerName('x-asn').optional(),
    country: headerName('x-country').optional(),
    ja3: headerName('x-ja3').optional(),
    ja4: headerName('x-ja4').optional(),
  })
  .transform(({ asn, country, ja3, ja4, ...rest }) => {
    nothingLeft(rest)
    return { asn: asn ?? null, country: country ?? null, ja3: ja3 ?? null, ja4: ja4 ?? null }
  })

export const network: z.ZodType<NetworkConfig> = z
  .strictObject({
    databases: z.array(file(0, 'GeoLite2-ASN.mmdb', ({ path }) => ok(path))).default([]),
    headers: headers.prefault({}),
    lists: z.array(list).default([]),
    hosting_asns: z.array(asn).default([]),
    reputation: z.array(reputation).default([]),
  })
  .transform(({ databases, headers, lists, hosting_asns, reputation, ...rest }) => {
    nothingLeft(rest)
    return { databases, headers, lists, hostingAsns: hosting_asns, reputation }
  })

/** One address or network a line, as tor and netset lists have them; what follows # or ; is a comment. */
function readList({ path, text }: FoundFile): Result<{ path: string; ranges: readonly string[] }, Complaint> {
  const ranges: string[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(/[#;].*$/, '').trim()
    if (entry === '') continue
    const range = parseNetwork(entry)
    if (!range.ok) return err({ message: `line ${i + 1} of the file: ${range.error.message}`, hint: range.error.hint })
    if (ranges.push(range.value) > MAX_RANGES) {
      return err({ message: `more than ${MAX_RANGES} networks`, hint: 'join neighbouring networks' })
    }
  }
  if (ranges.length > 0) return ok({ path, ranges })
  return err({ message: 'the file names no network', hint: 'check the path, or remove the list' })
}
