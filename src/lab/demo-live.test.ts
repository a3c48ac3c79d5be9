import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppliedAction, EndReason } from '../core/action.ts'
import { clipped, plainShow, screenShow } from './demo-live.ts'
import { tellStory, type StoryLine } from './demo-story.ts'
import type { Exchange } from './ledger.ts'
import type { Scene } from './run.ts'

const START_MS = Date.UTC(2026, 2, 2)

const action = (account: string, spec: AppliedAction['spec'], over: Partial<AppliedAction> = {}): AppliedAction => ({
  id: 'a1',
  spec,
  subject: { kind: 'account', value: `key:${account}` },
  scope: [],
  mode: 'enforce',
  heldBack: false,
  by: { kind: 'playbook', name: 'newcomers/step_up' },
  reason: 'evidence 505',
  level: 'step_up',
  evidence: 505.2,
  findings: ['It goes on where key:k1 was stopped.', 'And more.'],
  campaign: null,
  group: null,
  atMs: START_MS + 60_000,
  untilMs: START_MS + 600_000,
  ...over,
})
const asks: AppliedAction['spec'] = { action: 'step_up', grace: 5, means: ['purpose'] }
const slows: AppliedAction['spec'] = { action: 'throttle', requestsPerMinute: 6 }
const tars: AppliedAction['spec'] = { action: 'tarpit', firstByteMs: [1, 2], perChunkMs: [1, 2] }

const taken = (over: Partial<Exchange> = {}): Exchange => ({
  account: 'k1',
  class: 'sweep',
  isHonest: false,
  atMs: START_MS,
  status: 200,
  action: 'allow',
  level: 'normal',
  refusal: null,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  wireBytes: 0,
  sample: 'a text',
  label: null,
  waitedMs: 0,
  cpuMs: 0,
  ...over,
})

/** A stage where the test says what happens: accounts that begin with h are honest. */
function played(exchanges: readonly Exchange[] = []): {
  readonly scene: Scene
  act(...actions: AppliedAction[]): Promise<void>
  end(one: AppliedAction, why: EndReason): void
} {
  const acted: ((one: AppliedAction) => void)[] = []
  const ended: ((one: AppliedAction, why: EndReason) => void)[] = []
  const scene: Scene = {
    exchanges,
    startMs: START_MS,
    now: () => START_MS + 120_000,
    whoIs: (account) =>
      account.startsWith('key:h')
        ? { class: 'people', isHonest: true }
        : account.startsWith('key:k')
          ? { class: 'sweep', isHonest: false }
          : null,
    acted: (fn) => void acted.push(fn),
    ended: (fn) => void ended.push(fn),
  }
  return {
    scene,
    async act(...actions) {
      for (const one of actions) for (const fn of acted) fn(one)
      await Promise.resolve()
    },
    end: (one, why) => ended.forEach((fn) => fn(one, why)),
  }
}

const toldBy = (lines: readonly StoryLine[]): string[] => lines.map(({ who, what }) => `${who}: ${what}`)

test('what befalls an account at one moment is one line, with the evidence and without the words of a configuration', async () => {
  const lines: StoryLine[] = []
  const { scene, act } = played()
  tellStory(scene, 10, (line) => lines.push(line))
  await act(action('k2', asks), action('k2', slows), action('k2', tars))
  assert.deepEqual(toldBy(lines), ['sweep: k2 is asked to prove itself and slowed down'])
  assert.equal(lines[0]!.because, '1 in 505: It goes on where k1 was stopped.')
})

test('of a thief the first accounts are told, then few; of the honest all, and of a campaign by its own name', async () => {
  const lines: StoryLine[] = []
  const { scene, act, end } = played()
  const story = tellStory(scene, 10, (line) => lines.push(line))
  for (let i = 1; i <= 12; i++) await act(action(`k${i}`, asks))
  await act(action('h1', asks))
  await act(action('h1', tars))
  end(action('h1', asks), 'passed')
  await act(action('', { action: 'block' }, { subject: { kind: 'campaign', value: 'c1' } }))
  await act(action('k3', { action: 'block' }), action('k4', { action: 'block' }, { mode: 'shadow' }))
  assert.deepEqual(toldBy(lines), [
    'sweep: k1 is asked to prove itself',
    'sweep: k2 is asked to prove itself',
    'sweep: k10, its 10th account, is asked to prove itself',
    'people: h1 is asked to prove itself',
    'people: h1 is slowed down',
    'people: h1 has proved itself and goes on as before',
    'campaign c1: c1 is blocked',
    'sweep: k3 is blocked',
  ])
  assert.deepEqual([...story.metBy('sweep').shut], ['k3'])
  assert.equal(story.metBy('sweep').asked.size, 12)
  assert.deepEqual([...story.metBy('people').slowed], ['h1'])
})

test('who is spared to be measured has met nothing', async () => {
  const lines: StoryLine[] = []
  const { scene, act } = played()
  const story = tellStory(scene, 10, (line) => lines.push(line))
  await act(action('k1', asks, { heldBack: true }), action('k1', tars, { heldBack: true }))
  await act(action('k2', asks, { heldBack: true }))
  assert.deepEqual(
    lines.map(({ what }) => what.slice(0, 20)),
    ['k1 is spared for now'],
  )
  assert.equal(story.metBy('sweep').asked.size, 0)
})

test('a thief that has what it wants is told once, and what is not in full does not count', () => {
  const lines: string[] = []
  const show = plainShow((text) => lines.push(text))
  const { scene } = played([
    taken(),
    taken({ action: 'restrict' }),
    taken({ account: 'k2', atMs: START_MS + 3_600_000 }),
  ])
  show.begin(
    scene,
    tellStory(scene, 2, (line) => show.tell(line)),
  )
  show.progress(0.5)
  show.end()
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /Mon 01:00 .*sweep .*has its 2 answers, with 2 accounts/)
})

test('the screen is painted over itself, fits its window, and shows each side by its name', async () => {
  let written = ''
  const { scene, act } = played([taken(), taken({ account: 'h1', class: 'people', isHonest: true, sample: null })])
  const size = { columns: 80, rows: 14 }
  const show = screenShow({
    write: (text) => void (written += text),
    size: () => size,
    thieves: ['sweep'],
    answers: 2,
    unprotected: [taken(), taken({ atMs: START_MS + 60_000 }), taken({ atMs: START_MS + 180_000 })],
  })
  show.begin(
    scene,
    tellStory(scene, 2, (line) => show.tell(line)),
  )
  await act(action('k1', asks))
  const first = written.split('\n').length - 1
  written = ''
  show.end()
  assert.ok(written.startsWith(`\u001B[${first}A`))
  const lines = written.split('\n').map((line) => line.replaceAll('\u001B[2K', ''))
  assert.ok(first < size.rows)
  assert.ok(lines.slice(1).every((line) => line.length <= size.columns))
  // One account, one asked, none slowed or blocked, one answer taken; without Weir it had two by now.
  assert.match(written, /sweep +1 +1 +0 +0 +█{4}░{3} +1 +2\n/)
  assert.match(written, /honest +1 +0 +0 +0 +1 of 1/)
  assert.match(written, /sweep +k1 is asked/)
})

test('a line is cut at the window by what can be seen of it', () => {
  assert.equal(clipped('short', 10), 'short')
  assert.equal(clipped('0123456789', 10), '0123456789')
  assert.equal(clipped('\u001B[31m0123456789ab\u001B[39m', 10), '\u001B[31m012345678…\u001B[39m')
})
