/**
 * Which parts of a request belong to the program that sends it. A fingerprint must stay the same from call to call, so
 * what comes and goes with one call, one account or one hop on the way is left out: by name, since the rest is welcome.
 */

/** Of one request, one account, or a proxy on the way. */
const passing: ReadonlySet<string> = new Set([
  // The account: a program is the same under another key.
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-goog-user-project',
  'openai-organization',
  'openai-project',
  'cookie',
  // This call.
  'content-length',
  'transfer-encoding',
  'expect',
  'date',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'idempotency-key',
  'x-idempotency-key',
  'request-id',
  'x-request-id',
  'x-client-request-id',
  'x-correlation-id',
  // Tracing, on for some calls and off for others.
  'traceparent',
  'tracestate',
  'baggage',
  'b3',
  'sentry-trace',
  'uber-trace-id',
  'x-cloud-trace-context',
  'newrelic',
  // The connection and the hops.
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'via',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cdn-loop',
  'early-data',
  'priority',
])

const passingPrefixes = [
  'x-forwarded-',
  'x-original-',
  'x-b3-',
  'x-datadog-',
  'x-envoy-',
  'x-amzn-',
  'x-amz-cf-',
  'x-azure-',
  'x-vercel-',
  'x-ja3',
  'x-ja4',
  'cf-',
  'fly-',
  'fastly-',
] as const

/** Of the x-stainless headers those that an SDK always sends; others come with a retry, a timeout or a helper. */
const steadyStainless: ReadonlySet<string> = new Set([
  'x-stainless-lang',
  'x-stainless-package-version',
  'x-stainless-os',
  'x-stainless-arch',
  'x-stainless-runtime',
  'x-stainless-runtime-version',
  'x-stainless-async',
])

/** Whether a header's presence and place say something about the program. */
export function isProgramHeader(name: string): boolean {
  if (passing.has(name)) return false
  const first = name.charCodeAt(0)
  // ':' begins a pseudo-header of HTTP/2, which is no choice of the program.
  if (first === 0x3a) return false
  // Only x-, cf- and f… can begin with one of the prefixes.
  if (first !== 0x78 && first !== 0x63 && first !== 0x66) return true
  if (name.startsWith('x-stainless-')) return steadyStainless.has(name)
  for (let i = 0; i < passingPrefixes.length; i++) if (name.startsWith(passingPrefixes[i]!)) return false
  return true
}

/**
 * Fields that one program sends with some calls and not with others: whether somebody is watching the answer, who it is
 * for, and where a conversation stands. All other names count, present or not, whatever their values and their order:
 * which options a program sets is its habit, and what it sets them to may follow the task.
 */
const passingFields: ReadonlySet<string> = new Set([
  'stream',
  'stream_options',
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'previous_response_id',
  'conversation',
  'container',
  'cachedContent',
  'tool_choice',
])

/** Whether a top-level field of the body belongs to the program's habit. */
export const isProgramField = (name: string): boolean => !passingFields.has(name)

/**
 * What of a TLS fingerprint outlives a resumed session. JA4 counts and hashes the pre_shared_key extension of a
 * resumption as it does any other, so that one client has two: its count of extensions and its last part are left out.
 * JA3 cannot be taken apart and differs for clients that shuffle their extensions; it counts where there is no JA4.
 */
export function stableTls(ja3: string | null, ja4: string | null): string {
  if (ja4 === null) return ja3 ?? ''
  // t13d1516h2_8daaf6152771_e5627efa2ab1: transport, version, SNI, ciphers, EXTENSIONS, ALPN; ciphers; EXTENSIONS.
  const first = ja4.indexOf('_')
  const second = ja4.indexOf('_', first + 1)
  if (first !== 10 || second < 0) return ja4
  return ja4.slice(0, 6) + ja4.slice(8, second)
}
