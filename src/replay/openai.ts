import { createHash } from 'node:crypto'
import { ok, type Result } from '../core/result.ts'
import { answerOf } from './answer.ts'
import * as read from './fields.ts'
import { isObject, objectOf } from './fields.ts'
import { type Line, type Reader, readKey, type SkipReason, timeAndKey } from './line.ts'
import { looseTime } from './moment.ts'
import { inlineParams, paramsOf, turnsOf } from './turns.ts'
import { usageOf } from './usage.ts'

/**
 * Logs that hold OpenAI's requests and answers as they went over the wire, in the shapes that proxies write:
 *
 *     {"time", "key", "request": {...}, "response": {...}}     both as HTTP messages with a body, or the bodies alone
 *     {"custom_id", "body": {...}, "response": {"body": {...}}}   lines of the batch API
 *     {"time", "key", "messages": [...], "choices": [...]}        a bare answer, with what was asked beside it
 *
 * A body may come as text. Time and key are looked for under the names that are usual, in the order of the lists below.
 */
export const readOpenai: Reader = (line, notes) => {
  const request = objectOf(read.unfolded(line['request']))
  const response = read.unfolded(line['response'])
  const body = requestBody(line, request)
  const answerBody = responseBody(line, response)
  const answer = answerOf(answerBody)
  const said = objectOf(answerBody)
  const places: readonly Line[] = [line, objectOf(line['metadata']), request]
  const headers = lowerCased(request['headers'])
  const known = timeAndKey(looseTime(named(places, times) ?? createdAt(said)), keyOf(places, headers, body))
  if (!known.ok) return known
  const usage = usageOf(said, notes)
  return ok({
    timeMs: known.value.timeMs,
    key: known.value.key,
    tenant: read.text(named(places, tenants), notes),
    user: read.text(named([body, ...places], users), notes),
    ip: read.text(named(places, addresses), notes),
    asn: null,
    asnType: null,
    country: read.text(named(places, ['country']), notes),
    userAgent: read.text(headers['user-agent'] ?? named(places, ['user_agent']), notes),
    fingerprint: null,
    session: read.text(named(places, ['session', 'session_id', 'trace_id']), notes),
    profile: null,
    accountCreatedMs: null,
    endpoint: endpointOf(named([line, request], ['endpoint', 'path', 'url'])),
    model: read.text(body['model'] ?? said['model'], notes),
    stream: read.flag(body['stream'], notes),
    turns: turnsOf(body, notes),
    params: body === line ? inlineParams(line) : paramsOf(body),
    answer: answer.text,
    ...usage,
    costNanoUsd: read.nanoUsd(named(places, costs) ?? objectOf(said['usage'])['cost'], notes),
    status: statusOf([objectOf(response), line], said),
    finishReason: answer.finishReason,
    latencyMs: read.milliseconds(named([line, objectOf(response)], latencies), notes),
    clientAborted: read.flag(line['client_aborted'], notes) ?? false,
  })
}

const times = ['time', 'timestamp', 'ts', 'created_at', 'start_time', 'startTime', 'request_time', '@timestamp']
const keys = ['key', 'key_id', 'api_key_id', 'api_key_hash', 'api_key', 'virtual_key']
const tenants = ['tenant', 'organization', 'organization_id', 'org_id', 'project_id', 'team_id']
const users = ['user', 'user_id', 'safety_identifier']
const addresses = ['ip', 'client_ip', 'remote_addr', 'ip_address']
const costs = ['cost_usd', 'cost', 'response_cost']
const latencies = ['latency_ms', 'duration_ms', 'response_time_ms']

function named(places: readonly Line[], names: readonly string[]): unknown {
  for (const place of places) {
    for (const name of names) {
      const value = place[name]
      if (value !== undefined && value !== null && value !== '') return value
    }
  }
  return undefined
}

/** OpenAI dates its answers: chat and completions by `created`, responses by `created_at`. */
const createdAt = (answer: Line): unknown => answer['created'] ?? answer['created_at']

function requestBody(line: Line, request: Line): Line {
  for (const holder of [request, line]) {
    const body = read.unfolded(holder['body'])
    if (isObject(body)) return body
  }
  return isObject(line['request']) || typeof line['request'] === 'string' ? request : line
}

function responseBody(line: Line, response: unknown): unknown {
  if (!isObject(response)) return response ?? line
  const body = read.unfolded(response['body'])
  return body ?? response
}

/** A log may hold the secret itself: it is replaced by a part of its hash before anything else sees it. */
function keyOf(places: readonly Line[], headers: Line, body: Line): Result<string, SkipReason> {
  const key = named(places, keys)
  if (typeof key === 'string') return readKey(isSecret(key) ? hashed(key) : key)
  if (key !== undefined) return readKey(typeof key === 'number' ? String(key) : key)
  const sent = headers['authorization'] ?? headers['x-api-key'] ?? headers['api-key']
  if (typeof sent === 'string' && !isRedacted(sent)) return readKey(hashed(sent.replace(/^bearer\s+/i, '')))
  return readKey(named([body, ...places], users))
}

const isSecret = (key: string): boolean => /^(?:bearer\s|sk-|AIza|gsk_|xai-)/i.test(key)
const isRedacted = (header: string): boolean => header === '' || /[*<[]|redacted|x{8}/i.test(header)
const hashed = (secret: string): string =>
  `sha256:${createHash('sha256')
    .update(secret.replace(/^bearer\s+/i, ''))
    .digest('hex')
    .slice(0, 16)}`

function lowerCased(headers: unknown): Line {
  if (!isObject(headers)) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

const MAX_PATH_CHARS = 256

/** The path of an address, without its query. */
function endpointOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  const path = value.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/s, '')
  return path.slice(0, MAX_PATH_CHARS) || null
}

const FAILED = 500

function statusOf(places: readonly Line[], answer: Line): number | null {
  const said = places.flatMap(({ status_code, status }) => [status_code, status])
  // An answer of the Responses API has a status too, which is a word.
  const code = said.find((value) => Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599)
  return (code as number | undefined) ?? (isObject(answer['error']) ? FAILED : null)
}
