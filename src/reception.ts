import type { RequestCaps } from './core/caps.ts'
import type { Call } from './core/call.ts'
import { noFacts } from './core/dimensions.ts'
import type { Draft } from './core/draft.ts'
import type { Exchange } from './core/exchange.ts'
import type { Refusal } from './core/refusal.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Endpoint, ReadCall, Target } from './dialects/dialect.ts'
import { endpoints, findRoute } from './dialects/index.ts'
import type { WholeAnswer } from './gateway/relay.ts'
import { AMBIGUOUS, presentedSecret } from './identity/credentials.ts'
import type { Identification, Identified } from './identity/identify.ts'
import { claimedKeyId, type SignedRequest } from './identity/signature.ts'
import { bindingHolds } from './identity/token.ts'
import { lowestMaxTokens, overCap } from './screening/caps.ts'
import { screenPrompt } from './screening/screens.ts'
import { meantBy, touchKey, worthless } from './decoying.ts'
import { networkFacts, type Known } from './describe.ts'
import { deskEndpoints, isDesk } from './desk.ts'
import type { RequestPath } from './pipeline.ts'
import { stepUpPage } from './step-up-desk.ts'
import { deniedField, type ModelTarget, type Policy, type Standing } from './policy.ts'

/**
 * The first half of the request path: what is asked for, by whom, from where, and whether that caller may ask for it at
 * all. Each stage gives the next one what it needs, or the refusal that ends the request.
 */
const allEndpoints: readonly Endpoint[] = [...endpoints, ...deskEndpoints, stepUpPage]

export { describe, type Known } from './describe.ts'

export interface Route {
  readonly endpoint: Endpoint
  readonly target: Target
}

export function findEndpoint({ method, target }: Exchange, draft: Draft): Result<Route, Refusal> {
  const found = findRoute(allEndpoints, method, target)
  if (found === null) return err({ kind: 'unknown_route' })
  if ('allow' in found) return err({ kind: 'wrong_method', allow: found.allow })
  draft.endpoint = found.endpoint.name
  return ok(found)
}

/** A page that anybody may read, since nothing in it is about anybody; null: the caller has to say who it is. */
export function openPage(endpoint: Endpoint, path: RequestPath): Result<WholeAnswer, Refusal> | null {
  if (endpoint !== stepUpPage) return null
  const closed = closedTo(path)
  return closed === null ? ok(path.desk.stepUp.page) : err(closed)
}

/** Whether nobody is served at present; null: everybody is. */
function closedTo({ draining, canRecord }: RequestPath): Refusal | null {
  if (draining) return { kind: 'draining' }
  return canRecord ? null : { kind: 'record_unavailable' }
}

/** Who is calling. A failed attempt is counted for its network; a right credential always works. */
export function identify(
  exchange: Exchange,
  { endpoint, target }: Route,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Result<Identified, Refusal> | Promise<Result<Identified, Refusal>> {
  const closed = closedTo(path)
  if (closed !== null) return err(closed)
  // Node keeps the first of several, where a proxy in front may have looked at the last.
  const secret = isRepeated(exchange.headerNames, 'authorization')
    ? AMBIGUOUS
    : presentedSecret(endpoint.dialect.keyPlaces, exchange, target.query)
  const signature = exchange.header('signature-input')
  const signer = signature === undefined ? null : claimedKeyId(signature)
  const checked = policy.identifier.identify(secret, exchange.clientCertificate, signer, path.clock.now())
  const isHoney = touchKey(secret, policy, draft)
  const goOn = (found: Identification): Result<Identified, Refusal> =>
    identified(isHoney ? worthless(found) : found, policy, path, draft)
  // Only a token whose issuer's keys must be fetched waits; everybody else goes on in the same turn.
  return checked instanceof Promise ? checked.then(goOn) : goOn(checked)
}

function identified(
  found: Identification,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Result<Identified, Refusal> {
  if (found.ok) {
    // An event must not tell of a key what somebody has done who only claims to have it.
    if (found.proven) draft.who = found.principal
    // Nobody here can tell a right key from a wrong one, so this is the one case in which a network waits as a whole.
    const waits = found.passThrough === null ? null : tooManyFailures(policy, path, draft)
    return waits ?? ok(found)
  }
  if (found.why === 'unavailable') return err({ kind: 'identity_unavailable' })
  return failedAttempt({ kind: 'unauthenticated', why: found.why }, policy, path, draft)
}

function isRepeated(names: readonly string[], name: string): boolean {
  const first = names.indexOf(name)
  return first >= 0 && names.indexOf(name, first + 1) >= 0
}

interface Failed {
  readonly ok: false
  readonly error: Refusal
}

/** Whoever shares an address with a guesser must not notice: only failures wait. */
function failedAttempt(refusal: Refusal, policy: Policy, path: RequestPath, draft: Draft): Failed {
  const tooMany = tooManyFailures(policy, path, draft)
  if (tooMany !== null) return tooMany
  countFailedAttempt(path, policy, draft)
  return { ok: false, error: refusal }
}

/** Whether a network has failed so often that it has to wait; null: it has not. */
function tooManyFailures(policy: Policy, path: RequestPath, draft: Draft): Failed | null {
  const nowMs = path.clock.now()
  const failures = path.failures.counter(policy.authFailures, { ...noFacts, ...networkFacts(draft) }, nowMs)
  if (failures.room(nowMs) >= 1) return null
  return { ok: false, error: { kind: 'too_many_failures', retryAfterMs: failures.waitMs(1, nowMs) ?? 1000 } }
}

/** Counts an attempt for its network. Whether a client's own key is right, only its upstream can say. */
export function countFailedAttempt(path: RequestPath, policy: Policy, draft: Draft): void {
  const nowMs = path.clock.now()
  path.failures.counter(policy.authFailures, { ...noFacts, ...networkFacts(draft) }, nowMs).owe(1, nowMs)
}

/** Reads the body, and checks the signature over it where the key wants one. */
export async function readCall(
  exchange: Exchange,
  { endpoint, target }: Route,
  who: Identified,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Promise<Result<ReadCall, Refusal | 'gone'>> {
  const encoding = exchange.header('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') {
    return err({ kind: 'unsupported_encoding', encoding: encoding.slice(0, 32) })
  }
  let body: Uint8Array = new Uint8Array()
  if (endpoint.method === 'POST') {
    const read = await exchange.readBody(policy.maxBodyBytes, policy.bodyTimeoutMs)
    if (!read.ok) {
      if (read.error === 'aborted') return err('gone')
      if (read.error === 'malformed')
        return err({ kind: 'bad_request', message: 'The body is not valid HTTP.', param: null })
      if (read.error === 'timeout') return err({ kind: 'body_timeout', timeoutMs: policy.bodyTimeoutMs })
      return err({ kind: 'too_large', maxBytes: policy.maxBodyBytes })
    }
    body = read.value
  }
  if (who.signedBy !== null) {
    const { id, secretSha256 } = who.signedBy
    const checked = path.signatures.check(new Signed(exchange, body), id, secretSha256, path.clock.now())
    if (checked !== 'ok') {
      const why = checked === 'missing' ? 'unsigned' : checked === 'wrong' ? 'bad_signature' : checked
      return failedAttempt({ kind: 'unauthenticated', why }, policy, path, draft)
    }
    draft.who = who.principal
  }
  const read = endpoint.read(body, target, policy)
  if (!read.ok) return err({ kind: 'bad_request', ...read.error })
  const meant = meantBy(read.value, who.principal, policy, path, draft)
  const { call } = meant
  const { stream, promptBytes, messages, choices, maxOutputTokens, opaqueParts } = call
  draft.request = { stream, bodyBytes: body.length, promptBytes, messages, choices, maxOutputTokens, opaqueParts }
  draft.model = call.model === '' ? null : call.model
  draft.user = who.principal.user ?? named(exchange, policy.userHeader) ?? call.user
  draft.session = named(exchange, policy.sessionHeader) ?? call.session
  return ok(meant)
}

/** What a signature is made over. */
class Signed implements SignedRequest {
  readonly method: string
  readonly target: string
  readonly body: Uint8Array
  readonly #exchange: Exchange

  constructor(exchange: Exchange, body: Uint8Array) {
    this.method = exchange.method
    this.target = exchange.target
    this.body = body
    this.#exchange = exchange
  }

  header(name: string): string | undefined {
    return this.#exchange.header(name)
  }
}

const MAX_NAME_CHARS = 512

/** A name in a header, as the client gives it. */
function named(exchange: Exchange, header: string | null): string | null {
  if (header === null) return null
  const value = exchange.header(header)
  return value === undefined || value === '' ? null : value.slice(0, MAX_NAME_CHARS)
}

/** Whether this caller may ask for this at all, whatever its limits; null: yes. */
export function permit(
  who: Identified,
  route: Route,
  read: ReadCall,
  known: Known,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Refusal | null {
  const { trust } = known.standing
  const { endpoint } = route
  const { token } = who
  if (token !== null && !bindingHolds(token, { ipPrefix: draft.network.ipPrefix, fingerprint: known.program })) {
    // Whoever has stolen a token must not try one fingerprint after the other.
    return failedAttempt({ kind: 'unauthenticated', why: 'wrong_binding' }, policy, path, draft).error
  }
  if (isDesk(endpoint)) return null
  if (trust !== null && trust.endpoints?.includes(endpoint.name) === false) {
    return { kind: 'not_allowed', what: 'endpoint', name: endpoint.name }
  }
  const denied = deniedField(known.standing, read.body)
  if (denied !== null) return { kind: 'not_allowed', what: 'field', name: denied }
  const { terms } = policy
  if (
    terms?.onUnaccepted === 'deny' &&
    !known.exempt.from.has('terms') &&
    !path.terms.accepted(who.principal.account)
  ) {
    return { kind: 'terms_unaccepted', version: terms.version, url: terms.url }
  }
  return screen(read, known, policy, path, draft)
}

function screen(read: ReadCall, known: Known, policy: Policy, path: RequestPath, draft: Draft): Refusal | null {
  if (policy.screening === null || read.texts.length === 0 || known.exempt.from.has('screening')) return null
  const { actions, maxScanBytes } = policy.screening
  try {
    draft.flags = screenPrompt(read.texts, maxScanBytes).filter((found) => actions[found] !== 'off')
  } catch (error) {
    if (policy.onError.screen === 'deny') throw error
    path.fault(draft.id, error)
    draft.fault = 'screen_failed'
  }
  const refused = draft.flags.filter((found) => actions[found as keyof typeof actions] === 'refuse')
  return refused.length === 0 ? null : { kind: 'screened', screens: refused }
}

/** The bounds that hold for a request: everybody's, its model's, its caller's. */
export function withinCaps(call: Call, { fieldNames }: Endpoint, caps: readonly RequestCaps[]): Refusal | null {
  for (const each of caps) {
    const over = overCap(call, each)
    if (over === null) continue
    const names = fieldNames?.[over.param] ?? [over.param]
    const param = names.find((name) => call.params.fields.includes(name)) ?? names[0]!
    return { kind: 'bad_request', message: over.message, param }
  }
  return null
}

/**
 * The bound to send on where the client named none and a cap holds, over all choices; null: there is no cap. Where the
 * vendor has a bound of its own for such requests, a cap above it must not make the answer longer.
 */
export function impliedMaxTokens(call: Call, endpoint: Endpoint, caps: readonly RequestCaps[]): number | null {
  const lowest = call.maxOutputTokens === null ? lowestMaxTokens(caps) : null
  return lowest === null ? null : Math.min(lowest, endpoint.unsaidMaxTokens ?? lowest) * call.choices
}

export const capsOf = (policy: Policy, target: ModelTarget, { trust }: Standing): readonly RequestCaps[] =>
  trust === null ? [policy.caps, target.caps] : [policy.caps, target.caps, trust.request]

/** Whether a trust profile lets its callers use a model; what is about no one model is open to all of them. */
export const mayUse = ({ trust }: Standing, model: string, matches: (glob: string, text: string) => boolean): boolean =>
  model === '' || (trust?.models?.some((glob) => matches(glob, model)) ?? true)
