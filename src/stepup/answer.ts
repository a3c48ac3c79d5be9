import { err, ok, type Result } from '../core/result.ts'

/** How somebody who is asked answers: the body of `POST /weir/step-up`. */
export type Answer = ProofSent | TokenSent | CredentialShown | PurposeDeclared | GrantAsked

export interface ProofSent {
  readonly means: 'proof_of_work'
  readonly challenge: string
  readonly solution: string
}

export interface TokenSent {
  readonly means: 'attestation'
  readonly token: string
}

/** By a token of a fresh login; null: by the signature of this very request. */
export interface CredentialShown {
  readonly means: 'reauthenticate'
  readonly token: string | null
}

export interface PurposeDeclared {
  readonly means: 'purpose'
  readonly purpose: string
  readonly contact: string
  readonly requestsPerDay: number
}

export interface GrantAsked {
  readonly means: 'grant'
  readonly purpose: string
  readonly contact: string
  /** Globs. */
  readonly models: readonly string[]
  readonly tokens: number
  /** From the decision on. */
  readonly days: number
}

export interface BadAnswer {
  readonly message: string
  readonly param: string
}

/** The fields of each means; what is not here is refused, so that a slip of the pen is heard of. */
const fields: Readonly<Record<Answer['means'], readonly string[]>> = {
  proof_of_work: ['challenge', 'solution'],
  attestation: ['token'],
  reauthenticate: ['token'],
  purpose: ['purpose', 'contact', 'requests_per_day'],
  grant: ['purpose', 'contact', 'models', 'tokens', 'days'],
}

/** Every field that an answer can have. */
export const answerFields: ReadonlySet<string> = new Set(['means', ...Object.values(fields).flat()])

const MAX_MODELS = 20
const MAX_WHOLE = 1_000_000_000_000
const MAX_DAYS = 365
/** No control characters but line breaks and tabs, and nothing that turns the order of what is read: people review this. */
const READABLE = /^(?:[\n\t]|[^\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff])*$/u

type Body = Readonly<Record<string, unknown>>

export function readAnswer(body: Body): Result<Answer, BadAnswer> {
  const means = body['means']
  if (typeof means !== 'string' || !Object.hasOwn(fields, means)) {
    return bad('means', `must be one of ${Object.keys(fields).join(', ')}`)
  }
  const allowed = fields[means as Answer['means']]
  const stray = Object.keys(body).find((name) => name !== 'means' && !allowed.includes(name))
  if (stray !== undefined) return bad(stray.slice(0, 64), `does not belong to ${means}`)
  switch (means as Answer['means']) {
    case 'proof_of_work': {
      const { challenge, solution } = body
      if (!isText(challenge, 1, 200)) return bad('challenge', 'must be the challenge as it was given')
      if (!isText(solution, 1, 16)) return bad('solution', 'must be a string of digits')
      return ok({ means: 'proof_of_work', challenge, solution })
    }
    case 'attestation':
      return isText(body['token'], 1, MAX_TOKEN_CHARS)
        ? ok({ means: 'attestation', token: body['token'] })
        : bad('token', 'must be a signed token')
    case 'reauthenticate': {
      const token = body['token'] ?? null
      if (token !== null && !isText(token, 1, MAX_TOKEN_CHARS)) return bad('token', 'must be a signed token')
      return ok({ means: 'reauthenticate', token })
    }
    case 'purpose':
      return readPurpose(body)
    case 'grant':
      return readGrant(body)
  }
}

const MAX_TOKEN_CHARS = 8192

function readPurpose(body: Body): Result<PurposeDeclared, BadAnswer> {
  const said = readWords(body)
  if (!said.ok) return said
  const requestsPerDay = body['requests_per_day']
  if (!isWhole(requestsPerDay, MAX_WHOLE)) return bad('requests_per_day', 'must be a whole number from 1')
  return ok({ means: 'purpose', ...said.value, requestsPerDay })
}

function readGrant(body: Body): Result<GrantAsked, BadAnswer> {
  const said = readWords(body)
  if (!said.ok) return said
  const { models, tokens, days } = body
  if (!Array.isArray(models) || models.length < 1 || models.length > MAX_MODELS || !models.every(isModelName)) {
    return bad('models', `must be a list of 1 to ${MAX_MODELS} models`)
  }
  if (!isWhole(tokens, MAX_WHOLE)) return bad('tokens', `must be a whole number from 1 to ${MAX_WHOLE}`)
  if (!isWhole(days, MAX_DAYS)) return bad('days', `must be a whole number from 1 to ${MAX_DAYS}`)
  return ok({ means: 'grant', ...said.value, models, tokens, days })
}

function readWords({ purpose, contact }: Body): Result<{ purpose: string; contact: string }, BadAnswer> {
  if (!isText(purpose, 20, 2000) || purpose.trim().length < 20)
    return bad('purpose', 'must be a text of 20 to 2000 characters')
  if (!isText(contact, 3, 200)) return bad('contact', 'must be a text of 3 to 200 characters')
  return ok({ purpose, contact })
}

const bad = (param: string, what: string): Result<never, BadAnswer> => err({ param, message: `"${param}" ${what}.` })

const isText = (value: unknown, least: number, most: number): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most && READABLE.test(value)

const isModelName = (value: unknown): value is string => isText(value, 1, 128) && !/\s/.test(value)

const isWhole = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most
