/*
 * The room that reads recorded exchanges and tells what a judge says of them: `weir replay`. It streams: what is kept
 * does not grow with the log, but for bounded counts of accounts and examples. It judges nothing itself (that is behind
 * `port.ts`), writes nothing but the decisions it is asked for, and shows no text of a client except in templates from
 * which everything that differs between clients is taken out.
 */
import { isUtf8 } from 'node:buffer'
import type { RecordedExchange, RecordedTurn } from '../core/recorded.ts'
import { err, ok } from '../core/result.ts'
import type { DecisionWriter } from './decisions.ts'
import { Duplicates } from './duplicates.ts'
import { Examples } from './examples.ts'
import { isObject } from './fields.ts'
import { Ledger } from './ledger.ts'
import type { Line, Reader, Skipped } from './line.ts'
import { LogClock } from './log-clock.ts'
import { LineSplitter } from './lines.ts'
import { Notes } from './notes.ts'
import type { CostOf, ReplayJudge } from './port.ts'
import type { Source } from './source.ts'

const MAX_LINE_BYTES = 4_194_304

export interface ReplayInput {
  readonly sources: readonly Source[]
  readonly read: Reader
  readonly judge: ReplayJudge
  readonly costOf: CostOf
  /** Null where nobody asked for the decisions. */
  readonly decisions: DecisionWriter | null
  /** Called between chunks. */
  progress(lines: number, bytes: number): void
}

export interface Replayed {
  readonly files: readonly string[]
  readonly lines: number
  readonly ledger: Ledger
  readonly examples: Examples
  readonly notes: Notes
  /** Files that could not be read to their end. */
  readonly broken: readonly { readonly name: string; readonly why: string }[]
}

export async function replay(input: ReplayInput): Promise<Replayed> {
  const run = new Run(input)
  const broken: { name: string; why: string }[] = []
  const bytes = { read: 0 }
  for (const source of input.sources) {
    const why = await run.read(source, bytes)
    if (why !== null) broken.push({ name: source.name, why })
  }
  input.judge.finish()
  await input.decisions?.end()
  const files = input.sources.map(({ name }) => name)
  return { files, lines: run.lines, ledger: run.ledger, examples: run.examples, notes: run.notes, broken }
}

class Run {
  readonly #input: ReplayInput
  readonly #splitter: LineSplitter
  readonly #duplicates = new Duplicates()
  readonly ledger = new Ledger()
  readonly examples = new Examples()
  readonly notes = new Notes()
  lines = 0
  readonly #clock: LogClock

  constructor(input: ReplayInput) {
    this.#input = input
    this.#clock = new LogClock(input.judge.lastMs)
    this.#splitter = new LineSplitter(MAX_LINE_BYTES, (line, isFirst) => this.#line(line, isFirst))
  }

  /** Says what kept it from reading to the end. What is thrown is about the judge or the decisions, and not about the source. */
  async read(source: Source, bytes: { read: number }): Promise<string | null> {
    const chunks = source.chunks((more) => void (bytes.read += more))[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await chunks.next().then(ok, err)
        if (!next.ok) return (next.error as NodeJS.ErrnoException).code ?? String(next.error)
        if (next.value.done === true) return null
        this.#splitter.push(next.value.value)
        this.#input.progress(this.lines, bytes.read)
        await this.#input.decisions?.drained()
      }
    } finally {
      this.#splitter.endOfFile()
      // Closes what is still open: standard input would keep the process alive.
      await chunks.return?.()
    }
  }

  #line(bytes: Buffer | null, isFirst: boolean): void {
    const index = this.lines++
    this.notes.line = this.lines
    if (bytes === null) return this.#skip(index, { why: 'longer than 4 MiB', timeMs: null, key: null })
    const parsed = parse(bytes, isFirst, this.notes)
    if (typeof parsed === 'string') return this.#skip(index, { why: parsed, timeMs: null, key: null })
    if (this.#duplicates.seen(bytes)) this.notes.add('the line repeats an earlier one')
    const read = this.#input.read(parsed, this.notes)
    if (read.ok) this.#judge(index, read.value)
    else this.#skip(index, read.error)
  }

  #skip(index: number, skipped: Skipped): void {
    this.ledger.skip(skipped.why, this.lines)
    this.#input.decisions?.skipped(index, skipped)
  }

  #judge(index: number, read: RecordedExchange): void {
    const { judge, costOf, decisions } = this.#input
    const exchange = this.#inOrder(read)
    const decision = judge.judge(exchange)
    const account = judge.accountOf(exchange)
    this.ledger.add(account, exchange, decision.action, exchange.costNanoUsd ?? costOf(exchange))
    const asked = lastAsked(exchange.turns)
    if (asked !== null) this.examples.add(judge.keysOf(exchange), asked, account)
    decisions?.judged(index, read.timeMs, read.key, decision)
  }

  /** Exchanges are judged in the order of their lines, whatever their clocks say. */
  #inOrder(exchange: RecordedExchange): RecordedExchange {
    const timeMs = this.#clock.tell(exchange.timeMs, this.notes)
    return timeMs === exchange.timeMs ? exchange : { ...exchange, timeMs }
  }
}

/** The latest turn of the user's that holds text. */
function lastAsked(turns: readonly RecordedTurn[]): string | null {
  for (let i = turns.length - 1; i >= 0; i--) {
    const { role, text } = turns[i]!
    if (role === 'user' && text !== '') return text
  }
  return null
}

const REPLACEMENT = '\uFFFD'
const BYTE_ORDER_MARK = '\uFEFF'

function parse(bytes: Buffer, isFirst: boolean, notes: Notes): Line | 'blank' | 'not JSON' | 'not a JSON object' {
  let text = bytes.toString('utf8')
  if (isFirst && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text.trim() === '' ? 'blank' : 'not JSON'
  }
  if (text.includes(REPLACEMENT) && !isUtf8(bytes)) notes.add('bytes that are not UTF-8 were replaced')
  return isObject(value) ? value : 'not a JSON object'
}
