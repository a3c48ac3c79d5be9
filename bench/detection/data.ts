import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

// The evaluation data, read where it is needed and never copied: texts of real people stay out of every output.

export interface Utterance {
  readonly account: string
  readonly text: string
}

export interface Conversation {
  readonly id: string
  readonly turns: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[]
}

/** What a developer wrote to a coding agent. */
export interface HumanTurn {
  readonly account: string
  readonly session: string
  readonly timeMs: number
  readonly text: string
}

/** A call that a coding agent made. */
export interface ApiCall {
  readonly account: string
  readonly session: string
  readonly timeMs: number
  readonly byTool: boolean
  readonly tools: readonly string[]
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface Templated {
  readonly template: string
  readonly text: string
}

/** How a client of a production service arrives within ten minutes. */
export interface ArrivalWindow {
  readonly client: number
  readonly startS: number
  readonly ratePerS: number
  readonly cv: number
}

/** Each file is read at its first use and kept. */
export interface Data {
  readonly templates: () => readonly Templated[]
  readonly gsm8k: () => readonly string[]
  readonly seeds: () => readonly string[]
  readonly userOriented: () => readonly string[]
  readonly arena: () => readonly string[]
  readonly conversations: () => readonly Conversation[]
  readonly irc: () => readonly Utterance[]
  readonly humanTurns: () => readonly HumanTurn[]
  readonly apiCalls: () => readonly ApiCall[]
  readonly arrivals: () => readonly ArrivalWindow[]
}

const folder = join(import.meta.dirname, '../../../shared/data')

export const absent =
  'SKIPPED: ../shared/data is absent, so nothing of bench/detection was measured and no result written.'

/** Null where the folder is absent; who gets null says `absent`. */
export function openData(): Data | null {
  if (!existsSync(folder)) return null
  return {
    templates: lazily(() =>
      rows('attack/t0_templates_half').map((row) => ({ template: row.text('sub'), text: row.text('text') })),
    ),
    gsm8k: lazily(() => texts('attack/gsm8k_train4k')),
    seeds: lazily(() => texts('attack/selfinstruct_seeds')),
    userOriented: lazily(() => texts('attack/selfinstruct_user_oriented')),
    arena: lazily(() => texts('benign/arena_hard_v0.1')),
    conversations: lazily(() => rows('benign/sharegpt_half').map(conversation)),
    irc: lazily(() => rows('benign/irc_train').map((row) => ({ account: row.text('acct'), text: row.text('text') }))),
    humanTurns: lazily(() =>
      rows('benign/entire_human_turns_dev01_03').map((row) => ({
        account: row.text('acct'),
        session: row.text('sid'),
        timeMs: row.number('t_ms'),
        text: row.text('text'),
      })),
    ),
    apiCalls: lazily(() =>
      rows('timing/entire_api_calls_dev01_03').map((row) => ({
        account: row.text('acct'),
        session: row.text('sid'),
        timeMs: row.number('req_t_ms'),
        byTool: row.text('trigger') === 'tool_result',
        tools: row.list('tools') as readonly string[],
        inputTokens: row.number('in') + row.number('cache_read') + row.number('cache_write'),
        outputTokens: row.number('out'),
      })),
    ),
    arrivals: lazily(() => windows('timing/servegen_m-large')),
  }
}

interface Row {
  readonly text: (name: string) => string
  readonly number: (name: string) => number
  readonly list: (name: string) => readonly unknown[]
}

function rows(name: string): readonly Row[] {
  return lines(`${name}.jsonl.gz`).map((line) => {
    const fields = JSON.parse(line) as Readonly<Record<string, unknown>>
    return {
      text: (field) => textOf(fields[field]),
      number: (field) => Number(fields[field] ?? 0),
      list: (field) => (fields[field] ?? []) as readonly unknown[],
    }
  })
}

/** Names of some sources are numbers. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? `${value}` : ''

const texts = (name: string): readonly string[] => rows(name).map((row) => row.text('text'))

function conversation(row: Row): Conversation {
  const turns = (row.list('turns') as readonly { readonly r: string; readonly text: string }[]).map(({ r, text }) => ({
    role: r === 'u' ? ('user' as const) : ('assistant' as const),
    text,
  }))
  return { id: row.text('cid'), turns }
}

function windows(name: string): readonly ArrivalWindow[] {
  return lines(`${name}.csv.gz`)
    .slice(1)
    .map((line) => {
      const [client, startS, ratePerS, cv] = line.split(',', 4).map(Number)
      return { client: client!, startS: startS!, ratePerS: ratePerS!, cv: cv! }
    })
}

const lines = (name: string): readonly string[] =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')

function lazily<T>(read: () => T): () => T {
  let value: T | null = null
  return () => (value ??= read())
}
