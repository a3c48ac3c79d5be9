import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APIError, AuthenticationError, NotFoundError } from 'openai'
import { HONEY_KEY, honeyKey } from '../support/decoys.ts'
import { withFront } from '../support/front.ts'
import { ask, clientOf, inFolder, withGateway, type Gateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'

/** Decoys through real sockets, with the official clients: honest ones never touch any, and every answer is a good one. */
const decoys = {
  endpoints: [{ path: '/v1/internal/export', weight: 30 }],
  models: [{ name: 'weir-demo-next', weight: 8, fromLevel: 'step_up' }],
  keys: [honeyKey],
  aliases: { model: 'weir-demo-large', prefix: 'weir-demo-large', weight: 20 },
} as const

const listOf = async ({ serving }: Gateway, key = SECRET): Promise<string[]> => {
  const ids: string[] = []
  for await (const { id } of clientOf(serving.dataUrl, key).models.list()) ids.push(id)
  return ids
}

async function failure(call: Promise<unknown>): Promise<APIError> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof APIError, String(error))
    return error
  }
  return assert.fail('the client saw no error')
}

test('an honest client lists models, calls each listed one in every way, and touches nothing', async () => {
  await withGateway({ decoys }, async (g) => {
    const ids = await listOf(g)
    assert.deepEqual(
      ids.map((id) => id.replace(/-[0-9a-z]{16}$/, '-*')),
      ['weir-demo-small', 'weir-demo-large', 'weir-demo-large-*'],
    )
    let calls = 1
    for (const model of ids) {
      const whole = await g.client.chat.completions.create({ model, messages: ask('tokens=12') })
      assert.equal(whole.usage!.completion_tokens, 12)
      const stream = g.client.chat.completions.stream({ model, messages: ask('tokens=12') })
      assert.ok((await stream.finalContent())!.length > 0)
      const retrieved = await g.client.models.retrieve(model)
      assert.equal(retrieved.object, 'model')
      calls += 3
    }
    for (const path of ['/healthz', '/', '/v1', '/v1/models/', '/metrics']) {
      await fetch(`${g.serving.dataUrl}${path}`)
      calls++
    }
    const events = await g.eventsUntil(calls)
    for (const { decoys: touched, route } of events) assert.deepEqual(touched, [], route)
  })
})

test('an alias that another account uses is answered in full, streamed too, and is an edge between the two', async () => {
  await withGateway({ decoys }, async (g) => {
    const alias = (await listOf(g))[2]!
    const other = clientOf(g.serving.dataUrl, `${SECRET}2`)
    const own = await g.client.chat.completions.create({ model: alias, messages: ask('tokens=9'), seed: 1 })
    const theirs = await other.chat.completions.create({ model: alias, messages: ask('tokens=9'), seed: 1 })
    assert.equal(theirs.choices[0]!.message.content, own.choices[0]!.message.content)
    assert.equal(theirs.model, 'weir-demo-large')
    const streamed = await other.chat.completions
      .stream({ model: alias, messages: ask('tokens=9'), seed: 1 })
      .finalContent()
    assert.equal(streamed, own.choices[0]!.message.content)
    const [, first, ...rest] = await g.eventsUntil(4)
    assert.deepEqual(first!.decoys, [])
    for (const { decoys: touched, model } of rest) {
      assert.deepEqual(touched, [{ kind: 'alias', name: alias, weight: 20, owner: 'acme' }])
      assert.equal(model, 'weir-demo-large')
    }
  })
})

test('after a restart an alias is still its owner’s, and still known as its owner’s to others', async () => {
  await inFolder(async (dataDir) => {
    let alias = ''
    await withGateway({ decoys, dataDir }, async (g) => void (alias = (await listOf(g))[2]!))
    await withGateway({ decoys, dataDir }, async (g) => {
      await g.client.chat.completions.create({ model: alias, messages: ask('tokens=9') })
      await clientOf(g.serving.dataUrl, `${SECRET}2`).chat.completions.create({ model: alias, messages: ask() })
      const events = await g.eventsUntil(2)
      assert.deepEqual(
        events.map(({ decoys: touched }) => touched.map(({ owner }) => owner)),
        [[], ['acme']],
      )
      assert.equal((await listOf(g))[2], alias)
    })
  })
})

test('a honey key is an authentication error like any other; a honey path a 404 like any other', async () => {
  await withGateway({ decoys }, async (g) => {
    const wrong = `${HONEY_KEY.slice(0, -1)}x`
    const errors = await Promise.all(
      [HONEY_KEY, wrong].map((key) =>
        failure(
          clientOf(g.serving.dataUrl, key).chat.completions.create({ model: 'weir-demo-small', messages: ask() }),
        ),
      ),
    )
    for (const error of errors) assert.ok(error instanceof AuthenticationError)
    const told = errors.map(({ status, code, type, message, headers }) => ({
      status,
      code,
      type,
      message,
      names: [...headers!.keys()],
    }))
    assert.deepEqual(told[0], told[1])
    for (const key of ['', HONEY_KEY, SECRET]) {
      for (const path of ['/internal/export', '/internal/exports']) {
        const error = await failure(clientOf(g.serving.dataUrl, key || 'sk-wrong').get(path))
        assert.ok(error instanceof NotFoundError)
        assert.equal(error.code, 'unknown_url')
      }
    }
    const events = await g.eventsUntil(8)
    const kinds = events.map(({ decoys: touched }) => touched.map(({ kind }) => kind).join('+'))
    assert.deepEqual(kinds.sort(), ['', '', '', 'endpoint', 'endpoint', 'endpoint+key', 'key', 'key'])
  })
})

test('every official client reads a honey model’s answer, whole and streamed, in its own vendor’s shape', async () => {
  const models = [
    { name: 'vendor-next', weight: 8, fromLevel: 'step_up' },
    { name: 'gemini-next', weight: 8, fromLevel: 'step_up' },
  ] as const
  const model = 'vendor-next'
  await withFront({ decoys: { models } }, async (f) => {
    const no = /can.t (?:help|assist)|not able/
    const messages = ask()
    const chat = await f.openai.chat.completions.create({ model, messages })
    assert.match(chat.choices[0]!.message.content!, no)
    const chatStream = f.openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const { choices, usage } = await chatStream.finalChatCompletion()
    assert.match(choices[0]!.message.content!, no)
    assert.equal(usage!.total_tokens, usage!.prompt_tokens + usage!.completion_tokens)
    const completion = await f.openai.completions.create({ model, prompt: 'hi' })
    assert.match(completion.choices[0]!.text, no)
    const response = await f.openai.responses.create({ model, input: 'hi', instructions: 'Be brief.' })
    assert.match(response.output_text, no)
    assert.equal(response.instructions, 'Be brief.')
    const responses = await f.openai.responses.stream({ model, input: 'hi' }).finalResponse()
    assert.match(responses.output_text, no)
    const { content, stop_reason: reason } = await f.anthropic.messages.create({ model, messages, max_tokens: 64 })
    assert.match((content[0] as { text: string }).text, no)
    assert.equal(reason, 'refusal')
    const claude = await f.anthropic.messages.stream({ model, messages, max_tokens: 64 }).finalMessage()
    assert.match((claude.content[0] as { text: string }).text, no)
    const google = await f.google.models.generateContent({ model: 'gemini-next', contents: 'hi' })
    assert.match(google.text!, no)
    let text = ''
    for await (const piece of await f.google.models.generateContentStream({ model: 'gemini-next', contents: 'hi' })) {
      text += piece.text ?? ''
    }
    assert.match(text, no)
    const events = await f.eventsUntil(9)
    for (const { outcome, decoys: touched, usage: used, usageSource, fault } of events) {
      assert.deepEqual([outcome, fault, usageSource], ['ok', null, 'provider'])
      assert.deepEqual(
        touched.map(({ kind }) => kind),
        ['model'],
      )
      assert.ok(used.outputTokens > 0 && used.inputTokens > 0)
    }
    assert.equal(f.vendor.requests.length, 0)
  })
})

test('an alias reaches each vendor as the real model, in whichever dialect it is called', async () => {
  const aliases = { model: 'vendor-model', prefix: 'vendor-model', weight: 20 }
  await withFront({ decoys: { aliases } }, async (f) => {
    const model = `vendor-model-${'0'.repeat(16)}`
    const messages = ask()
    await f.openai.chat.completions.create({ model, messages })
    await f.openai.responses.create({ model, input: 'hi' })
    await f.openai.embeddings.create({ model, input: 'hi' })
    await f.anthropic.messages.create({ model, messages, max_tokens: 64 })
    for (const { body } of f.vendor.requests)
      assert.equal((JSON.parse(body) as { model: string }).model, 'vendor-model')
    assert.equal(f.vendor.requests.length, 4)
  })
})

test('a system prompt that comes back is cut for the official clients as at any bound, streamed and not', async () => {
  const promptCanary = { onTouch: 'cut', minEcho: 50, mark: [] } as const
  const secret = Array.from({ length: 60 }, (_, i) => `rule${i}`).join(' ')
  await withFront({ decoys: { promptCanary } }, async (f) => {
    const messages = [{ role: 'system' as const, content: secret }, ...ask()]
    const model = 'vendor-model'
    const head = { id: 'c1', object: 'chat.completion', created: 1, model }
    const usage = { prompt_tokens: 9, completion_tokens: 60, total_tokens: 69 }
    const message = { role: 'assistant', content: secret, refusal: null }
    const whole = { ...head, choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }], usage }
    f.vendor.scenario = { ...f.vendor.scenario, whole }
    const cut = await f.openai.chat.completions.create({ model, messages })
    assert.deepEqual([cut.choices[0]!.message.content, cut.choices[0]!.finish_reason], ['', 'length'])
    const writes = secret.split(' ').map((word) => {
      const choices = [{ index: 0, delta: { role: 'assistant', content: `${word} ` }, finish_reason: null }]
      return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices })}\n\n`
    })
    f.vendor.scenario = { ...f.vendor.scenario, writes: [...writes, 'data: [DONE]\n\n'] }
    const streamed = await f.openai.chat.completions.stream({ model, messages }).finalChatCompletion()
    assert.equal(streamed.choices[0]!.finish_reason, 'length')
    const got = streamed.choices[0]!.message.content!
    assert.ok(secret.startsWith(got.trim()) && got.length < 0.7 * secret.length, got)
    const events = await f.eventsUntil(2)
    for (const { outcome, decoys: touched } of events) {
      assert.deepEqual([outcome, touched.map(({ kind, name }) => `${kind} ${name}`)], ['cut', ['prompt echo']])
    }
  })
})
