import { hash } from 'node:crypto'
import { err, ok, type Result } from '../core/result.ts'

/**
 * Time stamps of RFC 3161. The request is written here; of the answer only as much is read as shows that it was granted
 * and is about what was asked. Its signature is for whoever relies on it: `openssl ts -verify` knows the authorities.
 */
export const QUERY_TYPE = 'application/timestamp-query'

/** `nonce`: random bytes, so that an old answer cannot be passed off as a new one. */
export function timestampQuery(content: Uint8Array, nonce: Uint8Array): Buffer {
  const algorithm = sequence(SHA256_OID, NULL)
  const imprint = sequence(algorithm, element(OCTET_STRING, hash('sha256', content, 'buffer')))
  return sequence(element(INTEGER, Buffer.of(1)), imprint, element(INTEGER, unsigned(nonce)), TRUE)
}

/** The error is for the operator. */
export function checkReply(reply: Buffer, content: Uint8Array, nonce: Uint8Array): Result<null, string> {
  const outer = read(reply, 0)
  const status = outer === null ? null : read(reply, outer.start)
  const code = status === null ? null : read(reply, status.start)
  if (outer?.tag !== SEQUENCE || status?.tag !== SEQUENCE || code?.tag !== INTEGER || code.end - code.start !== 1) {
    return err('the answer is no time stamp')
  }
  const granted = reply[code.start]!
  if (granted > 1) return err(`the authority refused (status ${granted})`)
  const imprint = element(OCTET_STRING, hash('sha256', content, 'buffer'))
  if (!reply.includes(imprint)) return err('the time stamp is about something else')
  return reply.includes(element(INTEGER, unsigned(nonce))) ? ok(null) : err('the time stamp is an old one')
}

const [INTEGER, OCTET_STRING, SEQUENCE] = [0x02, 0x04, 0x30]
const NULL = Buffer.of(0x05, 0)
const TRUE = Buffer.of(0x01, 1, 0xff)
/** 2.16.840.1.101.3.4.2.1 */
const SHA256_OID = Buffer.from('0609608648016503040201', 'hex')

/** DER. Nothing that is written here is longer than 127 bytes. */
const element = (tag: number, content: Uint8Array): Buffer => Buffer.concat([Buffer.of(tag, content.length), content])
const sequence = (...parts: readonly Uint8Array[]): Buffer => element(SEQUENCE, Buffer.concat(parts))

/** The shortest form of a number that is not negative. */
function unsigned(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const short = Buffer.from(bytes.subarray(first === -1 ? bytes.length - 1 : first))
  return short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short
}

function read(
  bytes: Buffer,
  at: number,
): { readonly tag: number; readonly start: number; readonly end: number } | null {
  if (at + 2 > bytes.length) return null
  const short = bytes[at + 1]!
  const more = short < 0x80 ? 0 : short - 0x80
  if (more > 4 || at + 2 + more > bytes.length) return null
  const start = at + 2 + more
  const end = start + (more === 0 ? short : bytes.readUIntBE(at + 2, more))
  return end > bytes.length ? null : { tag: bytes[at]!, start, end }
}
