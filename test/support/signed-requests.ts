import { createHash } from 'node:crypto'
import { sign, SignatureChecker, type SignedRequest } from '../../src/identity/signature.ts'

/** Signed requests and a checker: what tests of signatures begin with. */
export const SECOND_MS = 1000
export const WINDOW_MS: number = 300 * SECOND_MS
export const NOW_MS: number = Date.UTC(2026, 0, 1)
export const SECRET = 'wr_acme_0123456789abcdef0123456789abcdef'
export const HASH: string = createHash('sha256').update(SECRET).digest('hex')

export interface Sent {
  method: string
  target: string
  body: Uint8Array
  headers: Record<string, string>
}

let counter = 0
export const freshNonce = (): string => `nonce-${String(counter++).padStart(16, '0')}`

export const signed = ({
  keyId = 'acme-1',
  secret = SECRET,
  nonce = freshNonce(),
  createdMs = NOW_MS,
}: { keyId?: string; secret?: string; nonce?: string; createdMs?: number } = {}): Sent => {
  const request = {
    method: 'POST',
    target: '/v1/chat/completions?beta=true&x=%2F',
    body: Buffer.from('{"model":"m","messages":[]}'),
  }
  return { ...request, headers: sign(request, { keyId, secret }, { nonce, createdMs }) }
}

export const read = ({ method, target, body, headers }: Sent): SignedRequest => ({
  method,
  target,
  body,
  header: (name) => headers[name],
})

export const newChecker = (maxNonces: number = 1000): SignatureChecker =>
  new SignatureChecker({ windowMs: WINDOW_MS, maxNonces })
export const check = (
  sent: Sent,
  nowMs: number = NOW_MS,
  checker: SignatureChecker = newChecker(),
  keyId: string = 'acme-1',
): string => checker.check(read(sent), keyId, HASH, nowMs)
