import assert from 'node:assert/strict'
import type { Front } from './front.ts'
import { CONTROL_TOKEN } from './gateway.ts'

/** Waits until it holds; long enough for a machine that is busy with other things. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(what)
}

/** What `/metrics` says of a metric without labels. */
export async function metric(front: Front, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${CONTROL_TOKEN}` }
  const answer = await fetch(`${front.serving.controlUrl}/metrics`, { headers })
  const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${name} `))
  return Number(line?.split(' ')[1])
}
