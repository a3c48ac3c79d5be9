import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { allowed, scriptedJudge, type ScriptedJudge } from '../../test/support/scripted-judge.ts'
import { DecisionWriter } from './decisions.ts'
import { readOwn } from './own.ts'
import { replay, type Replayed } from './replay.ts'
import { type Source, streamSource } from './source.ts'

const time = Date.UTC(2026, 5, 1)
const line = (more: object = {}): string => JSON.stringify({ time, key: 'k', ...more })

const file = (...parts: readonly (string | Buffer)[]): Source =>
  streamSource('a file', Readable.from(parts.map((part) => Buffer.from(part))))

interface Ran extends Replayed {
  readonly judge: ScriptedJudge
  readonly decisions: readonly { i: number; time: number | null; key: string | null; action: string }[]
}

async function run(sources: readonly Source[], judge: ScriptedJudge = scriptedJudge()): Promise<Ran> {
  let text = ''
  const out = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      text += chunk
      done()
    },
  })
  const decisions = new DecisionWriter(out)
  const replayed = await replay({
    sources,
    read: readOwn,
    judge,
    costOf: () => 7,
    decisions,
    progress: () => undefined,
  })
  const lines = text.split('\n').slice(0, -1)
  return { ...replayed, judge, decisions: lines.map((one) => JSON.parse(one) as Ran['decisions'][number]) }
}

test('every line of every file has one decision, in the order of the lines', async () => {
  const { decisions, lines, judge } = await run([
    file(`${line({ key: 'a' })}\n\n${line({ key: 'b' })}`),
    file(),
    file(`nope\r\n${line({ key: 'c' })}\r\n`),
  ])
  assert.equal(lines, 5)
  assert.deepEqual(
    decisions.map(({ i, key, action }) => [i, key, action]),
    [
      [0, 'a', 'allow'],
      [1, null, 'skipped'],
      [2, 'b', 'allow'],
      [3, null, 'skipped'],
      [4, 'c', 'allow'],
    ],
  )
  assert.deepEqual([judge.seen.length, judge.finished], [3, true])
})

test('hostile lines are skipped, named by number and reason, and change nothing for the others', async () => {
  const hostile: readonly (readonly [string | Buffer, string])[] = [
    ['', 'blank'],
    [' \t ', 'blank'],
    ['{', 'not JSON'],
    ['{"time":1,}', 'not JSON'],
    [`${line()}${line()}`, 'not JSON'],
    ['\u0000', 'not JSON'],
    [Buffer.from([0xff, 0xfe, 0x7b]), 'not JSON'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['7', 'not a JSON object'],
    ['"text"', 'not a JSON object'],
    ['{}', 'no time'],
    ['{"__proto__":{"time":1780272000000,"key":"k"}}', 'no time'],
    [line({ time: 1e300 }), 'a time before 2000 or after 2100'],
    [line({ time: '1e300' }), 'a time that cannot be read'],
    [line({ key: null }), 'no key'],
    [line({ key: {} }), 'a key that is not a text of 1 to 512 characters'],
    ['['.repeat(100_000), 'not JSON'],
    [`{"time":${time},"key":"k","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'judged'],
    [line({ messages: [{ role: 'user', content: 'x'.repeat(5_000_000) }] }), 'longer than 4 MiB'],
  ]
  const good = `${line({ key: 'good' })}\n`
  const sources = hostile.map(([bytes]) => file(Buffer.concat([Buffer.from(bytes), Buffer.from(`\n${good}`)])))
  const { ledger, decisions, judge } = await run(sources)
  assert.equal(decisions.length, 2 * hostile.length)
  const found = new Map(ledger.skips().flatMap(({ why, lines }) => lines.map((number) => [number, why] as const)))
  for (const [i, [bytes, why]] of hostile.entries()) {
    assert.equal(found.get(2 * i + 1) ?? 'judged', why, bytes.toString().slice(0, 60))
    assert.equal(decisions[2 * i + 1]!.key, 'good')
  }
  assert.equal(judge.seen.filter(({ key }) => key === 'good').length, hostile.length)
})

test('a byte order mark is no part of the first line of a file, and bytes that are not UTF-8 are replaced', async () => {
  const bad = Buffer.concat([Buffer.from(`{"time":${time},"key":"`), Buffer.from([0xff]), Buffer.from('"}')])
  const { judge, notes } = await run([file(`\uFEFF${line()}\n`, bad), file(`\uFEFF${line({ key: '\uFFFD' })}`)])
  assert.deepEqual(
    judge.seen.map(({ key }) => key),
    ['k', '\uFFFD', '\uFFFD'],
  )
  const replaced = notes.list().find(({ note }) => note === 'bytes that are not UTF-8 were replaced')
  assert.deepEqual([replaced?.count, replaced?.firstLine], [1, 2])
})

test('time never runs backwards for the judge, and decisions keep the time of the line', async () => {
  const times = [5, 3, 9, 1].map((ms) => time + ms)
  const { judge, decisions, notes } = await run([file(times.map((ms) => line({ time: ms })).join('\n'))])
  assert.deepEqual(
    judge.seen.map(({ timeMs }) => timeMs - time),
    [5, 5, 9, 9],
  )
  assert.deepEqual(
    decisions.map(({ time: ms }) => ms),
    times,
  )
  assert.deepEqual(
    notes.list().map(({ note, count, firstLine }) => [note, count, firstLine]),
    [['the clock ran backwards; the latest time was taken', 2, 2]],
  )
  const later = await run([file(line())], scriptedJudge({ lastMs: time + 50 }))
  assert.equal(later.judge.seen[0]!.timeMs, time + 50)
})

test('lines that repeat are judged like any other, and counted', async () => {
  const { judge, notes } = await run([file(`${line()}\n${line({ user: 'u' })}\n${line()}\r\n`), file(line())])
  assert.equal(judge.seen.length, 4)
  assert.deepEqual(
    notes.list().map(({ note, count, firstLine }) => [note, count, firstLine]),
    [['the line repeats an earlier one', 2, 3]],
  )
})

test('prompts of 1 MB are read whole, and nothing of them is kept', async () => {
  const prompt = (i: number): string => line({ prompt: `${i}`.padEnd(1_000_000, 'x'), time: time + i })
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 60; i++) yield Buffer.from(`${prompt(i)}\n`)
  }
  let longest = 0
  const judge = { ...scriptedJudge({ keysOf: () => [1, 2, 3] }), seen: [], finished: false }
  judge.judge = ({ turns }) => {
    longest = Math.max(longest, turns[0]!.text.length)
    return allowed
  }
  const { lines, examples } = await run([streamSource('large', Readable.from(chunks()))], judge)
  assert.deepEqual([lines, longest, examples.of(1)!.examples[0]!.text.length], [60, 1_000_000, 300])
})

test('what was read is counted: tokens, cost from the log or else by price, and what was answered in full', async () => {
  const judge = scriptedJudge({
    decide: ({ user }) => (user === null ? allowed : { ...allowed, action: user === 'slow' ? 'tarpit' : 'block' }),
  })
  const lines = [
    line({ input_tokens: 10, output_tokens: 5, cost_usd: 0.000001, tenant: 't' }),
    line({ input_tokens: 1, user: 'slow', prompt: 'x' }),
    line({ user: 'bad' }),
  ]
  const { ledger } = await run([file(lines.join('\n'))], judge)
  const { exchanges, inputTokens, outputTokens, costNanoUsd, priced, answeredInFull } = ledger.total
  assert.deepEqual([exchanges, inputTokens, outputTokens, costNanoUsd, priced, answeredInFull], [3, 11, 5, 1014, 3, 2])
  assert.deepEqual([ledger.accounts, ledger.exchangesWithText], [2, 1])
  assert.equal(ledger.account('t')!.inputTokens, 10)
  assert.deepEqual(
    [...ledger.met],
    [
      ['allow', 1],
      ['tarpit', 1],
      ['block', 1],
    ],
  )
})

test('a file that cannot be read to its end is named, and the next one is read', async () => {
  async function* breaking(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${line()}\n{"time"`)
    await Promise.resolve()
    throw Object.assign(new Error('broken'), { code: 'EIO' })
  }
  const { broken, judge, decisions } = await run([
    streamSource('first', Readable.from(breaking())),
    file(line({ key: 'next' })),
  ])
  assert.deepEqual(broken, [{ name: 'first', why: 'EIO' }])
  assert.equal(judge.seen.at(-1)!.key, 'next')
  assert.equal(decisions.length, 3)
})

test('decisions that cannot be written end the reading with their error', async () => {
  const out = new Writable({ write: (_, __, done) => done(new Error('full')) })
  const decisions = new DecisionWriter(out)
  const sources = [file(...Array.from({ length: 20 }, () => `${line()}\n`.repeat(1000)))]
  const input = { sources, read: readOwn, judge: scriptedJudge(), costOf: () => null, progress: () => undefined }
  await assert.rejects(replay({ ...input, decisions }), /full/)
})
