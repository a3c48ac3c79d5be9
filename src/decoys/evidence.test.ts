import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishDraft, startDraft, type Draft } from '../core/draft.ts'
import type { RequestEvent } from '../core/event.ts'
import { plainNetwork } from '../core/principal.ts'
import type { Touch } from '../core/touch.ts'
import { supportedByKey } from './evidence.ts'

const touch = (over: Partial<Touch> = {}): Touch => ({
  kind: 'model',
  name: 'acme-next',
  weight: 8,
  owner: null,
  ...over,
})
const event = (over: Partial<Draft>): RequestEvent =>
  finishDraft({ ...startDraft('req_1', 5, 'hash', 'POST /v1/x', null), ...over }, 6)
test('a honey key asks one program within its network, and shuts nobody out who shares either', () => {
  const network = plainNetwork('192.0.2.7', '192.0.2.0/24')
  const client = { id: 'fp_1', sdk: null, consistent: true, inconsistencies: [] }
  const decoys = [touch({ kind: 'key', name: 'repo' })]
  assert.deepEqual(supportedByKey(event({ network, client, decoys })), {
    subject: { kind: 'fingerprint', value: 'fp_1' },
    scope: [{ dimension: 'ip_prefix', globs: ['192.0.2.0/24'] }],
  })
  assert.deepEqual(supportedByKey(event({ network, client: null, decoys })), {
    subject: { kind: 'ip_prefix', value: '192.0.2.0/24' },
    scope: [],
  })
  assert.equal(supportedByKey(event({ decoys })), null, 'an unknown network is everybody')
  for (const kind of ['endpoint', 'model', 'alias', 'prompt'] as const)
    assert.equal(supportedByKey(event({ network, client, decoys: [touch({ kind })] })), null, kind)
})
