import { request } from 'undici'

const MAX_BYTES = 1024 * 1024
const DEADLINE_MS = 10_000

/**
 * Reads a JSON document, such as an issuer's keys, from a URL that the configuration names or vouches for. Follows no
 * redirect, since that would let the other side choose the host. Rejects with what went wrong, without the document.
 */
export async function fetchJson(url: string): Promise<unknown> {
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    headersTimeout: DEADLINE_MS,
    bodyTimeout: DEADLINE_MS,
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  // What is thrown away half-read says so in an error of its own.
  body.on('error', () => {})
  if (statusCode !== 200) {
    body.destroy()
    throw new Error(`answered with status ${statusCode}`)
  }
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += (part as Buffer).length
    if (bytes > MAX_BYTES) {
      body.destroy()
      throw new Error(`larger than ${MAX_BYTES} bytes`)
    }
    parts.push(part as Buffer)
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}
