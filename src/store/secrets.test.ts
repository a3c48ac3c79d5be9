import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSecrets } from './secrets.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'weir-secrets-'))

test('secrets are made once, are the same after a restart, and differ by purpose and folder', () => {
  const path = join(folder(), 'keys', 'root.key')
  const first = openSecrets(path)
  const again = openSecrets(path)
  const other = openSecrets(join(folder(), 'keys', 'root.key'))
  assert.ok(first.ok && again.ok && other.ok)
  assert.deepEqual(again.value, first.value)
  assert.notDeepEqual(first.value.tokens, first.value.fingerprints)
  assert.notDeepEqual(first.value.tokens, other.value.tokens)
  assert.notDeepEqual(Buffer.from(first.value.tokens), readFileSync(path), 'the root itself serves nothing')
})

test('nobody else may read the root secret', () => {
  const path = join(folder(), 'keys', 'root.key')
  openSecrets(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a damaged root is refused and not replaced, because what it has signed would be lost', () => {
  const path = join(folder(), 'root.key')
  writeFileSync(path, 'short')
  const opened = openSecrets(path)
  assert.ok(!opened.ok)
  assert.match(opened.error, /not a secret of 32 bytes/)
  assert.equal(readFileSync(path, 'utf8'), 'short')
})
