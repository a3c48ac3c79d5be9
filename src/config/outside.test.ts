import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { realOutside } from './outside.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-outside-'))
after(() => rmSync(folder, { recursive: true }))
const inFolder = (name: string): string => join(folder, name)

const messageOf = (result: { ok: true } | { ok: false; error: { message: string } }): string =>
  result.ok ? 'ok' : result.error.message

test('a file is read up to its cap', () => {
  writeFileSync(inFolder('long'), 'x'.repeat(200_000))
  const read = realOutside.readFile(inFolder('long'), 200_000)
  assert.ok(read.ok)
  assert.equal(read.value.length, 200_000)
  assert.equal(messageOf(realOutside.readFile(inFolder('long'), 199_999)), 'larger than 199999')
  // A file that says it is empty and never ends.
  assert.equal(messageOf(realOutside.readFile('/dev/zero', 1024)), 'larger than 1KiB')
  assert.equal(messageOf(realOutside.readFile(inFolder('none'), 10)), 'there is no such file')
  assert.equal(messageOf(realOutside.readFile(folder, 10)), 'is a directory')
})

test('a file is there or not', () => {
  assert.equal(realOutside.exists(folder), null)
  assert.equal(realOutside.exists(inFolder('none'))?.message, 'there is no such file')
})

test('a command gets its words as they are, no shell and no input', () => {
  const run = (script: string, ...args: string[]) => {
    writeFileSync(inFolder('command'), `#!/bin/sh\n${script}\n`)
    chmodSync(inFolder('command'), 0o700)
    return realOutside.run(inFolder('command'), args)
  }
  assert.deepEqual(run('printf "%s|" "$@"; cat', 'a', '$HOME;', '`id`'), { ok: true, value: 'a|$HOME;|`id`|' })
  assert.deepEqual(run('echo; echo "  secret  "'), { ok: true, value: 'secret' })
  assert.equal(messageOf(run('echo secret; echo hidden >&2; exit 3')), 'the command ended with 3')
  assert.equal(messageOf(run('head -c 70000 /dev/zero')), 'the command printed more than 64KiB')
  assert.equal(messageOf(realOutside.run(inFolder('none'), [])), 'the command cannot be run (ENOENT)')
})
