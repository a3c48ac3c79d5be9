import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionSpec, ActionSubject } from '../../src/core/action.ts'
import { dialectNames, type DialectName } from '../../src/dialects/dialect.ts'
import { withFront, type Clients } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { inForce, on } from '../support/in-force.ts'
import { plainRequests, send } from './dialect-calls.ts'
import { shapeOf } from './dialect-errors.ts'
import { PROMPT } from './matrix-clients.ts'
import { toldBy } from './matrix-told.ts'

/** What actions in force mean for the vendors' own libraries, over sockets. */
interface Case {
  readonly what: string
  readonly spec: ActionSpec
  readonly on?: ActionSubject
  readonly status: number
  readonly code: string
  /** What the libraries of OpenAI and Anthropic throw. */
  readonly names: readonly [openai: string, anthropic: string]
  readonly waits: boolean
}

const cases: readonly Case[] = [
  {
    what: 'block',
    spec: { action: 'block' },
    status: 403,
    code: 'access_denied',
    names: ['PermissionDeniedError', 'PermissionDeniedError'],
    waits: false,
  },
  {
    what: 'quarantine',
    spec: { action: 'quarantine' },
    on: on('key', 'k1'),
    status: 403,
    code: 'key_quarantined',
    names: ['PermissionDeniedError', 'PermissionDeniedError'],
    waits: false,
  },
  {
    what: 'step-up',
    spec: { action: 'step_up', grace: 0, means: ['proof_of_work'] },
    status: 403,
    code: 'step_up_required',
    names: ['PermissionDeniedError', 'PermissionDeniedError'],
    waits: false,
  },
  {
    what: 'cooldown',
    spec: { action: 'cooldown' },
    status: 429,
    code: 'cooling_down',
    names: ['RateLimitError', 'RateLimitError'],
    waits: true,
  },
  {
    what: 'kill switch',
    spec: { action: 'block' },
    on: on('descriptor', 'all'),
    status: 503,
    code: 'switched_off',
    names: ['InternalServerError', 'ServiceUnavailableError'],
    waits: true,
  },
  {
    what: 'throttle',
    spec: { action: 'throttle', requestsPerMinute: 1 },
    status: 429,
    code: 'rate_limit_exceeded',
    names: ['RateLimitError', 'RateLimitError'],
    waits: true,
  },
]

const calls: Readonly<Record<DialectName, (clients: Clients) => Promise<unknown>>> = {
  openai: ({ openai }) =>
    openai.chat.completions.create({ model: 'vendor-model', messages: [{ role: 'user', content: PROMPT }] }),
  anthropic: ({ anthropic }) =>
    anthropic.messages.create({
      model: 'vendor-model',
      max_tokens: 100,
      messages: [{ role: 'user', content: PROMPT }],
    }),
  gemini: ({ google }) => google.models.generateContent({ model: 'gemini-model', contents: PROMPT }),
}

for (const { what, spec, on: subject = on('account', 'acme'), status, code, names, waits } of cases) {
  test(`${what}: every library gets a well-formed error of its vendor's kind`, async () => {
    const actions = inForce()
    await withFront({ actions }, async (front) => {
      actions.apply(spec, subject, { untilMs: Date.now() + 30_000 })
      const before = spec.action === 'throttle' ? 1 : 0
      if (before > 0) await calls.openai(front)
      await front.eventsUntil(before)
      for (const [i, dialect] of dialectNames.entries()) {
        const error = await calls[dialect](front).then(
          () => assert.fail(`${dialect} was answered`),
          (thrown: unknown) => toldBy(thrown),
        )
        assert.deepEqual([error.library, error.status, error.code], [dialect, status, code])
        if (i < 2) assert.equal(error.name, names[i])
        const response = await send(front, dialect)
        const { code: said, message } = await shapeOf(response, dialect)
        assert.deepEqual([response.status, said], [status, code])
        assert.equal(response.headers.has('retry-after'), waits)
        assert.doesNotMatch(message, /a1|acme|k1|squeeze|throttle|campaign|evidence/i)
      }
      const events = await front.eventsUntil(before + 2 * dialectNames.length)
      for (const event of events.slice(before)) {
        assert.deepEqual([event.outcome, event.action, event.actions], ['refused', spec.action, ['a1']])
      }
      assert.equal(front.vendor.requests.length, before)
    })
  })
}

test('a restricted caller that streams gets one choice and its usage, by every library', async () => {
  const actions = inForce()
  await withFront({ actions }, async (front) => {
    actions.apply({ action: 'restrict', maxTokens: 50, model: null }, on('account', 'acme'))
    const stream = await front.openai.chat.completions.create({
      model: 'vendor-model',
      messages: [{ role: 'user', content: PROMPT }],
      logprobs: true,
      seed: 1,
      stream: true,
      stream_options: { include_usage: true },
    })
    let usage = 0
    let finished = 0
    for await (const chunk of stream) {
      usage += chunk.usage?.completion_tokens ?? 0
      finished += chunk.choices.filter(({ finish_reason: reason }) => reason !== null).length
    }
    assert.ok(usage > 0)
    assert.equal(finished, 1)
    const message = await front.anthropic.messages
      .stream({ model: 'vendor-model', max_tokens: 4000, messages: [{ role: 'user', content: PROMPT }] })
      .finalMessage()
    assert.ok(message.usage.output_tokens > 0)
    const chunks = await front.google.models.generateContentStream({
      model: 'gemini-model',
      contents: PROMPT,
      config: { candidateCount: 2, seed: 1, responseLogprobs: true },
    })
    let google = 0
    for await (const chunk of chunks) google = chunk.usageMetadata?.candidatesTokenCount ?? google
    assert.ok(google > 0)
    const sent = front.vendor.requests.map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)
    assert.deepEqual(Object.keys(sent[0]!).toSorted(), [
      'max_completion_tokens',
      'messages',
      'model',
      'stream',
      'stream_options',
    ])
    assert.equal(sent[1]!['max_tokens'], 50)
    assert.deepEqual(sent[2]!['generationConfig'], { maxOutputTokens: 50 })
    for (const { outcome, action, usageSource } of await front.eventsUntil(3)) {
      assert.deepEqual([outcome, action, usageSource], ['ok', 'restrict', 'provider'])
    }
  })
})

test('what stands against one tenant leaves every other caller alone, over sockets too', async () => {
  const actions = inForce()
  await withFront({ actions }, async (front) => {
    actions.apply({ action: 'block' }, on('account', 'acme'))
    for (const dialect of dialectNames) {
      assert.equal((await send(front, dialect)).status, 403)
      assert.equal((await send(front, dialect, { ...plainRequests[dialect], secret: `${SECRET}2` })).status, 200)
    }
    await front.eventsUntil(6)
  })
})
