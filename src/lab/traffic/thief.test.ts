import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../client.ts'
import { afterwards } from './thief.ts'

const reply = (status: number, retryAfterMs: number | null = null): Reply => ({
  status,
  retryAfterMs,
  headers: {},
  body: '',
  code: null,
  text: null,
  label: null,
})

test('a thief goes on where it need not wait long, comes back where it must, and leaves what is shut', () => {
  assert.equal(afterwards(reply(200), 0), 'go on')
  assert.equal(afterwards(reply(429, 2000), 0), 'go on')
  assert.equal(afterwards(reply(503, 1000), 0), 'go on')
  assert.equal(afterwards(reply(429, 3_600_000), 50), 3_600_050)
  assert.equal(afterwards(reply(429), 0), null)
  assert.equal(afterwards(reply(403), 0), null)
})
