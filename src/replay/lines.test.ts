import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LineSplitter } from './lines.ts'

function split(chunks: readonly Buffer[], maxBytes = 1000): readonly (string | null)[] {
  const lines: (string | null)[] = []
  const splitter = new LineSplitter(maxBytes, (line) => void lines.push(line === null ? null : line.toString()))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.endOfFile()
  return lines
}

test('lines end with LF or CRLF, empty ones count, and the last one need not end', () => {
  for (const [text, lines] of [
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['\n\na\n', ['', '', 'a']],
    ['a\rb\n', ['a\rb']],
    ['a\n\r\n', ['a', '']],
    ['a\r', ['a']],
  ] as const) {
    assert.deepEqual(split([Buffer.from(text)]), lines, JSON.stringify(text))
  }
})

test('where chunks are cut changes nothing', () => {
  const piece = fc.constantFrom('a', 'é', '語', '\n', '\r\n', '\r', 'x'.repeat(12))
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(200)), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(''))
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      assert.deepEqual(split(chunks, 16), split([bytes], 16))
    }),
  )
})

test('a line longer than the cap is passed over without being kept, and the next one is read', () => {
  assert.deepEqual(split([Buffer.from(`${'x'.repeat(11)}\nok\n`)], 10), [null, 'ok'])
  assert.deepEqual(split([Buffer.from(`${'x'.repeat(10)}\nok\n`)], 10), ['x'.repeat(10), 'ok'])
  const chunk = Buffer.alloc(1 << 20, 'x')
  const before = process.memoryUsage().arrayBuffers
  const splitter = new LineSplitter(10, () => undefined)
  for (let i = 0; i < 200; i++) splitter.push(Buffer.from(chunk))
  assert.ok(process.memoryUsage().arrayBuffers - before < 150 * (1 << 20))
})

test('the first line of each file is told', () => {
  const firsts: boolean[] = []
  const splitter = new LineSplitter(10, (_, isFirst) => void firsts.push(isFirst))
  for (const file of ['a\nb\n', '', 'c\nd']) {
    splitter.push(Buffer.from(file))
    splitter.endOfFile()
  }
  assert.deepEqual(firsts, [true, false, true, false])
})
