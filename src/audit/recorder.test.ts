import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { systemClock } from '../core/clock.ts'
import { finishDraft, startDraft } from '../core/draft.ts'
import { sealed } from '../core/record-log.ts'
import { entriesOf } from './journal.ts'
import { type Recorder, startRecorder } from './recorder.ts'
import { testLog, type TestLog } from './testing.ts'

const logs: TestLog[] = []
const recorders: Recorder[] = []
afterEach(async () => {
  for (const recorder of recorders.splice(0)) await recorder.close()
  for (const log of logs.splice(0)) log.remove()
})

interface Set {
  readonly data: TestLog
  readonly recorder: Recorder
  readonly said: string[]
}

async function start(data = testLog(), origin: string | null = null): Promise<Set> {
  logs.push(data)
  const said: string[] = []
  const say = (_level: string, what: string): void => void said.push(what)
  const started = await startRecorder({
    dataDir: data.dataDir,
    origin,
    clock: systemClock,
    maxQueuedChars: 1_000_000,
    say,
  })
  if (!started.ok) throw new Error(started.error)
  recorders.push(started.value)
  return { data, recorder: started.value, said }
}

const admin = (act: string) =>
  ({ type: 'admin', what: { act, by: 'control', detail: { of: sealed('key', 'k1') } } }) as const

/** All entries of a log of at most 256. */
const entries = (data: TestLog, size: number): { n: number; type: string; what: Record<string, unknown> }[] =>
  entriesOf(readFileSync(join(data.folder, `tile/entries/000.p/${size}`))).map(
    (entry) => JSON.parse(entry.toString()) as { n: number; type: string; what: Record<string, unknown> },
  )

test('what was appended durably is on the disk and signed when the promise resolves', async () => {
  const { data, recorder } = await start()
  await recorder.appendDurably(admin('reputation_put'))
  const verdict = data.verify()
  assert.deepEqual([verdict.problems, verdict.size], [[], 2])
  assert.match(JSON.stringify(entries(data, 2)[1]), /"act":"reputation_put".*"seal"/)
  assert.equal(recorder.stats.checkpoint, readFileSync(join(data.folder, 'checkpoint'), 'utf8'))
})

test('an automatic entry is on the disk within a second, without anybody waiting', async () => {
  const { data, recorder } = await start()
  recorder.append({ type: 'incident', what: { id: 'inc_1', event: 'opened', detail: {} } })
  for (let waited = 0; data.verify().size !== 2; waited += 25) {
    assert.ok(waited < 1000)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
})

test('many appends share a flush, keep their order and their numbers', async () => {
  const { data, recorder } = await start()
  for (let i = 0; i < 200; i++)
    recorder.append({ type: 'action_ended', what: { id: `act_${i}`, why: 'over', by: 'weir', because: {} } })
  await recorder.settled()
  assert.equal(recorder.stats.groups, 1)
  const kept = entries(data, 201).slice(1)
  assert.deepEqual(
    kept.map(({ n, what }) => [n, what['id']]),
    Array.from({ length: 200 }, (_, i) => [i + 1, `act_${i}`]),
  )
})

test('exchanges that nothing was decided about leave digests, a batch in one entry', async () => {
  const { data, recorder } = await start()
  const event = (id: string) => finishDraft({ ...startDraft(id, 1, 'hash', 'r', 'a\ud800b'), outcome: 'ok' }, 2)
  for (let i = 0; i < 300; i++) recorder.exchange(event(`req_${i}`))
  await recorder.settled()
  const [, first, second] = entries(data, 3)
  assert.deepEqual([first!.what['count'], second!.what['count']], [256, 44])
  assert.equal((first!.what['digests'] as string[][])[255]![0], 'req_255')
})

test('what finds the queue full is lost, counted, said, and named in the log', async () => {
  const { data, recorder, said } = await start()
  const entry = { type: 'incident', what: { id: 'x', event: 'y', detail: { z: 'x'.repeat(20_000) } } } as const
  // The thread gets its first group only when this turn is over; what is queued until then is bounded in bytes.
  for (let i = 0; i < 200; i++) recorder.append(entry)
  const { lost } = recorder.stats
  assert.ok(lost > 0 && !recorder.isWriting)
  await assert.rejects(recorder.appendDurably(admin('late')), /takes no more/)
  await recorder.settled()
  assert.ok(recorder.isWriting)
  await recorder.appendDurably(admin('after'))
  const verdict = data.verify()
  assert.deepEqual(verdict.problems, [])
  assert.match(verdict.notes.join('\n'), new RegExp(`${lost + 1} entries were lost`))
  assert.deepEqual(said, ['audit_entries_lost'])
})

test('a second process is kept out, and the log is free again when it is closed', async () => {
  const { data, recorder } = await start()
  const options = { dataDir: data.dataDir, origin: null, clock: systemClock, maxQueuedChars: 1_000_000, say() {} }
  const second = await startRecorder(options)
  assert.match(second.ok ? '' : second.error, /another process writes .*audit/)
  await recorder.close()
  recorders.pop()
  const third = await start(data)
  assert.deepEqual([third.recorder.start.isNew, third.recorder.start.size], [false, 2])
  assert.deepEqual(
    data.verify().notes.filter((note) => note.includes('without closing')),
    [],
  )
})

test('the key is handed over and a salt erased between appends, and the log holds', async () => {
  const { data, recorder } = await start()
  await recorder.appendDurably(admin('one'))
  const before = recorder.stats.vkey
  const key = await recorder.rotateKey()
  assert.notEqual(key, before)
  assert.deepEqual([await recorder.erase('key', 'k1'), await recorder.erase('key', 'k1')], [true, false])
  await recorder.appendDurably(admin('two'))
  const verdict = data.verify()
  assert.deepEqual([verdict.problems, verdict.signedBy, recorder.stats.vkey], [[], key, key])
  const [, one, rotated, erased, two] = entries(data, 5)
  assert.deepEqual([rotated!.type, erased!.type], ['key_rotated', 'erased'])
  assert.notDeepEqual(one!.what['detail'], two!.what['detail'], 'the same value has another commitment now')
})

test('a log that cannot be opened says why', async () => {
  const { data, recorder } = await start()
  await recorder.close()
  recorders.pop()
  const started = await startRecorder({
    dataDir: data.dataDir,
    origin: 'weir.example/x',
    clock: systemClock,
    maxQueuedChars: 1_000_000,
    say() {},
  })
  assert.match(started.ok ? '' : started.error, /the configuration names "weir\.example\/x"/)
})

test('what cannot be sealed is on record as such, and keeps nothing behind it from being written', async () => {
  const { data, recorder } = await start()
  recorder.exchange({ id: 'req_1' } as never)
  await recorder.appendDurably(admin('after'))
  const [, broken, after] = entries(data, 3)
  assert.deepEqual([after!.what['act'], broken!.type], ['after', 'exchanges'])
  assert.match(String(broken!.what['unreadable']), /TypeError/)
  assert.deepEqual(data.verify().problems, [])
})
