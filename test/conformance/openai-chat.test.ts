import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APIError } from 'openai'
import { ask, clientOf, withGateway, type Gateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'
import { until } from '../support/waiting.ts'

/**
 * Through real sockets with the official client: {streamed or not} x {ok, refused, cut, client leaves, upstream 4xx, 5xx,
 * 429, drop, timeout}.
 */
const model = 'demo-model'

const GENEROUS = `
  - { name: tpm, per: [key], tokens: 1000000, window: 1m, kind: sliding }
  - { name: inflight, per: [key], concurrent: 10 }`

async function nothingHeld({ serving }: Gateway): Promise<void> {
  for (const row of serving.weir.quotasOf('k1')!) assert.equal(row.held, 0, `${row.name} holds nothing`)
}

async function failure(call: Promise<unknown>): Promise<APIError> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof APIError, String(error))
    return error
  }
  assert.fail('the client saw no error')
}

async function drain(stream: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

test('ok, not streamed: the answer, its usage, and headers that pace a client', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    const { data, response } = await g.client.chat.completions
      .create({ model, messages: ask('tokens=40') })
      .withResponse()
    assert.equal(data.choices[0]!.finish_reason, 'stop')
    assert.equal(data.usage!.completion_tokens, 40)
    const [event] = await g.eventsUntil(1)
    assert.equal(event!.outcome, 'ok')
    assert.equal(event!.usageSource, 'provider')
    assert.equal(event!.usage.outputTokens, 40)
    assert.equal(event!.charges[0]!.units, data.usage!.total_tokens, 'charged is what the provider counted')
    assert.equal(response.headers.get('x-request-id'), event!.id)
    assert.equal(response.headers.get('x-ratelimit-limit-tokens'), '1000000')
    assert.equal(response.headers.get('x-ratelimit-remaining-tokens'), String(1_000_000 - data.usage!.total_tokens))
    await nothingHeld(g)
  })
})

test('ok, streamed: the same text, usage counted, and no usage chunk for a client that did not ask', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    const whole = await g.client.chat.completions.create({ model, messages: ask('tokens=40'), seed: 1 })
    const stream = await g.client.chat.completions.create({ model, messages: ask('tokens=40'), seed: 1, stream: true })
    let text = ''
    let usageChunks = 0
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (chunk.usage != null || chunk.choices.length === 0) usageChunks++
    }
    assert.equal(text, whole.choices[0]!.message.content)
    assert.equal(usageChunks, 0)
    const events = await g.eventsUntil(2)
    assert.equal(events[1]!.usageSource, 'provider')
    assert.deepEqual(events[1]!.usage, events[0]!.usage)
    await nothingHeld(g)
  })
})

test('ok, streamed with include_usage: the client gets its usage chunk', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    const stream = g.client.chat.completions.stream({
      model,
      messages: ask('tokens=40'),
      stream_options: { include_usage: true },
    })
    const final = await stream.finalChatCompletion()
    assert.equal(final.usage!.completion_tokens, 40)
  })
})

test('ok with several choices, content parts and tools', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    const several = await g.client.chat.completions.create({
      model,
      n: 3,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Tell me about rivers. [[demo: tokens=20]]' }] }],
    })
    assert.equal(several.choices.length, 3)
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ]
    const streamed = g.client.chat.completions.stream({
      model,
      tools,
      messages: ask('', 'Call get_weather for Basel.'),
    })
    const final = await streamed.finalChatCompletion()
    assert.equal(final.choices[0]!.finish_reason, 'tool_calls')
    JSON.parse((final.choices[0]!.message.tool_calls![0] as { function: { arguments: string } }).function.arguments)
    const events = await g.eventsUntil(2)
    assert.equal(events[0]!.usage.outputTokens, 60)
    assert.ok(events[1]!.usage.outputTokens > 0 && events[1]!.usageSource === 'provider')
  })
})

for (const stream of [false, true]) {
  const how = stream ? 'streamed' : 'not streamed'
  const create = (g: Gateway, directive: string, more: object = {}): Promise<unknown> =>
    g.client.chat.completions.create({ model, messages: ask(directive), stream, ...more })
  const all = async (g: Gateway, directive: string, more: object = {}): Promise<unknown> => {
    const answer = await create(g, directive, more)
    return stream ? drain(answer as never) : answer
  }

  test(`refused, ${how}: 429 in the vendor's shape, with a wait that fits the headers`, async () => {
    const quotas = `
  - { name: rpm, per: [key], requests: 1, window: 30s, kind: calendar }`
    await withGateway({ quotas }, async (g) => {
      await all(g, 'tokens=5')
      const error = await failure(all(g, 'tokens=5'))
      assert.equal(error.status, 429)
      assert.equal(error.code, 'rate_limit_exceeded')
      assert.equal(error.type, 'requests')
      const waitMs = Number(error.headers!.get('retry-after-ms'))
      assert.ok(waitMs > 0 && waitMs <= 36_000, `${waitMs} ms`)
      assert.equal(error.headers!.get('retry-after'), String(Math.ceil(waitMs / 1000)))
      assert.equal(error.headers!.get('x-should-retry'), null)
      assert.equal(error.headers!.get('x-ratelimit-remaining-requests'), '0')
      const again = await failure(all(g, 'tokens=5'))
      const later = Number(again.headers!.get('retry-after-ms'))
      assert.ok(Math.abs(later - waitMs) < 2000, 'the jitter is the same each time')
      const events = await g.eventsUntil(3)
      assert.equal(events[1]!.outcome, 'refused')
      assert.equal(g.upstream.requests, 1, 'the upstream was not asked')
    })
  })

  test(`refused for long, ${how}: the client is told not to retry`, async () => {
    const quotas = `
  - { name: month, per: [key], requests: 1, window: 30d, kind: calendar }`
    await withGateway({ quotas }, async (g) => {
      await all(g, 'tokens=5')
      const client = clientOf(g.serving.dataUrl, SECRET, 2)
      const error = await failure(client.chat.completions.create({ model, messages: ask(), stream: stream as false }))
      assert.equal(error.headers!.get('x-should-retry'), 'false')
      await g.eventsUntil(2)
      assert.equal(g.events.length, 2, 'and does not')
    })
  })

  test(`cut by the budget, ${how}: a clean end with finish_reason "length"`, async () => {
    const quotas = `
  - { name: budget, per: [key], output_tokens: 60, window: 1h, kind: sliding }`
    await withGateway({ quotas }, async (g) => {
      if (!stream) {
        const answer = (await create(g, 'tokens=500')) as {
          choices: { finish_reason: string }[]
          usage: { completion_tokens: number }
        }
        assert.equal(answer.choices[0]!.finish_reason, 'length')
        assert.ok(answer.usage.completion_tokens <= 60)
        await g.eventsUntil(1)
        return
      }
      const final = await g.client.chat.completions
        .stream({ model, messages: ask('tokens=500 pace_tps=500'), n: 2, stream_options: { include_usage: true } })
        .finalChatCompletion()
      assert.deepEqual(
        final.choices.map((choice) => choice.finish_reason),
        ['length', 'length'],
      )
      assert.ok(
        final.choices.every((choice) => choice.message.content!.length > 10),
        'what came before the cut is there',
      )
      const [event] = await g.eventsUntil(1)
      assert.equal(event!.outcome, 'cut')
      assert.equal(event!.cutBy, 'budget')
      assert.equal(final.usage!.completion_tokens, event!.usage.outputTokens)
      assert.ok(
        event!.usage.outputTokens <= 60 && event!.usage.outputTokens > 40,
        `${event!.usage.outputTokens} tokens`,
      )
      // The event is out before the other end of the broken connection hears of it.
      await until(() => g.upstream.aborted === 1, 'the upstream was stopped')
      await nothingHeld(g)
    })
  })

  test(`client leaves, ${how}: the upstream is aborted at once and what was delivered is charged`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      const controller = new AbortController()
      const call = g.client.chat.completions.create(
        { model, messages: ask('tokens=2000 pace_tps=200 delay_ms=50'), stream },
        { signal: controller.signal },
      ) as unknown as Promise<AsyncIterable<unknown>>
      let leftAt = 0
      const leave = (): void => {
        leftAt = Date.now()
        controller.abort()
      }
      if (stream) {
        let chunks = 0
        try {
          for await (const _chunk of await call) if (++chunks === 10) leave()
        } catch {
          // The abort is ours.
        }
      } else {
        setTimeout(leave, 300)
        await assert.rejects(call)
      }
      await until(() => g.upstream.aborted === 1, 'the upstream was aborted')
      const tookMs = Date.now() - leftAt
      assert.ok(tookMs < 5000, `aborted after ${tookMs} ms, and not at the end of an answer of ten seconds`)
      const [event] = await g.eventsUntil(1)
      assert.equal(event!.outcome, 'client_left')
      assert.equal(event!.usageSource, 'estimate')
      assert.ok(event!.usage.inputTokens > 5, 'the prompt was read')
      if (stream)
        assert.ok(event!.usage.outputTokens >= 8 && event!.usage.outputTokens < 60, `${event!.usage.outputTokens}`)
      await nothingHeld(g)
    })
  })

  for (const status of [400, 429, 500, 503]) {
    test(`upstream ${status}, ${how}: the same status in the vendor's shape, and no tokens charged`, async () => {
      await withGateway({ quotas: GENEROUS }, async (g) => {
        const error = await failure(all(g, `status=${status}`))
        assert.equal(error.status, status)
        assert.ok(error.message.length > 10)
        if (status === 429) assert.equal(error.headers!.get('retry-after'), '2')
        const [event] = await g.eventsUntil(1)
        assert.equal(event!.outcome, 'upstream_error')
        assert.equal(event!.usage.outputTokens, 0)
        assert.deepEqual(event!.charges, [])
        await nothingHeld(g)
      })
    })
  }

  test(`upstream 401, ${how}: the operator's trouble is not told as the client's`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      const error = await failure(all(g, 'status=401'))
      assert.equal(error.status, 502)
      assert.ok(!JSON.stringify(error.error).includes('key'))
    })
  })

  test(`upstream drops, ${how}: an error, never a clean end`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      const error = await failure(all(g, 'tokens=200 pace_tps=400 drop_after=20'))
      assert.match(String(error.code), /upstream_lost/)
      const [event] = await g.eventsUntil(1)
      assert.equal(event!.outcome, 'upstream_lost')
      if (stream) assert.ok(event!.usage.outputTokens >= 15, 'what was delivered is charged')
      await nothingHeld(g)
    })
  })

  test(`upstream stalls, ${how}: an error after the configured wait`, async () => {
    await withGateway({ quotas: GENEROUS, upstream: ', idle_timeout: 300ms, first_byte_timeout: 300ms' }, async (g) => {
      const error = await failure(all(g, 'tokens=200 pace_tps=400 stall_after=5'))
      assert.match(String(error.code), /upstream_timeout/)
      const [event] = await g.eventsUntil(1)
      assert.equal(event!.fault, 'timeout')
      await nothingHeld(g)
    })
  })

  test(`upstream sends rubbish, ${how}: an error`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      const error = await failure(all(g, 'tokens=20 bad_json'))
      assert.match(String(error.code), /upstream_invalid/)
      await g.eventsUntil(1)
    })
  })

  test(`no usage from the provider, ${how}: counted here, marked as an estimate, and not free`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      for (let i = 0; i < 5; i++) await all(g, 'tokens=100')
      await all(g, 'tokens=100 no_usage')
      const event = (await g.eventsUntil(6)).at(-1)!
      assert.equal(event.outcome, 'ok')
      assert.equal(event.usageSource, 'estimate')
      assert.ok(Math.abs(event.usage.outputTokens - 100) <= 2, `${event.usage.outputTokens} of 100 tokens`)
    })
  })

  test(`explicit zero usage, ${how}: zero is a count`, async () => {
    await withGateway({ quotas: GENEROUS }, async (g) => {
      await all(g, 'tokens=100 zero_usage')
      const [event] = await g.eventsUntil(1)
      assert.equal(event!.usageSource, 'provider')
      assert.equal(event!.usage.outputTokens, 0)
    })
  })
}

test('a stream with CRLF line ends and one without [DONE] both arrive whole', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    for (const directive of ['tokens=30 crlf', 'tokens=30 no_done']) {
      const final = await g.client.chat.completions.stream({ model, messages: ask(directive) }).finalChatCompletion()
      assert.equal(final.choices[0]!.finish_reason, 'stop', directive)
    }
    const events = await g.eventsUntil(2)
    assert.deepEqual(
      events.map((event) => [event.outcome, event.usage.outputTokens]),
      [
        ['ok', 30],
        ['ok', 30],
      ],
    )
  })
})

test('an error object in mid-stream reaches the client as an error', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    await failure(
      g.client.chat.completions
        .create({ model, messages: ask('tokens=30 error_event'), stream: true })
        .then(drain as never),
    )
    const [event] = await g.eventsUntil(1)
    assert.equal(event!.outcome, 'upstream_error')
  })
})

test('concurrent streams on one budget are each ended in time', async () => {
  const quotas = `
  - { name: budget, per: [tenant], output_tokens: 1500, window: 1h, kind: sliding }`
  await withGateway({ quotas }, async (g) => {
    const runs = Array.from({ length: 8 }, () =>
      g.client.chat.completions
        .stream({ model, messages: ask('tokens=600 pace_tps=1000') })
        .finalChatCompletion()
        .then(
          (final) => final.choices[0]!.finish_reason as string,
          (error: APIError) => `refused ${error.status}`,
        ),
    )
    const ends = await Promise.all(runs)
    const events = await g.eventsUntil(8)
    const used = events.reduce((sum, event) => sum + event.usage.outputTokens, 0)
    assert.ok(used <= 1500, `${used} tokens on a limit of 1500: ${ends.join(' ')}`)
    assert.ok(used >= 1200, `${used} tokens: the budget is used, not wasted: ${ends.join(' ')}`)
    assert.ok(ends.includes('length'))
    await nothingHeld(g)
  })
})

test('models are listed and looked up, and count as requests', async () => {
  await withGateway({ quotas: GENEROUS }, async (g) => {
    const models = await g.client.models.list()
    assert.ok(models.data.some(({ id }) => id === 'weir-demo-small'))
    const one = await g.client.models.retrieve('weir-demo-small')
    assert.equal(one.id, 'weir-demo-small')
    const error = await failure(g.client.models.retrieve('no-such-model'))
    assert.equal(error.status, 404)
    const events = await g.eventsUntil(3)
    assert.deepEqual(
      events.map((event) => event.endpoint),
      ['models', 'model', 'model'],
    )
  })
})

test("a wrong, a missing and a foreign key are 401 in the vendor's shape", async () => {
  await withGateway({}, async (g) => {
    for (const key of ['wr_wrong_0123456789abcdef0123456789abcdef', 'sk-x']) {
      const error = await failure(clientOf(g.serving.dataUrl, key).chat.completions.create({ model, messages: ask() }))
      assert.equal(error.status, 401)
      assert.equal(error.code, 'invalid_api_key')
    }
    assert.equal(g.upstream.requests, 0)
    for (const event of await g.eventsUntil(2)) assert.ok(!JSON.stringify(event).includes('0123456789abcdef'))
  })
})
