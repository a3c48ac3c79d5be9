import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { harness, type Harness } from '../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../test/support/scripted-upstream.ts'
import { sweep } from '../test/support/sweep.ts'
import { writeCalibration } from './risk/calibration-file.ts'
import type { World } from './compose.ts'
import type { Config } from './config/config.ts'
import { parseConfig } from './config/load.ts'
import { formatProblems } from './config/problem.ts'
import type { AccountCase } from './core/decision.ts'
import { calibrationOf } from './calibrations.ts'
import type { DetectionState } from './detection.ts'
import { Extractor } from './signals/extract.ts'

const FLEET = 8
const secretOf = (key: number): string => `wr_user${key}_0123456789abcdef0123456789abcdef`
const keys = Array.from({ length: FLEET + 2 }, (_, key) => `    - { id: s${key}, secret: "${secretOf(key)}" }`)

function swept(detection: string, more = ''): Config {
  const text = `
upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main } }
identity:
  keys:
${keys.join('\n')}
detection: ${detection}
${more}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  return parsed.value
}

const started = (config: Config, world: Partial<World> = {}): Harness =>
  harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), world)

const small = 'keys: 65536'
const shadow = swept(`{ ${small} }`)

async function play(set: Harness, each = 14): Promise<void> {
  for (const { key, text } of sweep(FLEET, 2, each)) {
    const headers = { authorization: `Bearer ${secretOf(key)}` }
    set.chat({ messages: [{ role: 'user', content: text }] }, { headers })
    await set.clock.advance(1000)
  }
}

const levelsOf = ({ weir }: Harness): Record<string, string> =>
  Object.fromEntries(weir.detection.accounts().map(({ account, level }: AccountCase) => [account, level]))

/** What is saved stays in the test's hands. */
function kept(first: Uint8Array | null = null): DetectionState & { bytes: Uint8Array | null; aside: number } {
  return {
    bytes: first,
    aside: 0,
    load() {
      return this.bytes
    },
    save(bytes) {
      this.bytes = bytes
      return Promise.resolve()
    },
    setAside() {
      this.aside++
      return 'elsewhere'
    },
  }
}

test('decisions say what an exchange would have met; in shadow mode each is answered all the same', async () => {
  const met: string[] = []
  const set = started(shadow, { sinks: [(_event, decision) => void met.push(decision!.action)] })
  await play(set)
  assert.ok(met.some((action) => action !== 'allow'))
  assert.equal(met.length, (FLEET + 2) * 14)
  const { status } = set.weir.detection
  assert.deepEqual([status.mode, status.learning, status.accounts, status.judged], ['shadow', true, FLEET + 2, 140])
  assert.equal(set.weir.detection.campaigns().length, status.campaigns)
  assert.ok(levelsOf(set)['key:s0'] !== undefined)
  assert.equal(levelsOf(set)[`key:s${FLEET}`], undefined, 'whoever chats has no case')
})

test('a reload with other thresholds keeps what is known; other sizes start anew, and say so', async () => {
  const set = started(shadow)
  await play(set)
  const before = levelsOf(set)
  const known = set.weir.detection.status.accounts
  const ladder = '{ watch: 21, notice: 101, step_up: 501, tarpit: 1001, squeeze: 10001, block: 501 }'
  assert.ok(set.weir.reload(swept(`{ mode: enforce, ${small}, ladder: ${ladder} }`)).ok)
  assert.deepEqual(levelsOf(set), before)
  assert.deepEqual([set.weir.detection.mode, set.weir.detection.status.learning], ['enforce', false])
  assert.equal(set.weir.detection.status.accounts, known)
  assert.ok(set.weir.reload(swept('{ keys: 131072 }')).ok)
  assert.equal(set.weir.detection.status.accounts, 0)
  assert.ok(set.said.some(({ what }) => what === 'detection_starts_anew'))
})

test('switched off nobody is observed or judged; switched on again it goes on', async () => {
  const set = started(swept('off'))
  set.chat({}, { headers: { authorization: `Bearer ${secretOf(0)}` } })
  await set.clock.run()
  assert.equal(set.events.at(-1)!.observation, null)
  assert.equal(set.weir.detection.status.judged, 0)
  assert.ok(set.weir.reload(shadow).ok)
  set.chat({}, { headers: { authorization: `Bearer ${secretOf(0)}` } })
  await set.clock.run()
  assert.equal(set.events.at(-1)!.observation?.role, 'human')
  assert.equal(set.weir.detection.status.judged, 1)
})

test('a calibration of one’s own ends the learning; a bad one is refused with its reason and the last good one stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-calibration-'))
  try {
    const file = join(folder, 'own.json')
    const shipped = calibrationOf(shadow.detection)
    assert.ok(shipped.ok)
    writeFileSync(file, writeCalibration({ ...shipped.value, source: 'our own traffic' }))
    const set = started(swept(`{ calibration: ${file} }`))
    const { calibration, learning } = set.weir.detection.status
    assert.deepEqual([calibration.source, calibration.own, learning], ['our own traffic', true, false])
    for (const [text, why] of [
      ['{"v":1}', /own\.json is no calibration/],
      ['{"v":2}', /newer version/],
      ['{"v":1,"source":"x","segments":{},"cells":"","panel":""}', /no accounts in its segment "pooled"/],
    ] as const) {
      writeFileSync(file, text)
      const done = set.weir.reload(swept(`{ calibration: ${file} }`))
      assert.match(done.ok ? '' : done.error, why)
      assert.equal(set.weir.detection.status.calibration.source, 'our own traffic')
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an observation that fails is counted and said, and the request is answered', async (t) => {
  const mock = t.mock.method(Extractor.prototype, 'observe', () => {
    throw new Error('cannot see')
  })
  const set = started(swept(`{ ${small} }`, 'request: { max_choices: 1 }'))
  const headers = { authorization: `Bearer ${secretOf(0)}` }
  const answered = set.chat({}, { headers })
  await set.clock.run()
  const refused = set.chat({ n: 2 }, { headers })
  await set.clock.run()
  assert.deepEqual([answered.status, set.events[0]!.outcome], [200, 'ok'])
  assert.equal(refused.status, 400)
  assert.deepEqual(
    set.events.map(({ fault, observation }) => [fault, observation]),
    [
      ['observe_failed', null],
      ['observe_failed', null],
    ],
  )
  assert.equal(set.said.filter(({ what }) => what === 'request_failed').length, 2)
  mock.mock.restore()
})

test('what was refused after it was read is observed too; what was not read, and what asks nothing, is not', async () => {
  const set = started(swept(`{ ${small} }`, 'request: { max_choices: 1 }'))
  const headers = { authorization: `Bearer ${secretOf(0)}` }
  set.chat({ n: 2 }, { headers })
  set.chat({ messages: 'no list' }, { headers })
  set.send({ method: 'GET', target: '/v1/models', headers })
  set.send({ target: '/v1/embeddings', body: JSON.stringify({ model: 'm', input: 'a text' }), headers })
  await set.clock.run()
  assert.deepEqual(
    set.events.map(({ endpoint, observation }) => `${endpoint} ${observation?.chars ?? 'unseen'}`).toSorted(),
    ['chat_completions 5', 'chat_completions unseen', 'embeddings unseen', 'models unseen'],
  )
})

test('a client that leaves takes its observation not along', async () => {
  const set = started(shadow)
  const exchange = set.chat({}, { headers: { authorization: `Bearer ${secretOf(0)}` } })
  await set.clock.advance(1)
  exchange.leave()
  await set.clock.run()
  const [event] = set.events
  assert.deepEqual([event!.outcome, event!.observation?.chars], ['client_left', 5])
})

test('the state is saved every so often and at the end, and taken up at the start', async () => {
  const state = kept()
  const set = started(swept(`{ ${small}, snapshot_every: 2m }`), { detection: state })
  await play(set, 8)
  assert.equal(state.bytes, null)
  await play(set, 8)
  const early = state.bytes!.length
  assert.ok(early > 0)
  await set.weir.close()
  assert.ok(state.bytes!.length >= early)
  assert.equal(set.clock.pending, 0, 'no timer is left behind')
})

test('a state of another deployment is said and moved aside', async () => {
  const state = kept()
  const first = started(shadow, { detection: state })
  await play(first, 2)
  await first.weir.close()
  // Its secret was made up by that process.
  const second = started(shadow, { detection: state })
  assert.equal(state.aside, 1)
  assert.match(JSON.stringify(second.said), /detection_state_lost.*another secret/)
  await second.weir.close()
})

test('the same secret goes on from what was known', async () => {
  const state = kept()
  const bytes = new Uint8Array(32).fill(7)
  const world = {
    detection: state,
    secrets: { tokens: bytes, fingerprints: bytes, detection: bytes, stepUp: bytes, decoys: bytes },
  }
  const first = started(shadow, world)
  await play(first)
  await first.weir.close()
  const second = started(shadow, world)
  assert.deepEqual(second.weir.detection.accounts(), first.weir.detection.accounts())
  assert.deepEqual(second.said, [])
  await second.weir.close()
})

test('a state that cannot be read or written stops nobody', async () => {
  const broken: DetectionState = {
    load: () => {
      throw new Error('disk is gone')
    },
    save: () => Promise.reject(new Error('disk is full')),
    setAside: () => 'nowhere',
  }
  const set = started(shadow, { detection: broken })
  await play(set, 1)
  await set.weir.close()
  assert.deepEqual(
    set.said.map(({ what }) => what),
    ['detection_state_lost', 'detection_state_not_saved'],
  )
})
