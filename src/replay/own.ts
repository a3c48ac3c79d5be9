import { ok } from '../core/result.ts'
import * as read from './fields.ts'
import { readKey, timeAndKey, type Reader } from './line.ts'
import { looseTime, strictTime } from './moment.ts'
import { turnsOf } from './turns.ts'

/** Weir's own format: strict about `time` and `key`, and forgiving about everything else. */
export const readOwn: Reader = (line, notes) => {
  const known = timeAndKey(strictTime(line['time']), readKey(line['key']))
  if (!known.ok) return known
  const created = line['account_created'] ?? null
  const createdMs = created === null ? null : looseTime(created)
  if (createdMs !== null && !createdMs.ok) notes.add('a field of the wrong type was ignored')
  return ok({
    timeMs: known.value.timeMs,
    key: known.value.key,
    tenant: read.text(line['tenant'], notes),
    user: read.text(line['user'], notes),
    ip: read.text(line['ip'], notes),
    asn: read.asn(line['asn'], notes),
    asnType: read.text(line['asn_type'], notes),
    country: read.text(line['country'], notes),
    userAgent: read.text(line['user_agent'], notes),
    fingerprint: read.text(line['fingerprint'], notes),
    session: read.text(line['session'], notes),
    profile: read.profile(line['profile'], notes),
    accountCreatedMs: createdMs?.ok ? createdMs.value : null,
    endpoint: read.text(line['endpoint'], notes),
    model: read.text(line['model'], notes),
    stream: read.flag(line['stream'], notes),
    turns: turnsOf(line, notes),
    params: read.record(line['params'], notes),
    answer: typeof line['answer'] === 'string' ? line['answer'] : null,
    inputTokens: read.tokens(line['input_tokens'], notes),
    outputTokens: read.tokens(line['output_tokens'], notes),
    cachedTokens: read.tokens(line['cached_tokens'], notes),
    reasoningTokens: read.tokens(line['reasoning_tokens'], notes),
    costNanoUsd: read.nanoUsd(line['cost_usd'], notes),
    status: read.status(line['status'], notes),
    finishReason: read.text(line['finish_reason'], notes),
    latencyMs: read.milliseconds(line['latency_ms'], notes),
    clientAborted: read.flag(line['client_aborted'], notes) ?? false,
  })
}
