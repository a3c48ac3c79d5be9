import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { openStateFile } from './state-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-state-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what was saved last is loaded, and is for the owner alone', async () => {
  const path = join(folder, 'data', 'detection.state')
  const file = openStateFile(path)
  assert.equal(file.load(), null)
  await file.save(Buffer.from('one'))
  await file.save(Buffer.from('two'))
  assert.equal(Buffer.from(openStateFile(path).load()!).toString(), 'two')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(folder, 'data')), ['detection.state'], 'nothing is left beside it')
})

test('a save that fails leaves the old one as it was', async () => {
  const path = join(folder, 'detection.state')
  const file = openStateFile(path)
  await file.save(Buffer.from('old'))
  // Where the new one would be written stands a folder.
  mkdirSync(`${path}.new`)
  await assert.rejects(file.save(Buffer.from('new')))
  assert.equal(Buffer.from(file.load()!).toString(), 'old')
})

test('half of a new one, left by a process that died, is not looked at', async () => {
  const path = join(folder, 'detection.state')
  await openStateFile(path).save(Buffer.from('whole'))
  writeFileSync(`${path}.new`, 'ha')
  assert.equal(Buffer.from(openStateFile(path).load()!).toString(), 'whole')
})

test('what cannot be used is moved aside and kept', async () => {
  const path = join(folder, 'detection.state')
  const file = openStateFile(path)
  await file.save(Buffer.from('odd'))
  const aside = file.setAside()
  assert.equal(file.load(), null)
  assert.equal(readFileSync(aside, 'utf8'), 'odd')
})
