import { err, ok, type Result } from '../core/result.ts'
import { answerOf } from './answer.ts'
import * as read from './fields.ts'
import { isObject, objectOf } from './fields.ts'
import { type Line, type Reader, readKey, type SkipReason, timeAndKey } from './line.ts'
import { looseTime } from './moment.ts'
import type { Notes } from './notes.ts'
import { paramsOf, turnsOf } from './turns.ts'
import { counted, noUsage, usageOf } from './usage.ts'

/**
 * LiteLLM's two kinds of log: the payload that its loggers write (`StandardLoggingPayload`, as found in buckets), and rows
 * of its spend logs (`LiteLLM_SpendLogs`, from the database or its API), whose JSON columns may come as text.
 */
export const readLitellm: Reader = (line, notes) => {
  const metadata = objectOf(read.unfolded(line['metadata']))
  const time = looseTime(line['startTime'])
  const known = timeAndKey(time, keyOf(line, metadata))
  if (!known.ok) return known
  const { timeMs, key } = known.value
  const response = read.unfolded(line['response'])
  const body = bodyOf(line)
  const answer = answerOf(response)
  const usage = usageFrom(response, metadata, notes)
  return ok({
    timeMs,
    key,
    tenant: read.text(first(metadata['user_api_key_team_id'], line['team_id']), notes),
    user: read.text(first(line['end_user'], metadata['user_api_key_end_user_id'], line['user']), notes),
    ip: read.text(first(line['requester_ip_address'], metadata['requester_ip_address']), notes),
    asn: null,
    asnType: null,
    country: null,
    userAgent: read.text(metadata['user_agent'], notes),
    fingerprint: null,
    session: read.text(first(line['session_id'], line['trace_id']), notes),
    profile: null,
    accountCreatedMs: null,
    endpoint: read.text(first(metadata['user_api_key_request_route'], line['call_type']), notes),
    // What the client asked for; the other is what it was routed to.
    model: read.text(first(line['model_group'], line['model']), notes),
    stream: read.flag(line['stream'] ?? body['stream'], notes),
    turns: turnsOf(body, notes),
    params: isObject(line['model_parameters']) ? line['model_parameters'] : paramsOf(body),
    answer: answer.text,
    inputTokens: read.tokens(line['prompt_tokens'], notes) ?? usage.inputTokens,
    outputTokens: read.tokens(line['completion_tokens'], notes) ?? usage.outputTokens,
    cachedTokens: usage.cachedTokens,
    reasoningTokens: usage.reasoningTokens,
    costNanoUsd: read.nanoUsd(line['response_cost'] ?? line['spend'], notes),
    status: statusOf(line, metadata),
    finishReason: answer.finishReason,
    latencyMs: latencyOf(line, timeMs, notes),
    clientAborted: false,
  })
}

/** The first that says anything: LiteLLM writes empty texts for what it does not know. */
const first = (...values: readonly unknown[]): unknown =>
  values.find((value) => value !== undefined && value !== null && value !== '')

/** The hash of the virtual key; where LiteLLM runs without such keys, whoever it says has called. */
function keyOf(line: Line, metadata: Line): Result<string, SkipReason> {
  const key = first(metadata['user_api_key_hash'], line['api_key'], metadata['user_api_key'])
  const caller = first(metadata['user_api_key_user_id'], line['user'], line['end_user'])
  return readKey(key ?? caller)
}

/** The messages where they are logged, else the body of the request that the proxy has kept. */
function bodyOf(line: Line): Line {
  const kept = objectOf(read.unfolded(line['proxy_server_request']))
  const body = isObject(kept['body']) ? kept['body'] : kept
  const messages = read.unfolded(line['messages'])
  const isLogged = Array.isArray(messages) ? messages.length > 0 : typeof messages === 'string' && messages !== ''
  return isLogged ? { stream: body['stream'], messages } : body
}

function usageFrom(response: unknown, metadata: Line, notes: Notes): ReturnType<typeof usageOf> {
  const usage = usageOf(objectOf(response), notes)
  if (usage !== noUsage) return usage
  return isObject(metadata['usage_object']) ? counted(metadata['usage_object'], notes) : noUsage
}

const FAILED = 500

/** A failure whose code is not known counts as the server's. */
function statusOf(line: Line, metadata: Line): number | null {
  const said = line['status'] ?? metadata['status']
  if (said === 'success') return 200
  if (said !== 'failure') return null
  const { error_code: code } = objectOf(line['error_information'] ?? metadata['error_information'])
  return typeof code === 'string' && /^[1-5]\d\d$/.test(code) ? Number(code) : FAILED
}

function latencyOf(line: Line, startMs: number, notes: Notes): number | null {
  const duration = read.milliseconds(line['request_duration_ms'], notes)
  if (duration !== null) return duration
  const end = line['endTime'] === undefined ? err('no time') : looseTime(line['endTime'])
  return end.ok && end.value >= startMs ? end.value - startMs : null
}
