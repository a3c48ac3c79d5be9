/*
 * Makes the calibration that ships, from the honest accounts of the shared data. Their scores are the mean of several
 * runs, one with honest traffic alone and others with a campaign in it, since a campaign lends some suspicion to whoever
 * resembles it. The mean is taken of what evidence is made of (`lift`), so that it is near the highest.
 *
 *   node bench/detection/calibrate.ts [--part all|calibration|live] [--out FILE]
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { joinedPanels, PanelBuilder, ScoreBuilder } from '../../src/calibrating.ts'
import type { Calibration } from '../../src/core/calibration.ts'
import { nothingRecorded, type RecordedExchange } from '../../src/core/recorded.ts'
import { createRandom } from '../../src/lab/random.ts'
import { RecordObserver } from '../../src/observing.ts'
import { lift, scoreOf } from '../../src/risk/calibration.ts'
import { writeCalibration } from '../../src/risk/calibration-file.ts'
import { createCampaign } from './campaign.ts'
import { createChaff } from './chaff.ts'
import type { CorpusName } from './corpora.ts'
import { absent, openData, type Data } from './data.ts'
import { seatsOf } from './honest-seats.ts'
import { people } from './people.ts'
import { createPopulation, type HonestClass } from './population.ts'
import { merge, type Account } from './traffic.ts'
import { createWorld, type Part, type World } from './world.ts'

/**
 * Classes whose texts people wrote, or that are one frame around such texts. Made speech is for tests alone; batch customers
 * are a segment of their own, too small to ship: an undeclared one is asked by its volume.
 */
export const realClasses: readonly HonestClass[] = [
  'sharegpt seat',
  'irc seat',
  'developer agent',
  'app',
  'framework user',
]
/** Harvests that run beside the honest traffic of a calibration. */
export const calibratedWith: readonly CorpusName[] = ['gsm8k', 't0 sweep', 'multilingual']
const PIECE = 25
const CHAT_PIECE = 45
const PIECES_EACH = 3
const KEY_SLOTS = 1 << 20

export function calibrate(data: Data, part: Part, without: string | null, source: string): Calibration {
  const world = apart(data, createWorld(data, { part }))
  const random = createRandom('calibration')
  const classes = realClasses.filter((name) => name !== without)
  const honest = createPopulation(world, random.fork('honest'), classes)
  // Those whose words fleets hide behind are honest too, where there is no fleet.
  const others = without === 'irc seat' ? [] : seatsOf(world, 'chaff', random.fork('others'))
  const secret = createHash('sha256').update('calibration').digest()
  const observer = new RecordObserver(secret)
  const panel = new PanelBuilder()
  for (const { exchange } of merge(honest)) panel.see(observer.observe(exchange))
  for (const exchange of pieces(data, world, without)) panel.see(observer.observe(exchange))
  const forms = joinedPanels(panel.build())
  const names = new Set([...honest, ...others].map(({ id }) => id))
  const lifted = new Map<string, number>()
  const runs = [null, ...calibratedWith.filter((name) => name !== without)]
  for (const corpus of runs) {
    const scores = new ScoreBuilder(forms, secret.readUInt32LE(4), KEY_SLOTS)
    const more = corpus === null ? others : fleetOf(corpus)
    for (const { exchange } of merge([...honest, ...more])) scores.see(observer.observe(exchange))
    for (const { account, score } of scores.all())
      if (names.has(account.replace(/^key:/, '')))
        lifted.set(account, (lifted.get(account) ?? 0) + lift(score) / runs.length)
  }
  const scores = [...lifted.values()].map((sum) => Math.max(0, scoreOf(sum)))
  return { v: 1, source, segments: new Map([['pooled', { scores }]]), panel: forms }

  function fleetOf(corpus: CorpusName | null): readonly Account[] {
    if (corpus === null) return []
    const chaff = createChaff(data, random.fork(`chaff/${corpus}`))
    const shape = { share: 0.25, accounts: 40, exchanges: 100, timing: 'human', giveaway: 'nothing' } as const
    return createCampaign(world, { name: 'fleet', corpus, ...shape }, chaff, random.fork(`fleet/${corpus}`))
  }
}

/**
 * One batch customer for each collection of documents: several templates of the data stand around the same documents, which
 * no two customers of one vendor share in life.
 */
export function apart(data: Data, world: World): World {
  const first = new Map<string, string>()
  const names = new Set(data.templates().map(({ template }) => template))
  for (const name of names) {
    const collection = name.split('_').slice(0, 2).join('_')
    if (world.has(name) && !first.has(collection)) first.set(collection, name)
  }
  const kept = new Set(first.values())
  // Written to instruct a model, and so like what a harvest sends: no measure of honest people.
  const instructions = new Set(data.userOriented())
  return {
    ...world,
    has: (source) => !instructions.has(source) && (names.has(source) ? kept.has(source) : world.has(source)),
  }
}

/**
 * Few accounts hold what people write to models: their turns and single prompts again, in pieces of an account's length. None of
 * a class that is left out, whose texts they are.
 */
function* pieces(data: Data, { has }: World, without: string | null): Generator<RecordedExchange> {
  const turns = data
    .conversations()
    .filter(({ id }) => has(id))
    .flatMap(({ turns: all }) => all.filter(({ role }) => role === 'user').map(({ text }) => text))
  const texts: Readonly<Record<string, readonly string[]>> = {
    'sharegpt seat': turns,
    'developer agent': data
      .humanTurns()
      .filter(({ session }) => has(session))
      .map(({ text }) => text),
    app: data.arena().filter(has),
  }
  for (let shift = 0; shift < 4; shift++)
    for (const [name, all] of Object.entries(texts))
      if (name !== without) yield* inPieces(`${name}/${shift}`, all.slice(shift * 6), PIECE)
  if (without === 'irc seat') return
  for (const { nick, said } of [...people(data, 'honest'), ...people(data, 'chaff')])
    if (has(nick)) yield* inPieces(nick, said.slice(0, PIECES_EACH * CHAT_PIECE), CHAT_PIECE)
}

function* inPieces(name: string, texts: readonly string[], length: number): Generator<RecordedExchange> {
  for (const [i, text] of texts.entries())
    yield { ...nothingRecorded, key: `${name}/${Math.floor(i / length)}`, turns: [{ role: 'user', text }] }
}

if (import.meta.main) {
  const option = (name: string, or: string): string => {
    const at = process.argv.indexOf(`--${name}`)
    return at < 0 ? or : (process.argv[at + 1] ?? or)
  }
  const data = openData()
  if (data === null) {
    process.stdout.write(`${absent}\n`)
  } else {
    const part = option('part', 'all') as Part
    const out = option('out', join(import.meta.dirname, '../../src/risk/default-calibration.json'))
    const source = 'honest accounts of public chats, conversations, developers and templates (docs/detection.md)'
    const made = calibrate(data, part, null, source)
    writeFileSync(out, writeCalibration(made))
    const { scores } = made.segments.get('pooled')!
    process.stdout.write(`${scores.length} accounts, ${made.panel.accounts.length} forms, written to ${out}\n`)
    process.stdout.write(
      `highest scores: ${scores
        .toSorted((a, b) => b - a)
        .slice(0, 20)
        .map((x) => x.toFixed(1))
        .join(' ')}\n`,
    )
  }
}
