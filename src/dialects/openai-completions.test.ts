import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { OpenAI } from 'openai'
import { tokens } from '../core/usage.ts'
import type { Answer, BadBody, BodyChange, ReadCall, StreamReader } from './dialect.ts'
import { openaiCompletions, readCompletion } from './openai-completions.ts'
import type { CompletionCall } from './openai-completions-stream.ts'

const bounds = { maxMessages: 3000, maxDepth: 64 }
const target = { id: null, query: new URLSearchParams() }
const change = (maxOutputTokens: number | null, askUsage = false): BodyChange => ({ askUsage, maxOutputTokens })

const bodyOf = (over: object): string => JSON.stringify({ model: 'm', prompt: 'hi', ...over })
const tryRead = (over: object): ReturnType<typeof openaiCompletions.read> =>
  openaiCompletions.read(Buffer.from(bodyOf(over)), target, bounds)

function read(over: object): ReadCall {
  const result = tryRead(over)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function refused(over: object): BadBody {
  const result = tryRead(over)
  assert.ok(!result.ok, `accepted: ${JSON.stringify(over).slice(0, 200)}`)
  return result.error
}

const callOf = (over: object): CompletionCall => read(over).call as CompletionCall
const encoded = (over: object, how: BodyChange): string =>
  Buffer.from(openaiCompletions.encode(read(over), how)!).toString()

const readerOf = (over: object): StreamReader =>
  openaiCompletions.reader(callOf({ stream: true, ...over }), { id: 'req_1', createdS: 5 })

const head = { id: 'cmpl-up', object: 'text_completion', created: 9, model: 'answered' }
const chunk = (index: number, text: string, finish: string | null = null): string =>
  JSON.stringify({ ...head, choices: [{ index, text, logprobs: null, finish_reason: finish }] })

test('a prompt is text or tokens, one or several', () => {
  const shape = (prompt: unknown): number[] => {
    const { promptBytes, promptExtraTokens, messages, choices } = callOf({ prompt })
    return [promptBytes, promptExtraTokens, messages, choices]
  }
  assert.deepEqual(shape('héy'), [4, 0, 1, 1])
  assert.deepEqual(shape(['ab', 'cde']), [5, 0, 2, 2])
  assert.deepEqual(shape([1, 2, 3]), [0, 3, 1, 1])
  assert.deepEqual(shape([[1, 2], [3]]), [0, 3, 2, 2])
  assert.deepEqual(shape(null), [0, 0, 1, 1], 'the vendor begins a new document')
  for (const prompt of [[], {}, 7, true, [[]], ['a', 1], [[1], 'a'], [[1.5]], [-1], [null], [['a']]]) {
    assert.equal(refused({ prompt }).param, 'prompt', JSON.stringify(prompt))
  }
  assert.equal(refused({ prompt: Array.from({ length: 2049 }, () => 'a') }).param, 'prompt')
  assert.equal(callOf({ prompt: Array.from({ length: 5000 }, () => 1) }).promptExtraTokens, 5000)
})

test('what follows the answer is prompt too', () => {
  const { call, texts, asked } = read({ prompt: 'before', suffix: 'after' })
  assert.equal(call.promptBytes, 11)
  assert.deepEqual([texts, asked], [['before', 'after'], 'before'])
  assert.equal(refused({ suffix: 7 }).param, 'suffix')
})

test('all answers that are generated count, sent or not', () => {
  const prompt = ['a', 'b']
  assert.equal(callOf({ prompt, n: 3 }).choices, 6)
  assert.equal(callOf({ prompt, best_of: 5 }).choices, 10)
  assert.equal(callOf({ prompt, n: 2, best_of: 5 }).choices, 10)
  assert.equal(callOf({ prompt, n: 2, best_of: 5, max_tokens: 7 }).maxOutputTokens, 70)
  assert.equal(callOf({ prompt }).maxOutputTokens, null)
})

test('answers beyond the bound, or that cannot be chosen while they are streamed, are refused', () => {
  for (const [over, param] of [
    [{ n: 129 }, 'n'],
    [{ n: 0 }, 'n'],
    [{ best_of: 129 }, 'best_of'],
    [{ best_of: 1.5 }, 'best_of'],
    [{ n: 3, best_of: 2 }, 'best_of'],
    [{ best_of: 2, stream: true }, 'best_of'],
    [{ prompt: Array.from({ length: 1000 }, () => 'a'), n: 3 }, 'n'],
    [{ prompt: Array.from({ length: 1000 }, () => 'a'), best_of: 3 }, 'best_of'],
  ] as const) {
    assert.equal(refused(over).param, param, JSON.stringify(over).slice(0, 50))
  }
  assert.equal(callOf({ n: 2, best_of: 2, stream: true }).choices, 2)
})

test('each field that decides what is counted is refused when it is of a wrong kind', () => {
  for (const [field, values] of Object.entries({
    model: [undefined, '', 7],
    stream: ['true', 1],
    echo: ['true', 1],
    max_tokens: [-1, '5', 1.5],
    stream_options: ['x', []],
    user: [7],
    stop: [7],
    temperature: ['hot'],
    max_completion_tokens: [5],
    max_output_tokens: [5],
    n_predict: [5],
  })) {
    for (const value of values) assert.equal(refused({ [field]: value }).param, field, `${field}: ${String(value)}`)
  }
  for (const field of ['Prompt', 'BEST_of', 'Echo', 'Suffix', 'max_toKens']) {
    assert.equal(refused({ [field]: null }).param, field.toUpperCase().toLowerCase(), field)
  }
})

test('changes are made to the bound and to the stream options alone', () => {
  assert.equal(encoded({}, change(null)), bodyOf({}))
  assert.equal(encoded({ max_tokens: 100, n: 4 }, change(100)), bodyOf({ max_tokens: 25, n: 4 }))
  assert.equal(encoded({ max_tokens: 100, best_of: 5 }, change(100)), bodyOf({ max_tokens: 20, best_of: 5 }))
  assert.equal(encoded({}, change(30)), `{"max_tokens":30,${bodyOf({}).slice(1)}`)
  assert.equal(
    encoded({ stream: true }, change(null, true)),
    `{"stream_options":{"include_usage":true},${bodyOf({ stream: true }).slice(1)}`,
  )
})

test('a streamed answer counts the text of all of its choices', () => {
  const reader = readerOf({ n: 2 })
  assert.equal(reader.read(chunk(0, 'héy')), 'pass')
  assert.equal(reader.read(chunk(1, 'abc', 'stop')), 'pass')
  assert.deepEqual([reader.textBytes, reader.deltas, reader.finished], [7, 2, false])
  reader.read(chunk(0, '', 'length'))
  assert.equal(reader.finished, true)
  const usage = JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } })
  assert.equal(reader.read(usage), 'hide')
  assert.deepEqual(reader.usage, tokens(3, 4))
  assert.equal(reader.read('[DONE]'), 'done')
})

test('a prompt that is repeated is no output, however it is cut into chunks', () => {
  const prompt = ['Once upon', 'a time']
  const reader = readerOf({ prompt, n: 2, echo: true })
  for (const piece of ['On', 'ce up', 'on a hill']) reader.read(chunk(0, piece))
  assert.equal(reader.textBytes, ' a hill'.length)
  reader.read(chunk(1, 'Once upon'))
  reader.read(chunk(3, 'a time, there'))
  reader.read(chunk(3, 'a time'))
  assert.equal(reader.textBytes, ' a hill'.length + ', there'.length + 'a time'.length)
})

test('only what is the text of the prompt is taken for its echo', () => {
  for (const [over, pieces, bytes] of [
    [{ echo: true }, ['other'], 5],
    [{ echo: true }, ['h', 'x', 'i'], 2],
    [{ echo: true }, ['hi', 'hi'], 2],
    [{ echo: false }, ['hi'], 2],
    [{}, ['hi'], 2],
  ] as const) {
    const reader = readerOf(over)
    for (const piece of pieces) reader.read(chunk(0, piece))
    assert.equal(reader.textBytes, bytes, JSON.stringify([over, pieces]))
  }
  const stray = readerOf({ echo: true })
  stray.read(chunk(7, 'hi'))
  assert.equal(stray.textBytes, 2, 'an answer that nobody asked for repeats nothing')
  assert.equal(refused({ prompt: [1, 2], echo: true }).param, 'echo')
})

const answerOf = (answer: object, over?: object): Answer | null =>
  readCompletion(Buffer.from(JSON.stringify(answer)), over === undefined ? undefined : callOf(over))

test('a whole answer is read for its usage, what was generated, and how its choices ended', () => {
  const choices = [
    { index: 0, text: 'hi, héy', finish_reason: 'stop' },
    { index: 1, text: 'other', finish_reason: 'length' },
  ]
  const usage = { prompt_tokens: 1, completion_tokens: 0 }
  assert.deepEqual(answerOf({ choices, usage }), {
    usage: tokens(1, 0),
    textBytes: 13,
    choices: 2,
    finishReasons: ['stop', 'length'],
  })
  assert.equal(answerOf({ choices }, { n: 2, echo: true })?.textBytes, 11, 'without the echo')
  assert.equal(answerOf({ choices }, { n: 2, best_of: 6 })?.textBytes, 39, 'with the answers that were not chosen')
  assert.equal(answerOf({ choices: [] }, {})?.textBytes, 0)
  for (const bad of [{}, { choices: {} }, { choices: [null] }, { choices: ['x'] }]) assert.equal(answerOf(bad), null)
})

test('the library reads a stream that was cut as one that reached its bound', async () => {
  const reader = readerOf({ prompt: ['a', 'b', 'c'], stream_options: { include_usage: true } })
  const sent = [chunk(0, 'x'), chunk(1, 'y', 'stop')]
  for (const data of [...sent, chunk(2, 'withheld', 'stop')]) reader.read(data)
  const closing = Buffer.from(reader.cut(tokens(7, 3))).toString()
  const server = createServer((request, response) => {
    request.resume()
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end(sent.map((data) => `data: ${data}\n\n`).join('') + closing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const client = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
    const ends = new Map<number, string>()
    let text = ''
    let total: number | undefined
    for await (const part of await client.completions.create({ model: 'm', prompt: ['a', 'b', 'c'], stream: true })) {
      assert.deepEqual([part.id, part.object, part.model], ['cmpl-up', 'text_completion', 'answered'])
      for (const choice of part.choices) {
        text += choice.text
        if (choice.finish_reason) ends.set(choice.index, choice.finish_reason)
      }
      total = part.usage?.total_tokens ?? total
    }
    assert.equal(text, 'xy')
    assert.deepEqual(
      [...ends].toSorted(([a], [b]) => a - b),
      [
        [0, 'length'],
        [1, 'stop'],
        [2, 'length'],
      ],
    )
    assert.equal(total, 10)
  } finally {
    server.close().closeAllConnections()
  }
})

test('a cut before the first event makes whole chunks, and a great many choices are closed', () => {
  const cut = Buffer.from(readerOf({}).cut(tokens(1, 0))).toString()
  assert.equal(
    cut,
    `data: ${JSON.stringify({ id: 'cmpl-req_1', object: 'text_completion', created: 5, model: 'm', choices: [{ index: 0, text: '', logprobs: null, finish_reason: 'length' }] })}\n\ndata: [DONE]\n\n`,
  )
  const many = readerOf({ n: 2, prompt: Array.from({ length: 1024 }, () => 'a') })
  for (let index = 0; index < 2048; index++) many.read(chunk(index, '', 'stop'))
  assert.equal(many.finished, true)
})
