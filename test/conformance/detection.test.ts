import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, clientOf, CONTROL_TOKEN, withGateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'

const MARKER = 'xylophonequagmire'

test('thin: a chat is observed, judged and counted', async () => {
  await withGateway({ more: '' }, async ({ client, eventsUntil, serving }) => {
    await client.chat.completions.create({
      model: 'weir-demo-small',
      messages: ask('tokens=3', `please tell me about ${MARKER} in the river and what it does there`),
    })
    const [event] = await eventsUntil(1)
    assert.equal(event!.observation?.role, 'human')
    const status = await (
      await fetch(`${serving.controlUrl}/api/v1/detection`, { headers: { authorization: `Bearer ${CONTROL_TOKEN}` } })
    ).json()
    console.log(status, clientOf, SECRET)
  })
})
