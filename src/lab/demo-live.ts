import { stripVTControlCharacters, styleText } from 'node:util'
import type { Count } from './demo-counts.ts'
import { clockText, count, type Met, type Story, type StoryLine } from './demo-story.ts'
import { isFull, type Exchange } from './ledger.ts'
import type { Scene } from './run.ts'

/** Whoever shows the campaigns while they run: a screen that is painted over, or plain lines. */
export interface Show {
  begin(scene: Scene, story: Story): void
  tell(line: StoryLine): void
  progress(partDone: number): void
  end(): void
}

export const lineText = ({ atMs, who, isHonest, what, because }: StoryLine): string => {
  const name = styleText(isHonest ? 'cyan' : 'red', (isHonest ? `${who} (honest)` : who).padEnd(18))
  return `${styleText('dim', clockText(atMs))}  ${name} ${what}${because === '' ? '' : styleText('dim', `. ${because}`)}`
}

/** One line for each thing that happens. */
export function plainShow(print: (text: string) => void): Show {
  let story: Story | null = null
  return {
    begin(_, own) {
      story = own
    },
    tell: (line) => print(lineText(line)),
    progress: () => story?.look(),
    end: () => story?.look(),
  }
}

export interface ScreenOptions {
  readonly write: (text: string) => void
  readonly size: () => { readonly columns: number; readonly rows: number }
  readonly thieves: readonly string[]
  readonly answers: number
  /** Of the run without Weir. */
  readonly unprotected: readonly Exchange[]
}

const PAINT_MS = 100
const LATEST = 7
const LEAST_BAR = 6
const MOST_BAR = 24
/** What the rest of a row takes. */
const BESIDE_BAR = 73
const PROGRESS = 30
/** Lines beside the latest ones and the thieves. */
const FRAME = 6

/** Repainted in place at most ten times a second; what it showed last stays. */
export function screenShow({ write, size, thieves, answers, unprotected }: ScreenOptions): Show {
  const stolen = new Map(
    thieves.map((name) => [
      name,
      unprotected.filter((one) => one.class === name && one.sample !== null && isFull(one)).map(({ atMs }) => atMs),
    ]),
  )
  const latest: StoryLine[] = []
  let on: { readonly scene: Scene; readonly story: Story } | null = null
  let part = 0
  let paintedAtMs = -Infinity
  let height = 0

  const rowOf = (name: string, width: number, scene: Scene, story: Story): string => {
    const { accounts, got } = story.counts.of(name)
    const { asked, slowed, shut } = story.metBy(name)
    const nowMs = scene.now()
    const plain = stolen.get(name)!.filter((atMs) => atMs <= nowMs).length
    const bar = '█'.repeat(Math.round((got / answers) * width)).padEnd(width, '░')
    return (
      `${styleText('red', name.padEnd(16))}${cell(accounts.size)}${cell(asked.size)}${cell(slowed.size)}${cell(shut.size)}` +
      `   ${styleText('yellow', bar)} ${count(got).padStart(6)}${cell(plain, 14)}`
    )
  }
  const honestRow = ({ counts, metBy }: Story): string => {
    const sum = (of: (own: Count) => number): number => counts.honest.reduce((total, [, own]) => total + of(own), 0)
    const met = (of: keyof Met): number => counts.honest.reduce((total, [kind]) => total + metBy(kind)[of].size, 0)
    return (
      `${styleText('cyan', 'honest'.padEnd(16))}${cell(sum(({ accounts }) => accounts.size))}${cell(met('asked'))}${cell(met('slowed'))}${cell(met('shut'))}` +
      `   ${count(sum(({ got }) => got))} of ${count(sum(({ sent }) => sent))} requests answered`
    )
  }
  const paint = (): void => {
    if (on === null) return
    const { scene, story } = on
    const { columns, rows } = size()
    // What is taller than the window cannot be painted over.
    const room = Math.max(1, Math.min(LATEST, rows - FRAME - thieves.length))
    const last = latest.slice(-room)
    const bar = Math.max(LEAST_BAR, Math.min(MOST_BAR, columns - BESIDE_BAR))
    story.look()
    const done = '━'.repeat(Math.round(part * PROGRESS))
    const lines = [
      `${styleText('bold', clockText(scene.now()))}  ${done}${styleText('dim', '─'.repeat(PROGRESS - done.length))}  ${count(scene.exchanges.length)} requests`,
      '',
      styleText(
        'dim',
        `${''.padEnd(16)}accounts   asked  slowed  blocked   ${'answers taken'.padEnd(bar + 7)}  without Weir`,
      ),
      ...thieves.map((name) => rowOf(name, bar, scene, story)),
      honestRow(story),
      '',
      ...Array.from({ length: room }, (_, i) => (last[i] === undefined ? '' : lineText(last[i]))),
    ].map((line) => clipped(line, columns))
    const up = height > 0 ? `${ESCAPE}[${height}A` : ''
    write(`${up}${lines.map((line) => `${ESCAPE}[2K${line}\n`).join('')}`)
    height = lines.length
  }
  return {
    begin(scene, story) {
      on = { scene, story }
      paint()
    },
    tell(line) {
      latest.push(line)
      if (latest.length > LATEST) latest.shift()
    },
    progress(partDone) {
      part = partDone
      const nowMs = performance.now()
      if (nowMs - paintedAtMs < PAINT_MS) return
      paintedAtMs = nowMs
      paint()
    },
    end() {
      part = 1
      paint()
    },
  }
}

const cell = (value: number, width: number = 8): string => count(value).padStart(width)

const ESCAPE = '\u001B'

/** A line that wraps would be painted over by half. */
export function clipped(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line
  let width = 0
  let out = ''
  let isCode = false
  for (const char of line) {
    isCode ||= char === ESCAPE
    if (isCode) {
      out += char
      isCode = char !== 'm'
    } else if (++width <= columns) out += width < columns ? char : '…'
  }
  return out
}
