import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fileSource, type Source, streamSource } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-source-'))
after(() => rmSync(folder, { recursive: true }))

async function textOf(source: Source): Promise<{ text: string; read: number }> {
  const chunks: Buffer[] = []
  let read = 0
  for await (const chunk of source.chunks((bytes) => void (read += bytes))) chunks.push(chunk)
  return { text: Buffer.concat(chunks).toString(), read }
}

const pieces = (...parts: readonly (string | Buffer)[]): Source =>
  streamSource('pieces', Readable.from(parts.map((part) => Buffer.from(part))))

test('gzip is known by its first bytes, whatever the file is called, and what is read is counted as it lies there', async () => {
  const packed = gzipSync('a line\n'.repeat(1000))
  const path = join(folder, 'log.jsonl')
  writeFileSync(path, packed)
  assert.deepEqual(await textOf(fileSource(path, packed.length)), {
    text: 'a line\n'.repeat(1000),
    read: packed.length,
  })
  writeFileSync(path, 'plain\n')
  assert.deepEqual(await textOf(fileSource(path, 6)), { text: 'plain\n', read: 6 })
})

test('the first bytes may come one by one, and a file may hold less than two', async () => {
  const packed = gzipSync('text')
  assert.equal((await textOf(pieces(packed.subarray(0, 1), packed.subarray(1, 2), packed.subarray(2)))).text, 'text')
  for (const short of ['', 'a', '\u001f']) assert.equal((await textOf(pieces(short))).text, short)
})

test('packed files that were put behind each other are read as one', async () => {
  assert.equal((await textOf(pieces(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')])))).text, 'a\nb\n')
})

test('a packed file that breaks off gives nothing that it does not hold, and then an error', async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join('')
  const source = pieces(gzipSync(text).subarray(0, -100))
  let read = ''
  await assert.rejects(
    async () => {
      for await (const chunk of source.chunks(() => undefined)) read += chunk.toString()
    },
    { code: 'Z_BUF_ERROR' },
  )
  assert.ok(text.startsWith(read))
  await assert.rejects(textOf(fileSource(join(folder, 'none'), null)), { code: 'ENOENT' })
})
