import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../lab/random.ts'
import { ANY_LANGUAGE } from '../signals/cells.ts'
import { Extractor } from '../signals/extract.ts'
import { CampaignEngine } from './engine.ts'
import type { Member } from './member.ts'

const extractor = new Extractor(Uint8Array.of(9, 8, 7, 6))
const random = createRandom('engine')
const START_MS = Date.UTC(2026, 5, 1)

/** A run of one engine: accounts and what they send, a minute apart. */
class Run {
  readonly engine = new CampaignEngine({ panel: { accounts: [] }, kinds: ANY_LANGUAGE, slots: 1 << 14, seed: 3 })
  #minute = 0

  join(infra: readonly number[] = [0, 0, 0, 0, 0]): Member {
    return this.engine.join(Uint32Array.from(infra))
  }

  say(member: Member, text: string): void {
    const asked = { text, role: 'human', turns: 1, params: [], system: null } as const
    this.engine.observe(member, extractor.observe(asked, null), START_MS + 60_000 * this.#minute++)
  }

  /** So many accounts, each sending what it is given, by turns. */
  crowd(accounts: number, prompts: number, textOf: (account: number, i: number) => string): readonly Member[] {
    const members = Array.from({ length: accounts }, () => this.join())
    for (let i = 0; i < prompts; i++)
      for (const [account, member] of members.entries()) this.say(member, textOf(account, i))
    return members
  }
}

const syllables = 'ba ko ri tumen sal dor filan gre poshi ver nam elou'.split(' ')
const word = (from: Random): string => from.pick(syllables) + from.pick(syllables) + from.pick(syllables)
const words = (count: number, from: Random = random): string =>
  Array.from({ length: count }, () => word(from)).join(' ')

const plain =
  'the of and to in is it that for you with as have be at this what can if from how make an or about more all which one would could know then work need file want think after good over use first even new only people write does where thing before too look back still right every another between line point problem find idea question change same name list start without part number second page read book house water city train summer doctor window story price computer history important different understand information'.split(
    ' ',
  )

/** A work list's templates: what is fixed in them is plain words, and one place is filled in. */
const templates = Array.from({ length: 10 }, (_, i) => {
  const fixed = createRandom(`template ${i}`)
  const part = (): string => Array.from({ length: 12 }, () => fixed.pick(plain)).join(' ')
  return [part(), part()] as const
})
const filled = (which: number): string => {
  const [opening, closing] = templates[which % templates.length]!
  return `${opening}: ${words(20)}.\n${closing}.`
}

/** As people write: their own words among plain ones. */
const own = (): string =>
  Array.from({ length: 4 + random.below(30) }, () => (random.below(3) === 0 ? word(random) : random.pick(plain))).join(
    ' ',
  )

test('a template that accounts share is evidence against all of them, also against its first user', () => {
  const run = new Run()
  const members = run.crowd(8, 12, (account, i) => filled(account + i))
  for (const { scores } of members) assert.ok(scores.content > 7, `${scores.content}`)
})

test('people who write their own prompts share too little for anybody to be suspected', () => {
  const run = new Run()
  const members = run.crowd(30, 12, own)
  for (const { scores, suspected } of members) assert.ok(!suspected && scores.total < 6, `${scores.total}`)
})

test('a text that goes round gives no evidence, whoever sends it', () => {
  const run = new Run()
  const assignments = Array.from({ length: 12 }, (_, i) => filled(i))
  const members = run.crowd(20, 12, (_, i) => assignments[i]!)
  for (const { scores } of members) assert.ok(scores.total < 6, `${scores.total}`)
})

test('an account’s own frame gives none, whatever it fills in and however many use that framework', () => {
  const run = new Run()
  const alone = run.crowd(1, 60, () => filled(0))
  const many = run.crowd(20, 40, () => filled(1))
  for (const { scores } of [...alone, ...many]) assert.ok(scores.total < 6, `${scores.total}`)
})

test('habits that a language makes confirm what others say, and say nothing alone', () => {
  const WORDS = 2
  const cell = (kind: number, which: number): number => ((which << 3) | kind) >>> 0
  // Five hundred honest accounts, none of which has the habit.
  const panel = {
    accounts: Array.from({ length: 500 }, (_, i) => ({
      cells: Uint32Array.of(cell(i % 5, 9e6 + i)),
      counts: Uint8Array.of(9),
    })),
  }
  const formOf = (kinds: readonly number[]): number => {
    const engine = new CampaignEngine({ panel, kinds: ANY_LANGUAGE, slots: 1 << 14, seed: 3 })
    const members = Array.from({ length: 30 }, () => engine.join(Uint32Array.of(0, 0, 0, 0, 0)))
    for (let i = 0; i < 30; i++)
      for (const [n, member] of members.entries()) {
        const seen = extractor.observe({ text: words(9), role: 'human', turns: 1, params: [], system: null }, null)
        const cells = seen.cells.map((_, kind) => cell(kind, kinds.includes(kind) ? 7 : 1 + n * 1000 + i))
        engine.observe(member, { ...seen, cells }, START_MS + 60_000 * (i * 30 + n))
      }
    return Math.max(...members.map(({ scores }) => scores.form))
  }
  assert.equal(ANY_LANGUAGE[WORDS], false)
  assert.equal(formOf([WORDS]), 0)
  const alone = formOf([0])
  assert.ok(alone > 3, `${alone}`)
  assert.ok(formOf([0, WORDS]) > alone)
})

test('infrastructure alone is nothing, whoever it is shared with', () => {
  const run = new Run()
  const same = [11, 12, 13, 14, 15]
  const fleet = Array.from({ length: 8 }, () => run.join(same))
  for (let i = 0; i < 400; i++) run.join([i, i + 1000, i + 2000, i + 3000, i + 4000])
  for (let i = 0; i < 14; i++) for (const [n, member] of fleet.entries()) run.say(member, filled(n + i))
  const neighbour = run.join(same)
  for (let i = 0; i < 12; i++) run.say(neighbour, own())
  assert.equal(neighbour.scores.infrastructure, 0)
  assert.ok(neighbour.scores.total < 3)
  // It multiplies what the fleet's own prompts say.
  for (const { scores } of fleet) {
    assert.ok(scores.infrastructure > 0 && scores.infrastructure <= 3 * (scores.content + 1.5 * scores.form))
  }
})

test('accounts that share templates become one campaign, and nobody else is in it', () => {
  const run = new Run()
  const people = Array.from({ length: 10 }, () => run.join())
  const fleet = Array.from({ length: 8 }, () => run.join())
  for (let i = 0; i < 16; i++) {
    for (const member of people) run.say(member, own())
    for (const [n, member] of fleet.entries()) run.say(member, filled(n + i))
  }
  const campaign = run.engine.register.of(fleet[0]!)
  assert.notEqual(campaign, null)
  for (const member of fleet) assert.equal(run.engine.register.of(member), campaign)
  for (const member of people) assert.equal(run.engine.register.of(member), null)
})

test('throw-away accounts that send a victim’s template leave the victim where it was', () => {
  const run = new Run()
  const victim = run.join()
  for (let i = 0; i < 30; i++) run.say(victim, filled(3))
  const before = victim.scores.total
  run.crowd(50, 3, () => filled(3))
  for (let i = 0; i < 30; i++) run.say(victim, filled(3))
  assert.ok(victim.scores.total <= before + 3, `${before} ${victim.scores.total}`)
  assert.equal(victim.suspected, false)
})

test('the same prompts in the same order weigh the same', () => {
  const play = (): readonly number[] => {
    const run = new Run()
    const from = createRandom('again')
    return run.crowd(6, 10, () => words(3 + from.below(20), from)).map(({ scores }) => scores.total)
  }
  assert.deepEqual(play(), play())
})

test('scores are finite and not negative, whatever texts come, and without any calibration', () => {
  const run = new Run()
  const hostile = [
    '',
    ' ',
    '\n\n\n',
    '?',
    'a',
    '0',
    'x'.repeat(50_000),
    'の'.repeat(300),
    '\ud800',
    filled(1),
    '\u0000'.repeat(9),
  ]
  const members = run.crowd(12, 60, (account, i) => hostile[(account * 7 + i * 5) % hostile.length]!)
  for (const { scores } of members) {
    for (const value of Object.values<number>({ ...scores })) assert.ok(Number.isFinite(value))
    assert.ok(scores.total >= 0)
  }
})
