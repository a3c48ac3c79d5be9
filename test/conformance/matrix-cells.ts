import assert from 'node:assert/strict'
import type { RequestEvent } from '../../src/core/event.ts'
import { tokens } from '../../src/core/usage.ts'
import type { DialectName } from '../../src/dialects/dialect.ts'
import { plainScenario, type Scenario } from '../support/vendor-server.ts'
import { word } from '../support/vendor-shapes.ts'
import type { Cell } from './matrix-cell.ts'
import type { Row, Seen } from './matrix-clients.ts'
import { assertTold, overQuota, upstreamFaults } from './matrix-told.ts'

/** The columns of the matrix: what happens to a request, and what has to come of it on either side. */
export interface Condition {
  readonly name: string
  /** Whose time-outs the gateway needs. */
  readonly front: 'plain' | 'low idle time-out' | 'low first-byte time-out'
  run(cell: Cell): Promise<void>
}

/** An answer of this many words, each a token. */
export const textOf = (count: number): string => Array.from({ length: count }, (_, i) => word(i)).join('')

const generates = ({ endpoint }: Row): boolean => endpoint !== 'embeddings' && endpoint !== 'count_tokens'

const stops: Readonly<Record<Row['endpoint'], readonly [whole: string | null, cut: string | null]>> = {
  chat: ['stop', 'length'],
  completions: ['stop', 'length'],
  responses: ['completed', 'max_output_tokens'],
  messages: ['end_turn', 'max_tokens'],
  generateContent: ['STOP', 'MAX_TOKENS'],
  streamGenerateContent: ['STOP', 'MAX_TOKENS'],
  embeddings: [null, null],
  count_tokens: [null, null],
}

/** A whole and honest answer of the vendor's, at the client and on record. */
function assertWhole({ row }: Cell, seen: Seen, event: RequestEvent, { words, input }: Scenario): void {
  if (seen.error !== null) throw seen.error
  const { endpoint } = row
  const text =
    endpoint === 'embeddings' ? '[0.25,-0.5,0.125]' : endpoint === 'count_tokens' ? String(input) : textOf(words)
  assert.equal(seen.text, text)
  assert.equal(seen.stop, stops[endpoint][0])
  const output = generates(row) ? words : 0
  assert.deepEqual(seen.usage, endpoint === 'count_tokens' ? null : { input, output })
  assert.equal(seen.requestId, event.id)
  assert.deepEqual(event.usage, endpoint === 'count_tokens' ? tokens(0, 0) : tokens(input, output))
  assertEvent(event, { outcome: 'ok', status: 200, usageSource: endpoint === 'count_tokens' ? 'none' : 'provider' })
}

type Ending = Pick<RequestEvent, 'outcome' | 'status' | 'usageSource'> & Partial<Pick<RequestEvent, 'fault' | 'cutBy'>>

function assertEvent(event: RequestEvent, expected: Ending): void {
  const { outcome, status, usageSource, fault, cutBy } = event
  assert.deepEqual({ outcome, status, usageSource, fault, cutBy }, { fault: null, cutBy: null, ...expected })
}

/** What was counted of an answer that did not come to its end: its prompt, and every word that was passed on. */
function assertPartial(row: Row, event: RequestEvent, words: number): void {
  const { inputTokens, outputTokens } = event.usage
  assert.equal(outputTokens, words)
  // Anthropic and Google report the prompt as they go; elsewhere Weir's own count of these 176 bytes has to do.
  if (row.dialect === 'openai' || words === 0)
    assert.ok(inputTokens >= 40 && inputTokens <= 80, `${inputTokens} tokens`)
  else assert.equal(inputTokens, plainScenario.input)
  // Google reports the answer as it goes, too.
  const reported = row.dialect === 'gemini' && words > 0
  assert.equal(event.usageSource, reported ? 'provider' : 'estimate')
}

const ok: Condition = {
  name: 'ok',
  front: 'plain',
  async run(cell) {
    const seen = await cell.call(plainScenario)
    const [event] = await cell.over(['done'])
    assertWhole(cell, seen, event!, plainScenario)
  },
}

/** What a first request uses of a tight limit so that nothing else fits. */
const filling: Readonly<Record<string, (row: Row) => Scenario>> = {
  requests: () => plainScenario,
  input_tokens: () => ({ ...plainScenario, input: 190 }),
  output_tokens: () => ({ ...plainScenario, words: 190 }),
  tokens: (row) => ({ ...plainScenario, ...(generates(row) ? { input: 100, words: 90 } : { input: 190 }) }),
  cost_usd: (row) => ({ ...plainScenario, ...(generates(row) ? { input: 100, words: 95 } : { input: 290 }) }),
}

function assertRefused(cell: Cell, seen: Seen, event: RequestEvent, resource: string): void {
  const { headers } = assertTold(seen.error, cell.row.dialect, overQuota(resource), false)
  assert.equal(seen.text, '')
  assertEvent(event, { outcome: 'refused', status: 429, usageSource: 'none' })
  const { refusal } = event
  assert.ok(refusal?.kind === 'over_quota')
  assert.deepEqual([refusal.limit, refusal.resource], [tight('refused', resource), resource])
  assert.ok(refusal.used + refusal.requested > refusal.amount && refusal.retryAfterMs! > 0)
  assert.deepEqual(event.charges, [])
  if (headers === null) return
  assert.equal(headers.get(cell.row.dialect === 'openai' ? 'x-request-id' : 'request-id'), event.id)
  assert.ok(Number(headers.get('retry-after-ms')) >= refusal.retryAfterMs!)
  assert.equal(
    headers.get('x-should-retry'),
    resource === 'concurrent' ? null : 'false',
    'an hour is not worth a retry',
  )
}

export const tight = (what: string, resource: string): string => `tight-${what}-${resource.replaceAll('_', '-')}`

const refusedBy = (resource: string): Condition => ({
  name: `refused by ${resource}`,
  front: 'plain',
  async run(cell) {
    const scenario = filling[resource]!(cell.row)
    const first = await cell.call(scenario)
    // The first one's last byte is there before its event is.
    await cell.over(['done'])
    const second = await cell.call(scenario)
    const events = await cell.over(['done'])
    assertWhole(cell, first, events[0]!, scenario)
    assertRefused(cell, second, events[1]!, resource)
    const row = (await cell.quotas()).find(({ name }) => name === tight('refused', resource))!
    assert.ok(row.used <= row.limit && row.used >= row.limit * 0.9 && row.debt === 0, `${row.used} of ${row.limit}`)
  },
})

const refusedByConcurrent: Condition = {
  name: 'refused by concurrent',
  front: 'plain',
  async run(cell) {
    const controller = new AbortController()
    const first = cell.call({ ...plainScenario, ends: 'mute' }, controller)
    await cell.arrived(1)
    const second = await cell.call(plainScenario)
    controller.abort()
    await first
    const [refused, left] = await cell.over(['left'])
    assertRefused(cell, second, refused!, 'concurrent')
    assert.equal(left!.outcome, 'client_left')
    const third = await cell.call(plainScenario)
    const events = await cell.over(['left', 'done'])
    assertWhole(cell, third, events[2]!, plainScenario)
  },
}

const cutBy = (resource: string): Condition => ({
  name: `cut by ${resource}`,
  front: 'plain',
  run: (cell) => (cell.row.streamed ? cutInMidStream(cell, resource) : boundLowered(cell, resource)),
})

async function cutInMidStream(cell: Cell, resource: string): Promise<void> {
  const limit = tight('cut', resource)
  const seen = await cell.call({ ...plainScenario, words: 400 })
  const [event] = await cell.over(['left'])
  if (seen.error !== null) throw seen.error
  assert.equal(seen.stop, stops[cell.row.endpoint][1])
  assert.equal(seen.text, textOf(seen.pieces), 'everything before the cut, once and in order')
  assert.ok(seen.pieces >= 30 && seen.pieces < 120, `${seen.pieces} words`)
  assertEvent(event!, { outcome: 'cut', status: 200, usageSource: event!.usageSource, cutBy: limit })
  // Google's count of the answer so far comes with the very event that found no room: it is generated, and billed.
  const withheld = cell.row.dialect === 'gemini' ? 1 : 0
  assertPartial(cell.row, event!, seen.pieces + withheld)
  assert.deepEqual(seen.usage, { input: event!.usage.inputTokens, output: event!.usage.outputTokens })
  const row = (await cell.quotas()).find(({ name }) => name === limit)!
  assert.ok(row.used <= row.limit, `${row.used} of ${row.limit}`)
  assert.ok(event!.charges.every(({ debt }) => debt <= withheld * 2000))
}

/** An answer that is not streamed cannot be cut on its way: its bound is lowered to what is left. */
async function boundLowered(cell: Cell, resource: string): Promise<void> {
  const seen = await cell.call(plainScenario)
  const [event] = await cell.over(['done'])
  assertWhole(cell, seen, event!, plainScenario)
  const bound = cell.row.bound!(JSON.parse(cell.sent[0]!.body) as Record<string, unknown>)
  assert.ok(typeof bound === 'number' && bound >= 16 && bound < 120, `a bound of ${String(bound)} for ${resource}`)
}

const clientLeaves: Condition = {
  name: 'client leaves in mid-answer',
  front: 'plain',
  async run(cell) {
    const controller = new AbortController()
    const { row } = cell
    let seen: Seen
    if (row.streamed) {
      const scenario = { ...plainScenario, words: 400, paceMs: 2 }
      seen = await cell.call(scenario, controller, ({ pieces }) => pieces === 5 && controller.abort())
    } else {
      const call = cell.call({ ...plainScenario, ends: 'mute' }, controller)
      await cell.arrived(1)
      controller.abort()
      seen = await call
      assert.notEqual(seen.error, null)
    }
    const [event] = await cell.over(['left'])
    const { outputTokens } = event!.usage
    const usageSource = row.endpoint === 'count_tokens' ? 'none' : event!.usageSource
    assertEvent(event!, { outcome: 'client_left', status: row.streamed ? 200 : 0, usageSource })
    if (row.endpoint !== 'count_tokens') assertPartial(row, event!, outputTokens)
    if (row.streamed) assert.ok(outputTokens >= 5 && outputTokens < 400, `${outputTokens} words`)
    else assert.equal(outputTokens, 0)
  },
}

const upstreamStatus = (
  name: string,
  statusOf: (dialect: DialectName) => number,
  errorHeaders: Readonly<Record<string, string>> = {},
): Condition => ({
  name,
  front: 'plain',
  async run(cell) {
    const { dialect } = cell.row
    const status = statusOf(dialect)
    const seen = await cell.call({ ...plainScenario, ends: status, errorHeaders })
    const [event] = await cell.over(['done'])
    const code = dialect === 'openai' ? `vendor_${status}` : null
    const types = { openaiType: 'vendor_error', anthropicType: `vendor_${status}`, geminiStatus: 'VENDOR' }
    const { headers } = assertTold(seen.error, dialect, { status, code, ...types }, false)
    if (headers !== null) {
      for (const [header, value] of Object.entries(errorHeaders)) assert.equal(headers.get(header), value)
      assert.equal(headers.get(dialect === 'openai' ? 'x-request-id' : 'request-id'), event!.id)
    }
    assertEvent(event!, { outcome: 'upstream_error', status, usageSource: 'none', fault: `status_${status}` })
  },
})

/** The upstream breaks the answer off, or falls silent in the middle of it. */
const breaksOff = (name: string, front: Condition['front'], ends: 'drop' | 'stall'): Condition => ({
  name,
  front,
  async run(cell) {
    const { row } = cell
    const fault = ends === 'drop' ? 'dropped' : 'timeout'
    const seen = await cell.call({ ...plainScenario, ends, after: row.lead + 5, halfway: true })
    const [event] = await cell.over([ends === 'drop' ? 'broken' : 'left'])
    assertTold(seen.error, row.dialect, upstreamFaults[fault], row.streamed)
    assert.equal(seen.text, row.streamed ? textOf(5) : '', 'what came before is delivered')
    assert.equal(seen.stop, null, 'and nothing says that this is the end')
    const status = row.streamed ? 200 : upstreamFaults[fault].status
    const usageSource = row.streamed ? event!.usageSource : 'none'
    assertEvent(event!, { outcome: 'upstream_lost', status, usageSource, fault })
    if (row.streamed) assertPartial(row, event!, 5)
  },
})

const firstByte: Condition = {
  name: 'first-byte time-out',
  front: 'low first-byte time-out',
  async run(cell) {
    const seen = await cell.call({ ...plainScenario, ends: 'mute' })
    const [event] = await cell.over(['left'])
    assertTold(seen.error, cell.row.dialect, upstreamFaults.timeout, false)
    assertEvent(event!, { outcome: 'upstream_lost', status: 504, usageSource: 'none', fault: 'timeout' })
  },
}

export const conditions: readonly Condition[] = [
  ok,
  ...['requests', 'input_tokens', 'output_tokens', 'tokens', 'cost_usd'].map(refusedBy),
  refusedByConcurrent,
  ...['output_tokens', 'tokens', 'cost_usd'].map(cutBy),
  clientLeaves,
  upstreamStatus('upstream 400', () => 400),
  upstreamStatus('upstream 500', () => 500),
  upstreamStatus('upstream overloaded', (dialect) => (dialect === 'anthropic' ? 529 : 503)),
  upstreamStatus('upstream 429 with retry-after', () => 429, { 'retry-after': '2' }),
  breaksOff('upstream drops', 'plain', 'drop'),
  breaksOff('upstream stalls', 'low idle time-out', 'stall'),
  firstByte,
]
