import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Observed } from '../src/core/observed.ts'
import { createRandom, type Random } from '../src/lab/random.ts'
import { Extractor } from '../src/signals/extract.ts'
import { observed as answered } from '../src/signals/testing.ts'

/** Accounts of one kind: honest people and programs of the evaluation data, and harvests made from it. */
export interface Group {
  readonly name: string
  readonly kind: 'person' | 'program' | 'harvest'
  /** Whether its texts, and its times, are real; what is not is not reported. */
  readonly hasText: boolean
  readonly hasTimes: boolean
  readonly hasAnswers?: true
  readonly accounts: readonly (readonly Observed[])[]
}

const folder = join(import.meta.dirname, '../../shared/data')
const extractor = new Extractor(Uint8Array.of(0x62, 0x65, 0x6e, 0x63))

const PROMPTS = 100
const MIN_PROMPTS = 50
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SESSION_GAP_MS = 30 * MINUTE_MS
const START_MS = Date.UTC(2026, 0, 5)

/** Everything, or null where the evaluation data is absent. */
export function readGroups(): readonly Group[] | null {
  if (!existsSync(folder)) return null
  const random = createRandom('signals')
  const sweep = shuffled(templates(), random)
  return [
    { name: 'chat nicks', kind: 'person', hasText: true, hasTimes: true, accounts: nicks(random) },
    { name: 'shared chats', kind: 'person', hasText: true, hasTimes: false, hasAnswers: true, accounts: chats() },
    { name: 'curated prompts', kind: 'person', hasText: true, hasTimes: false, accounts: curated() },
    { name: 'developers', kind: 'person', hasText: true, hasTimes: true, accounts: developers(50) },
    { name: 'developers, whole', kind: 'person', hasText: true, hasTimes: true, accounts: developers(Infinity) },
    { name: 'one-template batch', kind: 'program', hasText: true, hasTimes: false, accounts: batches() },
    {
      name: 'API clients, thinned',
      kind: 'program',
      hasText: false,
      hasTimes: true,
      accounts: clients(random, thinned),
    },
    { name: 'API clients, dense', kind: 'program', hasText: false, hasTimes: true, accounts: clients(random, dense) },
    { name: 'Azure code, all', kind: 'program', hasText: false, hasTimes: true, accounts: [azure()] },
    { name: 'school maths', kind: 'harvest', hasText: true, hasTimes: true, accounts: harvest(maths(), random) },
    { name: 'template sweep', kind: 'harvest', hasText: true, hasTimes: true, accounts: harvest(sweep, random) },
  ]
}

type Row = Readonly<Record<string, unknown>>

const rowsOf = (name: string): readonly Row[] => linesOf(`${name}.jsonl.gz`).map((line) => JSON.parse(line) as Row)

const linesOf = (name: string): readonly string[] =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map((one) => ({ one, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

const parts = <T>(list: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.floor(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))

/** A number in letters: the hash of a text does not tell numbers apart. */
const wordOf = (n: number): string => n.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')

interface Call {
  readonly timeMs: number
  readonly text: string
  readonly turns?: number
  readonly role?: 'human' | 'tool'
  readonly answer?: string | null
}

const observed = ({ timeMs, text, turns = 1, role = 'human', answer = null }: Call): Observed =>
  answered({
    timeMs,
    observation: extractor.observe(
      { text, role, turns, params: ['model'], system: null },
      answer === null ? null : { text: answer, finishReason: 'stop' },
    ),
  })

/** Everybody with so many lines, their first ones; the data has minutes, so seconds are drawn. */
function nicks(random: Random): Group['accounts'] {
  const lines = rowsOf('benign/irc_train').map((row) => ({
    nick: String(row['acct']),
    text: String(row['text']),
    timeMs: Date.parse(String(row['day'])) + Number(row['min']) * MINUTE_MS + random.below(MINUTE_MS),
  }))
  return Object.values(Object.groupBy(lines, ({ nick }) => nick))
    .filter((own) => own!.length >= MIN_PROMPTS)
    .map((own) => talk(own!.toSorted((a, b) => a.timeMs - b.timeMs).slice(0, 2 * PROMPTS)).map(observed))
}

/** A pause of half an hour begins a conversation. */
function talk<T extends Call>(calls: readonly T[]): readonly (T & Call)[] {
  let turns = -1
  let lastMs = -Infinity
  return calls.map((call) => {
    turns = call.timeMs - lastMs > SESSION_GAP_MS ? 1 : turns + 2
    lastMs = call.timeMs
    return { ...call, turns }
  })
}

/** Whole conversations in a row until there are enough prompts: an account that several people share. */
function chats(): Group['accounts'] {
  const accounts: Call[][] = [[]]
  for (const conversation of conversations()) {
    if (accounts.at(-1)!.length >= PROMPTS / 2) accounts.push([])
    for (const [i, turn] of conversation.entries()) {
      if (turn.r !== 'u') continue
      const timeMs = START_MS + accounts.at(-1)!.length * 3 * MINUTE_MS
      accounts.at(-1)!.push({ timeMs, text: turn.text, turns: i + 1, answer: conversation[i + 1]?.text ?? null })
    }
  }
  return accounts.filter(({ length }) => length >= MIN_PROMPTS).map((calls) => calls.map(observed))
}

interface Turn {
  readonly r: 'u' | 'a'
  readonly text: string
}

const conversations = (): readonly (readonly Turn[])[] =>
  rowsOf('benign/sharegpt_half').map((row) => row['turns'] as readonly Turn[])

const curated = (): Group['accounts'] =>
  parts(rowsOf('benign/arena_hard_v0.1'), MIN_PROMPTS).map((rows) =>
    rows.map((row, i) => observed({ timeMs: START_MS + i * 3 * MINUTE_MS, text: String(row['text']) })),
  )

/** What two developers typed to coding agents, and the calls that the agents made of it. */
function developers(size: number): Group['accounts'] {
  const typed = rowsOf('benign/entire_human_turns_dev01_03').map((row) => ({
    who: String(row['acct']),
    timeMs: Number(row['t_ms']),
    text: String(row['text']),
    role: 'human' as const,
  }))
  const tools = rowsOf('timing/entire_api_calls_dev01_03')
    .filter((row) => row['trigger'] === 'tool_result')
    .map((row, i) => ({
      who: String(row['acct']),
      timeMs: Number(row['req_t_ms']),
      text: `result ${wordOf(i)}`,
      role: 'tool' as const,
    }))
  return ['dev01', 'dev03'].flatMap((dev) => {
    const calls = talk([...typed, ...tools].filter(({ who }) => who === dev).toSorted((a, b) => a.timeMs - b.timeMs))
    const windows: (typeof calls)[number][][] = [[]]
    let prompts = 0
    for (const call of calls) {
      if (call.role === 'human' && ++prompts > size) {
        windows.push([])
        prompts = 1
      }
      windows.at(-1)!.push(call)
    }
    return windows.filter((own) => own.length >= MIN_PROMPTS).map((own) => own.map(observed))
  })
}

const templateRows = (): readonly { readonly name: string; readonly text: string }[] =>
  rowsOf('attack/t0_templates_half').map((row) => ({ name: String(row['sub']), text: String(row['text']) }))

const templates = (): readonly string[] => templateRows().map(({ text }) => text)
const maths = (): readonly string[] => rowsOf('attack/gsm8k_train4k').map((row) => String(row['text']))

const batches = (): Group['accounts'] =>
  Object.values(Object.groupBy(templateRows(), ({ name }) => name))
    .filter((rows) => rows!.length >= MIN_PROMPTS)
    .map((rows) => rows!.map(({ text }, i) => observed({ timeMs: START_MS + i * 2000, text })))

/** One work list, dealt out; each account asks every half hour, give or take a fifth, day and night. */
const harvest = (texts: readonly string[], random: Random): Group['accounts'] =>
  parts(texts.slice(0, 60 * PROMPTS), PROMPTS).map((own) => {
    let timeMs = START_MS + random.below(DAY_MS)
    return own.map((text) => observed({ timeMs: (timeMs += (24 + random.next() * 12) * MINUTE_MS), text }))
  })

interface Window {
  readonly startMs: number
  readonly perSecond: number
  readonly gapMs: (random: Random) => number
}

/** Arrival processes of production API clients, ten minutes each. */
function clients(
  random: Random,
  draw: (windows: readonly Window[], random: Random) => readonly number[],
): Group['accounts'] {
  const windows = linesOf('timing/servegen_m-large.csv.gz')
    .slice(1)
    .map((line) => {
      const [client, start, rate, , dist, shape, scale] = line.split(',')
      const gap = dist === 'Gamma' ? gamma : weibull
      return {
        client: client!,
        startMs: START_MS + Number(start) * 1000,
        perSecond: Number(rate),
        gapMs: (random: Random) => 1000 * gap(Number(shape), Number(scale), random),
      }
    })
  return Object.values(Object.groupBy(windows, ({ client }) => client))
    .map((own) => draw(own!, random))
    .filter(({ length }) => length >= PROMPTS)
    .map((times) => times.map((timeMs, i) => observed({ timeMs, text: wordOf(i) })))
}

const WINDOW_MS = 10 * MINUTE_MS

/** Two thousand calls out of all of them, for what shows over days. */
function thinned(windows: readonly Window[], random: Random): readonly number[] {
  const total = windows.reduce((sum, { perSecond }) => sum + perSecond, 0)
  return windows.flatMap(({ startMs, perSecond }) => {
    const mean = (2000 * perSecond) / total
    const count = Math.floor(mean) + (random.next() < mean % 1 ? 1 : 0)
    return Array.from({ length: count }, () => startMs + random.next() * WINDOW_MS).toSorted((a, b) => a - b)
  })
}

/** All calls of a few windows, picked by their load, for what shows between two calls. */
function dense(windows: readonly Window[], random: Random): readonly number[] {
  const total = windows.reduce((sum, { perSecond }) => sum + perSecond, 0)
  const picked = windows.filter(({ perSecond }) => random.next() < (5 * perSecond) / total)
  return picked.flatMap(({ startMs, gapMs }) => {
    const times: number[] = []
    for (let timeMs = startMs; timeMs < startMs + WINDOW_MS && times.length < 200; timeMs += gapMs(random))
      times.push(timeMs)
    return times
  })
}

const weibull = (shape: number, scale: number, random: Random): number =>
  scale * (-Math.log(1 - random.next())) ** (1 / shape)

/** Marsaglia and Tsang, 2000. */
function gamma(shape: number, scale: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, scale, random) * (1 - random.next()) ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return scale * d * v
  }
}

const azure = (): readonly Observed[] =>
  linesOf('timing/azure2023_code.csv.gz')
    .slice(1)
    .map((line, i) => observed({ timeMs: Date.parse(`${line.slice(0, 23).replace(' ', 'T')}Z`), text: wordOf(i) }))

/** Prompts and the answers to them: how much of a text that it was given does an honest answer repeat? */
export const exchanges = (): readonly { readonly asked: string; readonly answer: string }[] =>
  conversations().flatMap((turns) =>
    turns.flatMap((turn, i) => {
      const before = turns[i - 1]
      return turn.r === 'a' && before?.r === 'u' ? [{ asked: before.text, answer: turn.text }] : []
    }),
  )
