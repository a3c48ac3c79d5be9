import { request } from 'undici'

const MAX_BYTES = 256 * 1024
const DEADLINE_MS = 10_000

/** Posts to a URL that the configuration names, and follows no redirect. Rejects with what went wrong. */
export async function postBytes(
  url: string,
  type: string,
  content: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': type, 'accept-encoding': 'identity', ...headers },
    body: content,
    headersTimeout: DEADLINE_MS,
    bodyTimeout: DEADLINE_MS,
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  // What is thrown away half-read says so in an error of its own.
  body.on('error', () => {})
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
  return { status: statusCode, body: Buffer.concat(parts) }
}
