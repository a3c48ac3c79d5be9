import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAnswer, streamGroups, wholeBody } from './demo-answer.ts'
import { readDemoRequest, tokenize, type DemoRequest } from './demo-request.ts'
import { createSecretFunction } from './secret-function.ts'

const secret = createSecretFunction('seed')

interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  completion_tokens_details: { reasoning_tokens: number }
}
interface Logprobs {
  content: { token: string; logprob: number; bytes: number[]; top_logprobs: { token: string }[] }[]
}
interface Message {
  role?: string
  content?: string | null
  tool_calls?: { id: string; function: { name?: string; arguments: string } }[]
}
interface Choice {
  index: number
  message: Message
  delta: Message
  logprobs: Logprobs | null
  finish_reason: string | null
}
interface Body {
  id: string
  created: number
  choices: Choice[]
  usage?: Usage | null
}

function requestOf(content: string, over: object = {}): DemoRequest {
  const body = { model: 'weir-demo-small', messages: [{ role: 'user', content }], ...over }
  const request = readDemoRequest(Buffer.from(JSON.stringify(body)))
  assert.ok('prompt' in request)
  return request
}
const whole = (request: DemoRequest, seed = 'seed', n = 0): Body =>
  wholeBody(request, makeAnswer(request, secret, seed, n, 5999)) as Body
const stream = (request: DemoRequest): Body[] => {
  const groups = [...streamGroups(request, makeAnswer(request, secret, 'seed', 0, 5999))]
  const events = groups.flatMap(({ events }) => events)
  assert.equal(events.at(-1), '[DONE]')
  return events.slice(0, -1).map((event) => JSON.parse(event) as Body)
}
const textOf = ({ choices }: Body, index = 0): string => choices[index]!.message.content!

test('the same seed gives the same answer, and an id of its own to each', () => {
  const request = requestOf('rivers')
  assert.deepEqual(whole(request), whole(request))
  assert.notEqual(textOf(whole(request, 'other')), textOf(whole(request)))
  assert.notEqual(whole(request, 'seed', 1).id, whole(request).id)
  assert.equal(whole(request).created, 5)
})

test('usage is the exact count of what was asked and answered', () => {
  const request = requestOf('rivers [[demo: tokens=33]]', { n: 3 })
  const { usage, choices } = whole(request)
  assert.equal(choices.length, 3)
  assert.equal(usage?.completion_tokens, 99)
  assert.equal(usage.prompt_tokens, request.promptTokens)
  assert.equal(usage.total_tokens, usage.prompt_tokens + 99)
  assert.equal(new Set(choices.map(({ message }) => message.content)).size, 3)
})

test('the deltas of a stream put together are the answer in one piece, with n, tools and logprobs', () => {
  const tools = [{ type: 'function', function: { name: 'look_up', parameters: { properties: { city: {} } } } }]
  const cases = [{}, { n: 4 }, { logprobs: true, top_logprobs: 2 }, { max_tokens: 9 }, { stop: ' the ' }, { tools }]
  for (const over of cases) {
    const request = requestOf('look_up the weather in Porto', over)
    const one = whole(request)
    const chunks = stream(request)
    for (const { index, message, logprobs, finish_reason: finish } of one.choices) {
      const mine = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index)
      const content = mine.map(({ delta }) => delta.content ?? '').join('')
      const args = mine.map(({ delta }) => delta.tool_calls?.[0]?.function.arguments ?? '').join('')
      assert.equal(content, message.content ?? '')
      assert.equal(args, message.tool_calls?.[0]?.function.arguments ?? '')
      assert.deepEqual(
        mine.flatMap((choice) => choice.logprobs?.content ?? []),
        logprobs?.content ?? [],
      )
      assert.equal(mine[0]?.delta.role, 'assistant')
      assert.deepEqual(
        mine.map((choice) => choice.finish_reason).filter((reason) => reason !== null),
        [finish],
      )
    }
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1)
    assert.equal(chunks[0]!.id, one.id)
  }
})

test('max_tokens ends an answer with length, and one that fits with stop', () => {
  const cut = whole(requestOf('rivers [[demo: tokens=30]]', { max_tokens: 29 }))
  assert.equal(cut.choices[0]!.finish_reason, 'length')
  assert.equal(cut.usage?.completion_tokens, 29)
  const newer = whole(requestOf('rivers', { max_completion_tokens: 5, max_tokens: 50 }))
  assert.equal(newer.usage?.completion_tokens, 5)
  assert.equal(whole(requestOf('rivers [[demo: tokens=30]]', { max_tokens: 30 })).choices[0]!.finish_reason, 'stop')
})

test('a stop sequence is where the answer ends, and is not in it', () => {
  const full = textOf(whole(requestOf('rivers')))
  const stop = full.slice(40, 46)
  const cut = whole(requestOf('rivers', { stop: ['never in there', stop] }))
  assert.equal(textOf(cut), full.slice(0, full.indexOf(stop)))
  assert.equal(cut.choices[0]!.finish_reason, 'stop')
  assert.equal(cut.usage?.completion_tokens, tokenize(textOf(cut)).length)
})

test('a tool is called with a value for each of its properties, whatever its schema looks like', () => {
  const properties = { city: { type: 'string' }, days: { type: 'integer' }, metric: { type: 'boolean' }, odd: null }
  for (const [given, wanted] of [
    [{ properties }, ['city', 'days', 'metric', 'odd']],
    [{ properties: null }, []],
    [null, []],
    ['text', []],
  ] as const) {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: given } }]
    const { choices } = whole(requestOf('the weather in Porto', { tools }))
    const call = choices[0]!.message.tool_calls![0]!
    assert.equal(choices[0]!.finish_reason, 'tool_calls')
    assert.equal(choices[0]!.message.content, null)
    assert.equal(call.function.name, 'weather')
    assert.deepEqual(Object.keys(JSON.parse(call.function.arguments) as object), wanted)
  }
})

test('logprobs carry one entry a token, with its bytes and as many alternatives as were asked for', () => {
  const { choices } = whole(requestOf('rivers', { logprobs: true, top_logprobs: 3 }))
  const entries = choices[0]!.logprobs!.content
  assert.equal(entries.map(({ token }) => token).join(''), choices[0]!.message.content)
  for (const { token, logprob, bytes, top_logprobs: top } of entries) {
    assert.ok(logprob <= 0)
    assert.equal(Buffer.from(bytes).toString(), token)
    assert.equal(top.length, 3)
  }
  assert.equal(whole(requestOf('rivers')).choices[0]!.logprobs, null)
})

test('reasoning tokens of the large model are in the usage and nowhere else', () => {
  const over = { model: 'weir-demo-large', reasoning_effort: 'high' }
  const { usage, choices } = whole(requestOf('rivers [[demo: tokens=10]]', over))
  assert.equal(usage?.completion_tokens, 74)
  assert.equal(usage.completion_tokens_details.reasoning_tokens, 64)
  assert.equal(tokenize(choices[0]!.message.content!).length, 10)
})

test('a usage chunk comes last and only when asked for, no_usage leaves it out, zero_usage says zero', () => {
  const usagesOf = (flag: string, include: boolean): (Usage | null)[] =>
    stream(requestOf(`rivers [[demo: tokens=4 ${flag}]]`, { stream_options: { include_usage: include } })).flatMap(
      ({ usage }) => (usage === undefined ? [] : [usage]),
    )
  assert.deepEqual(usagesOf('', false), [])
  const asked = usagesOf('', true)
  assert.equal(asked.at(-1)?.completion_tokens, 4)
  assert.ok(asked.slice(0, -1).every((usage) => usage === null))
  assert.deepEqual(usagesOf('no_usage', true), [])
  assert.equal(usagesOf('zero_usage', true).at(-1)?.total_tokens, 0)
  assert.equal('usage' in whole(requestOf('[[demo: no_usage]]')), false)
})
