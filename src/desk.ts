import type { Network, Principal } from './core/principal.ts'
import { ok, type Result } from './core/result.ts'
import type { Upstream } from './core/upstream.ts'
import { bad, emptyBody, readBody } from './dialects/body.ts'
import type { BadBody, Endpoint, ReadCall } from './dialects/dialect.ts'
import { noAnswer, noCall, noReader } from './dialects/nothing.ts'
import { openai } from './dialects/openai.ts'
import type { TermsBook } from './terms.ts'
import type { TokenMint } from './identity/token.ts'
import type { Limit } from './quota/limit.ts'
import type { QuotaRow } from './quota/listing.ts'

/**
 * What Weir itself answers on the data plane, under `/weir/`: a caller swaps its key for a short-lived token, reads what
 * is left of its limits, reads and accepts the terms. These are endpoints like any other: identified, limited, and each
 * call an event.
 */
export const deskEndpoints: readonly Endpoint[] = [
  own('weir_token', 'POST', '/weir/token'),
  own('weir_quotas', 'GET', '/weir/quotas'),
  own('weir_terms', 'GET', '/weir/terms'),
  own('weir_accept', 'POST', '/weir/terms'),
]

export const isDesk = (endpoint: Endpoint): boolean => deskEndpoints.includes(endpoint)

/** What the desk works with. */
export interface Desk {
  readonly mint: TokenMint | null
  readonly bind: 'none' | 'ip_prefix' | 'fingerprint'
  readonly terms: TermsBook
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
): Upstream =>
  answering(
    () => answerOf(desk, endpoint, read, caller, nowMs),
    () => (endpoint.name === 'weir_accept' ? desk.settled() : null),
  )

type Answer = readonly [status: number, body: object]

function answerOf(desk: Desk, endpoint: Endpoint, read: ReadCall, caller: DeskCaller, nowMs: number): Answer {
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

const problem = (message: string, code: string): object => ({
  error: { message, type: 'invalid_request_error', param: null, code },
})

function own(name: string, method: 'GET' | 'POST', path: string): Endpoint {
  return {
    name,
    dialect: openai,
    method,
    path,
    generates: false,
    read: (bytes, _target, bounds) => {
      if (method === 'GET' || bytes.length === 0) return ok(noCall(emptyBody, '', ''))
      const read = readBody(bytes, bounds, known)
      return read.ok ? withVersion(noCall(read.value, '', '')) : read
    },
    encode: () => null,
    readAnswer: noAnswer,
    reader: noReader,
  }
}

const known: ReadonlySet<string> = new Set(['version'])

function withVersion(read: ReadCall): Result<ReadCall, BadBody> {
  const version = read.body['version'] ?? ''
  return typeof version === 'string' && version.length <= 64
    ? ok(read)
    : bad('"version" must be a string of at most 64 characters.', 'version')
}

/** What `answer` throws is a fault of ours, as anywhere on the request path. `settled` is waited for where there is one. */
function answering(answer: () => Answer, settled: () => Promise<void> | null): Upstream {
  return {
    name: 'weir',
    send(_request, sink) {
      const answered = answer()
      let aborted = false
      const send = ([status, value]: Answer): void => {
        if (aborted) return
        sink.onHead(status, { 'content-type': 'application/json' })
        sink.onData(Buffer.from(JSON.stringify(value)))
        sink.onEnd()
      }
      const unsettled: Answer = [503, problem('Noted, but not on record yet. Please ask again.', 'not_on_record')]
      const waiting = answered[0] === 200 ? settled() : null
      if (waiting === null) queueMicrotask(() => send(answered))
      else
        void waiting.then(
          () => send(answered),
          () => send(unsettled),
        )
      const abort = (): void => {
        aborted = true
      }
      return { abort, pause() {}, resume() {} }
    },
    close: () => Promise.resolve(),
  }
}
