import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileSource, streamSource } from '../replay/source.ts'
import { Readable } from 'node:stream'
import { Progress } from './replay-progress.ts'

function shownBy(isTTY: boolean, sources = [fileSource('a', 600), fileSource('b', 400)]): readonly string[] {
  const written: string[] = []
  let now = 1000
  const clock = { now: () => now, after: () => () => undefined }
  const progress = new Progress({ isTTY, write: (text) => void written.push(text) }, clock, sources)
  for (let step = 0; step <= 10; step++) {
    progress.show(step * 1000, step * 100)
    now += 250
  }
  progress.end()
  return written
}

test('a terminal is told twice a second how far a replay is, and the line is left empty', () => {
  const written = shownBy(true)
  assert.equal(written.length, 7)
  assert.equal(written[2], '\r40%, 4,000 lines, 4,000 a second\u001b[K')
  assert.equal(written.at(-1), '\r\u001b[K')
})

test('a pipe is told nothing', () => {
  assert.deepEqual(shownBy(false), [])
})

test('where a size is not known there is no share of it', () => {
  const stdin = streamSource('standard input', Readable.from([]))
  assert.equal(shownBy(true, [fileSource('a', 600), stdin])[1], '\r2,000 lines, 4,000 a second\u001b[K')
})

test('a reading of several is named', () => {
  const written: string[] = []
  const clock = { now: () => 1000, after: () => () => undefined }
  const terminal = { isTTY: true, write: (text: string) => void written.push(text) }
  new Progress(terminal, clock, [fileSource('a', 600)], 'second of two readings: ').show(0, 300)
  assert.match(written[0]!, /^\rsecond of two readings: 50%, 0 lines/)
})
