import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { configOf, harness } from '../support/harness.ts'
import {
  chunk,
  DONE,
  finish,
  scriptedUpstream,
  sse,
  usageChunk,
  wholeSteps,
  type Step,
} from '../support/scripted-upstream.ts'

const config = configOf(`
  - { name: tpm, per: [key, model, user], tokens: 100000000, window: 1m, kind: sliding }
  - { name: inflight, per: [key], concurrent: 1000 }`)

const valid = JSON.stringify({
  model: 'demo-model',
  stream: false,
  stream_options: null,
  n: 2,
  max_tokens: 50,
  user: 'ü',
  messages: [
    { role: 'system', content: 'Be "brief".\n' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Grüße \ud83d\ude00 \\ud800' },
        { type: 'image_url', image_url: { url: 'data:x' } },
      ],
    },
  ],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: {} } } } }],
})

const interesting = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\0',
  '\ufeff',
  '\\ud800',
  'null',
  '1e999',
  '-0',
  '__proto__',
  '"model":',
  '"n":0',
  ' ',
  '\xff',
]

const mutation = fc.record({
  at: fc.nat(valid.length),
  cut: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...interesting), fc.string({ maxLength: 8 })),
})

test('mutated bodies never crash, never give a 500, and always end in one event with nothing held', async () => {
  const h = harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 10, 1)))
  let sent = 0
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 5 }), fc.boolean(), async (mutations, latin) => {
      let body = valid
      for (const { at, cut, put } of mutations) body = body.slice(0, at) + put + body.slice(at + cut)
      const exchange = h.send({ body: Buffer.from(body, latin ? 'latin1' : 'utf8') })
      await h.clock.run()
      sent++
      assert.ok([200, 400, 404].includes(exchange.status), `${exchange.status} for ${body}`)
      if (exchange.status !== 200) JSON.parse(exchange.received.toString('utf8'))
      assert.equal(h.events.length, sent)
      assert.equal(h.events.at(-1)!.fault, null)
    }),
    { numRuns: 1500 },
  )
  assert.equal(h.weir.quotasOf('k1')!.find(({ name }) => name === 'inflight')!.held, 0)
})

/** A stream with everything in it, in the given line ends. */
const streamOf = (eol: string): string =>
  [
    ': a comment\n\n',
    chunk('Grüße ', { system_fingerprint: 'fp' }),
    `data: ${JSON.stringify({ id: 'chatcmpl-1', created: 1700000000, model: 'demo-model' }).slice(0, -1)},\ndata: "choices":[{"index":0,"delta":{"content":"two lines"}}]}\n\n`,
    'id: 7\nretry: 10\n',
    chunk(' 😀'),
    finish(),
    usageChunk(11, 7),
    DONE,
  ]
    .join('')
    .replaceAll('\n', eol)

for (const [name, eol] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test(`a stream with ${name} line ends, split at every byte, arrives byte for byte, less the usage chunk nobody asked for`, async () => {
    const whole = Buffer.from(streamOf(eol))
    const expected = streamOf(eol).replace(usageChunk(11, 7).replaceAll('\n', eol), '')
    const splits: number[][] = Array.from({ length: whole.length - 1 }, (_, i) => [i + 1])
    splits.push(
      Array.from({ length: whole.length - 1 }, (_, i) => i + 1),
      [],
    )
    let steps: Step[] = []
    const h = harness(config, (clock) =>
      scriptedUpstream(clock, () => [{ afterMs: 1, head: 200, headers: sse }, ...steps, { afterMs: 1, end: true }]),
    )
    for (const cuts of splits) {
      const edges = [0, ...cuts, whole.length]
      steps = edges.slice(1).map((end, i) => ({ afterMs: 1, data: '', bytes: whole.subarray(edges[i], end) }))
      const exchange = h.chat({ stream: true })
      await h.clock.run()
      // After [DONE] nothing is waited for, not even the other half of its last line end.
      const received = exchange.received.toString('utf8')
      assert.equal(
        received.endsWith('\r') ? `${received}\n` : received,
        eol === '\r' ? `${expected}\n` : expected,
        `split at ${cuts.join(' ').slice(0, 40)}`,
      )
      assert.equal(exchange.ending, 'end')
      const event = h.events.at(-1)!
      assert.deepEqual([event.outcome, event.usage.outputTokens], ['ok', 7])
    }
  })
}

test("a client that asked for usage gets the upstream's bytes unchanged", async () => {
  const whole = streamOf('\n')
  const h = harness(config, (clock) =>
    scriptedUpstream(clock, () => [
      { afterMs: 1, head: 200, headers: sse },
      { afterMs: 1, data: whole },
      { afterMs: 1, end: true },
    ]),
  )
  const exchange = h.chat({ stream: true, stream_options: { include_usage: true } })
  await h.clock.run()
  assert.equal(exchange.received.toString('utf8'), whole)
})
