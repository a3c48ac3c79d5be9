import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParser } from 'eventsource-parser'
import * as fc from 'fast-check'
import { SseFramer, type SseEvent } from './sse-framer.ts'

const LARGE = 1 << 20

interface Framed {
  readonly events: SseEvent[]
  /** What came after the last blank line. */
  readonly rest: SseEvent | null
}

function framed(chunks: readonly Buffer[]): Framed {
  const framer = new SseFramer(LARGE)
  const events: SseEvent[] = []
  for (const chunk of chunks)
    assert.equal(
      framer.push(chunk, (event) => void events.push(event)),
      true,
    )
  return { events, rest: framer.rest() }
}

const dataOf = ({ events }: Framed): string[] => events.map(({ data }) => data).filter((data) => data !== null)

/** An independent reading of the same text; it too gives no event that has no blank line behind it. */
function oracle(text: string): string[] {
  const data: string[] = []
  const parser = createParser({ onEvent: (event) => void data.push(event.data) })
  parser.feed(text)
  return data
}

const rawOf = ({ events, rest }: Framed): Buffer =>
  Buffer.concat([...events.map(({ raw }) => raw), ...(rest === null ? [] : [rest.raw])])

/** The two framings that must agree with the input and the oracle, however the bytes were cut. */
function check(text: string, chunks: readonly Buffer[]): void {
  const result = framed(chunks)
  assert.deepEqual(rawOf(result), Buffer.from(text), 'not a byte is lost, added or moved')
  assert.deepEqual(dataOf(result), oracle(text))
}

const bytewise = (bytes: Buffer): Buffer[] => [...bytes.keys()].map((i) => bytes.subarray(i, i + 1))

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

const lineText = fc.string({
  unit: fc.oneof(
    { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom('é', '漢', '😀', ':', ' ', '\t', '\0', '\uFEFF', '\u2028', '\u0085') },
  ),
  maxLength: 12,
})
const field = fc.constantFrom(
  'data',
  'data: ',
  'data:',
  'data:  ',
  'Data: ',
  'dat',
  'id: ',
  'event: ',
  'retry: ',
  ':',
  '',
)
const line = fc.tuple(field, lineText).map(([name, value]) => name + value)
const lineEnd = fc.constantFrom('\n', '\r', '\r\n')

const stream = fc
  .record({
    bom: fc.boolean(),
    lines: fc.array(fc.tuple(fc.oneof(line, fc.constant('')), lineEnd), { maxLength: 30 }),
    tail: fc.oneof(fc.constant(''), line),
  })
  .map(({ bom, lines, tail }) => (bom ? '\uFEFF' : '') + lines.map(([text, end]) => text + end).join('') + tail)

/** Streams as servers write them: one data line or a few, one kind of line end throughout. */
const ordinary = fc
  .tuple(lineEnd, fc.array(fc.array(lineText, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 10 }))
  .map(([end, events]) => events.map((lines) => lines.map((text) => `data: ${text}${end}`).join('') + end).join(''))

test('any stream, cut after every byte, keeps its bytes and gives the events of an independent parser', () => {
  fc.assert(
    fc.property(fc.oneof(stream, ordinary), (text) => check(text, bytewise(Buffer.from(text)))),
    { numRuns: 500 },
  )
})

test('any stream, cut anywhere, keeps its bytes and gives the events of an independent parser', () => {
  const cuts = fc.array(fc.nat(2000), { maxLength: 8 })
  fc.assert(
    fc.property(fc.oneof(stream, ordinary), cuts, (text, at) => {
      const bytes = Buffer.from(text)
      check(text, cutAt(bytes, at))
      check(text, [bytes])
    }),
    { numRuns: 1000 },
  )
})

test('every way to cut one stream in three gives the same events, in every line ending', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    const text = [
      '\uFEFFdata: {"é":"漢"}',
      '',
      ': ping',
      '',
      'event: x',
      'data: a',
      'data',
      'data:b',
      'id: 1',
      '',
      'data: [DONE]',
      '',
      '',
    ].join(end)
    const bytes = Buffer.from(text)
    for (let i = 0; i <= bytes.length; i++) {
      for (let j = i; j <= bytes.length; j++) {
        const result = framed(cutAt(bytes, [i, j]))
        assert.deepEqual(dataOf(result), ['{"é":"漢"}', 'a\n\nb', '[DONE]'])
        assert.deepEqual(rawOf(result), bytes)
      }
    }
  }
})

test('line ends may differ from line to line', () => {
  for (const [text, data] of [
    ['data: a\r\ndata: b\ndata: c\r\r\n', ['a\nb\nc']],
    ['data: a\n\r\ndata: b\r\n\ndata: c\r\r', ['a', 'b', 'c']],
    ['data: a\r\n\rdata: b\n\n', ['a', 'b']],
    ['data: a\r\r\n\r\ndata: b\n\n', ['a', 'b']],
    ['\n\n\r\r\n\ndata: a\n\n\n\n', ['a']],
  ] as const) {
    assert.deepEqual(oracle(text), data)
    check(text, [Buffer.from(text)])
    check(text, bytewise(Buffer.from(text)))
  }
})

test('an event is given as soon as its blank line has begun', () => {
  for (const [chunks, seen] of [
    [
      ['data: a\n', '\n'],
      [0, 1],
    ],
    [
      ['data: a\r', '\r', '\n'],
      [0, 1, 1],
    ],
    [
      ['data: a\r\n', '\r', '\ndata: b\r\n\r', '\n'],
      [0, 1, 2, 2],
    ],
    [['data: a\n\ndata: b\n\ndata: c'], [2]],
  ] as const) {
    const framer = new SseFramer(LARGE)
    let count = 0
    const counts = chunks.map((chunk) => {
      framer.push(Buffer.from(chunk), (event) => void (event.belated ? 0 : count++))
      return count
    })
    assert.deepEqual(counts, seen, JSON.stringify(chunks))
  }
})

test('an event has its whole blank line with it, where that came in the same read', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    const texts = ['data: a', ': x', 'data: b'].map((text) => text + end + end)
    const { events } = framed([Buffer.from(texts.join(''))])
    assert.deepEqual(
      events.map(({ raw }) => raw.toString()),
      texts,
    )
  }
})

test('an event without data has none, which is not the same as empty data', () => {
  const { events } = framed([
    Buffer.from(': ping\n\n\nid: 7\n\nevent: x\nretry: 1\n\ndata\n\ndata:\n\ndata: \n\nx: data: y\n\n'),
  ])
  assert.deepEqual(
    events.map(({ data }) => data),
    [null, null, null, null, '', '', '', null],
  )
})

test('a byte order mark is skipped at the start of a stream and nowhere else', () => {
  assert.deepEqual(dataOf(framed([Buffer.from('\uFEFFdata: a\n\n\uFEFFdata: b\n\n')])), ['a'])
  assert.deepEqual(dataOf(framed(bytewise(Buffer.from('\uFEFFdata: a\n\n')))), ['a'])
})

test('what has no blank line behind it is the rest', () => {
  const { events, rest } = framed([Buffer.from('data: a\n\ndata: b\ndata: c')])
  assert.equal(events.length, 1)
  assert.deepEqual(rest, { raw: Buffer.from('data: b\ndata: c'), data: 'b\nc', belated: false })
  assert.equal(framed([Buffer.from('data: a\n\n')]).rest, null)
  assert.equal(framed([]).rest, null)
})

test('an event up to the bound passes and one byte more does not, however it is cut into reads', () => {
  const event = (bytes: number): Buffer => Buffer.from(`data: ${'x'.repeat(bytes - 8)}\n\n`)
  for (const size of [1, 7, 1000]) {
    const run = (bytes: number): { fits: boolean; seen: number } => {
      const framer = new SseFramer(100)
      const all = Buffer.concat([event(20), event(bytes), event(20)])
      let seen = 0
      let fits = true
      for (let at = 0; fits && at < all.length; at += size) {
        fits = framer.push(all.subarray(at, at + size), () => seen++)
        assert.ok(framer.pendingBytes <= 100 + size)
      }
      return { fits, seen }
    }
    assert.deepEqual(run(100), { fits: true, seen: 3 }, `reads of ${size}`)
    assert.deepEqual(run(101), { fits: false, seen: 1 }, `reads of ${size}`)
  }
})

test('a read costs its length, whatever its line ends', () => {
  for (const unit of ['a\n', 'a\r', 'a\r\n', `data: x\n\n`, 'data: x\r\r']) {
    const chunk = Buffer.from(`${unit.repeat(400_000)}\r`)
    const startMs = performance.now()
    new SseFramer(LARGE * 10).push(chunk, () => {})
    const tookMs = performance.now() - startMs
    assert.ok(tookMs < 2000, `${JSON.stringify(unit)}: ${tookMs} ms`)
  }
})

test('bytes that are not UTF-8 pass unharmed', () => {
  const bytes = Buffer.concat([Buffer.from('data: '), Buffer.from([0xff, 0xc3, 0xed, 0xa0, 0x80]), Buffer.from('\n\n')])
  for (const chunks of [[bytes], bytewise(bytes)]) {
    const result = framed(chunks)
    assert.deepEqual(rawOf(result), bytes)
    assert.equal(result.events.length, 1)
  }
})
