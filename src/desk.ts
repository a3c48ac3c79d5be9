import type { Network, Principal } from './core/principal.ts'
import { ok, type Result } from './core/result.ts'
import type { Upstream } from './core/upstream.ts'
import { bad, emptyBody, readBody } from './dialects/body.ts'
import type { BadBody, Endpoint, ReadCall } from './dialects/dialect.ts'
import { noCall } from './dialects/nothing.ts'
import { answering, ownEndpoint, problem, type Answer } from './desk-answer.ts'
import { answerStepUp, isStepUp, stepUpEndpoints, type StepUpDesk } from './step-up-desk.ts'
import type { TermsBook } from './terms.ts'
import type { TokenMint } from './identity/token.ts'
import type { Limit } from './quota/limit.ts'
import type { QuotaRow } from './quota/listing.ts'

/**
 * What Weir itself answers on the data plane, under `/weir/`: a caller swaps its key for a short-lived token, reads what
 * is left of its limits, reads and accepts the terms, answers where it is asked to prove itself. These are endpoints like any other: identified, limited, and each
 * call an event.
 */
export const deskEndpoints: readonly Endpoint[] = [
  own('weir_token', 'POST', '/weir/token'),
  own('weir_quotas', 'GET', '/weir/quotas'),
  own('weir_terms', 'GET', '/weir/terms'),
  own('weir_accept', 'POST', '/weir/terms'),
  ...stepUpEndpoints,
]

export const isDesk = (endpoint: Endpoint): boolean => deskEndpoints.includes(endpoint)

/** What the desk works with. */
export interface Desk {
  readonly mint: TokenMint | null
  readonly bind: 'none' | 'ip_prefix' | 'fingerprint'
  readonly terms: TermsBook
  readonly stepUp: StepUpDesk
  /** The caller's own counters of these limits. */
  quotas(who: Principal, limits: readonly Limit[]): readonly QuotaRow[]
  /** What a token is tied to beside its key's id; null for a key that is not configured any more. */
  stampOf(keyId: string): string | null
  /** Resolves when what was put on record is on the disk. */
  settled(): Promise<void>
}

export interface DeskCaller {
  readonly who: Principal
  readonly network: Network
  readonly fingerprint: string | null
  /** This very request is signed with the caller's key, and rightly. */
  readonly isSigned: boolean
  /** As they hold for this caller, its reputation included. */
  readonly limits: readonly Limit[]
}

/**
 * An upstream that answers a call as the desk does. Nothing is made or put on record before it is asked, because calls
 * that are not admitted come as far as here too.
 */
export const answerAtDesk = (
  desk: Desk,
  endpoint: Endpoint,
  read: ReadCall,
  caller: DeskCaller,
  nowMs: number,
  fault: (error: unknown) => void,
): Upstream =>
  answering(
    () => answerOf(desk, endpoint, read, caller, nowMs),
    () => (endpoint.method === 'POST' && endpoint.name !== 'weir_token' ? desk.settled() : null),
    fault,
  )

function answerOf(
  desk: Desk,
  endpoint: Endpoint,
  read: ReadCall,
  caller: DeskCaller,
  nowMs: number,
): Answer | Promise<Answer> {
  if (isStepUp(endpoint)) return answerStepUp(desk.stepUp, endpoint, read.body, caller, nowMs)
  switch (endpoint.name) {
    case 'weir_token':
      return token(desk, caller, nowMs)
    case 'weir_quotas':
      return [200, { limits: desk.quotas(caller.who, caller.limits).filter(isForCaller) }]
    case 'weir_accept':
      return desk.terms.accept(caller.who, read.body['version'], nowMs)
    default:
      return [200, desk.terms.statusOf(caller.who.account)]
  }
}

/** A limit in shadow mode is not to be known. */
const isForCaller = ({ mode }: QuotaRow): boolean => mode === 'enforce'

function token({ mint, bind, stampOf }: Desk, { who, network, fingerprint }: DeskCaller, nowMs: number): Answer {
  if (mint === null) return [404, problem('Tokens are not offered here.', 'tokens_not_offered')]
  // 400: an upstream's 403 would be about the operator's own key, and not be shown.
  if (who.credential !== 'key') return [400, problem('Only a key can be swapped for a token.', 'key_required')]
  if (bind === 'fingerprint' && fingerprint === null) {
    return [400, problem('The calling program cannot be told from others.', 'no_fingerprint')]
  }
  const boundTo = {
    ipPrefix: bind === 'ip_prefix' ? network.ipPrefix : null,
    fingerprint: bind === 'fingerprint' ? fingerprint : null,
  }
  const stamp = stampOf(who.keyId)
  if (stamp === null) return [404, problem('The key is not there any more.', 'key_gone')]
  const made = mint.mint(who.keyId, stamp, boundTo, nowMs)
  const claims = mint.check(made, nowMs)
  const expires = typeof claims === 'string' ? nowMs : claims.expiresAtMs
  return [200, { token: made, token_type: 'Bearer', expires_at: new Date(expires).toISOString(), bound_to: bind }]
}

function own(name: string, method: 'GET' | 'POST', path: string): Endpoint {
  return ownEndpoint(name, method, path, (bytes, _target, bounds) => {
    if (method === 'GET' || bytes.length === 0) return ok(noCall(emptyBody, '', ''))
    const read = readBody(bytes, bounds, known)
    return read.ok ? withVersion(noCall(read.value, '', '')) : read
  })
}

const known: ReadonlySet<string> = new Set(['version'])

function withVersion(read: ReadCall): Result<ReadCall, BadBody> {
  const version = read.body['version'] ?? ''
  return typeof version === 'string' && version.length <= 64
    ? ok(read)
    : bad('"version" must be a string of at most 64 characters.', 'version')
}
