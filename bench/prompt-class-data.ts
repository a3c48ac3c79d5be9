import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { PromptClass } from '../src/core/prompt-class.ts'

/** A prompt of the evaluation data with its label. */
export interface Item {
  readonly source: string
  readonly id: string
  readonly label: PromptClass
  /** Whether it belongs to the half that no cue was tuned on. */
  readonly held: boolean
  readonly text: string
}

const folder = join(import.meta.dirname, '../../shared/data')

/** So that no large source speaks for all. */
const MAX_BY_SOURCE = 300
const MAX_BY_TEMPLATE = 6

/** All labelled items of the evaluation data, or null where it is absent. */
export function readItems(): readonly Item[] | null {
  if (!existsSync(folder)) return null
  return [
    ...labelled('arena_hard', 'benign/arena_hard_v0.1', (row) => [row['id'], row['text']]),
    ...labelled('sharegpt', 'benign/sharegpt_half', (row) => [row['cid'], firstHumanTurn(row['turns'])]),
    ...labelled('selfinstruct_seeds', 'attack/selfinstruct_seeds', (row) => [row['i'], row['text']]),
    ...labelled('selfinstruct_user_oriented', 'attack/selfinstruct_user_oriented', (row) => [row['i'], row['text']]),
    ...templates(),
    ...whole('gsm8k', 'reasoning', rowsOf('attack/gsm8k_train4k'), (row) => [row['i'], row['i']]),
    ...whole('irc', 'chat', rowsOf('benign/irc_train').filter(isSpoken), (row) => [
      [row['f'], row['day'], row['min'], row['s'], row['acct'], row['text']].join('/'),
      row['f'],
    ]),
    ...whole('coding_agents', 'code', rowsOf('benign/entire_human_turns_dev01_03').filter(isTyped), (row) => [
      [row['acct'], row['sid'], row['t_ms']].join('/'),
      row['sid'],
    ]),
  ]
}

type Row = Readonly<Record<string, unknown>>

const labels = JSON.parse(readFileSync(join(import.meta.dirname, 'prompt-class-labels.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, PromptClass>>>
>

/** Labels given by reading, one an id. */
function labelled(source: string, file: string, read: (row: Row) => readonly [unknown, unknown]): readonly Item[] {
  return rowsOf(file).flatMap((row) => {
    const [id, text] = read(row)
    const label = labels[source]?.[String(id)]
    if (label === undefined || typeof text !== 'string') return []
    return [{ source, id: String(id), label, held: isHeld(`${source}/${String(id)}`), text }]
  })
}

/** Sources whose origin is their label; what belongs together (a day, a session) stays in one half. */
function whole(
  source: string,
  label: PromptClass,
  rows: readonly Row[],
  read: (row: Row) => readonly [unknown, unknown],
): readonly Item[] {
  const items = rows.map((row) => {
    const [id, group] = read(row)
    return { source, id: String(id), label, held: isHeld(`${source}/${String(group)}`), text: String(row['text']) }
  })
  return byHash(items, ({ id }) => id).slice(0, MAX_BY_SOURCE)
}

/** Within each family the data sets go to the halves in turn, in the order of their hashes. */
const families: readonly (readonly string[])[] = [
  ['amazon_polarity', 'app_reviews', 'dbpedia_14', 'wiki_qa'],
  ['cnn_dailymail', 'gigaword', 'xsum'],
  ['dream', 'ropes', 'sciq', 'wiki_bio', 'wiki_hop'],
  ['common_gen'],
]

function templates(): readonly Item[] {
  const held = new Set(families.flatMap((sets) => byHash(sets, (name) => name).filter((_, i) => i % 2 === 0)))
  const items = rowsOf('attack/t0_templates_half').flatMap((row, line): readonly Item[] => {
    const name = String(row['sub'])
    const label = labels['t0_templates']?.[name]
    const set = families.flat().find((one) => name.startsWith(one))
    if (label === undefined || set === undefined) return []
    return [
      { source: `templates of ${set}`, id: `${name}/${line}`, label, held: held.has(set), text: String(row['text']) },
    ]
  })
  const taken = Object.values(Object.groupBy(items, ({ id }) => id.slice(0, id.lastIndexOf('/'))))
  return taken.flatMap((some) => byHash(some!, ({ id }) => id).slice(0, MAX_BY_TEMPLATE))
}

const isSpoken = ({ text }: Row): boolean =>
  typeof text === 'string' && !text.startsWith('!') && text.split(' ').length >= 3

/** What a person wrote to an agent, long enough to say something: `yes` and `continue` have no class. */
const isTyped = ({ kind, text }: Row): boolean =>
  kind === 'human' && typeof text === 'string' && text.length >= 20 && !text.startsWith('<') && !text.startsWith('[')

function firstHumanTurn(turns: unknown): unknown {
  return (turns as readonly Row[]).find(({ r }) => r === 'u')?.['text']
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const isHeld = (text: string): boolean => Number.parseInt(hashOf(text).slice(0, 2), 16) % 2 === 0

const byHash = <T>(all: readonly T[], key: (one: T) => string): readonly T[] =>
  all
    .map((one) => ({ one, hash: hashOf(key(one)) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ one }) => one)

const rowsOf = (name: string): readonly Row[] =>
  gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
