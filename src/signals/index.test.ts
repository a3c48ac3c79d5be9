import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { signals } from './index.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/signals.md'), 'utf8')

test('every signal stands in the docs with its weight, and no other one does', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| ([^|]+) \|([^|]*)\|$/gm)]
  const said = rows.map(([, name, weight, atlas]) => [name, weight, atlas!.trim()])
  const expected = signals.map(({ name, weight, among, atlas }) => [
    name,
    among === null ? weight : `${weight} among ${among.join(', ')}`,
    atlas ?? '',
  ])
  assert.deepEqual(said, expected)
})
