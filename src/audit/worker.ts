import { parentPort, workerData } from 'node:worker_threads'
import { systemClock, sleep } from '../core/clock.ts'
import { realDisk } from './disk.ts'
import type { Ask, Told, WorkerStart } from './messages.ts'
import { Writer } from './writer.ts'

/**
 * The thread that writes the log. It works off what it is asked one after the other: a group of entries is one write and
 * one flush, and while that waits for the disk the next group gathers on the other side.
 */
const RETRY_MS = 250

const port = parentPort!
const tell = (told: Told): void => port.postMessage(told)
const { dataDir, origin } = workerData as WorkerStart
let isClosing = false

async function work(writer: Writer, ask: Ask): Promise<void> {
  switch (ask.kind) {
    case 'group':
      return append(writer, ask.lines.split('\n'), ask.texts.split('\n'))
    case 'rotate':
      return attempt(ask.id, () => writer.rotateKey(systemClock.now()))
    case 'erase':
      return attempt(ask.id, () => writer.erase(ask.of, ask.value, systemClock.now()))
    case 'close':
      return attempt(ask.id, () => writer.close(systemClock.now()))
  }
  function attempt(id: number, act: () => unknown): void {
    try {
      const value = act() ?? null
      tell({ kind: 'answer', id, value, error: null })
      tell({ kind: 'state', ...stateOf(writer) })
    } catch (error) {
      tell({ kind: 'answer', id, value: null, error: messageOf(error) })
    }
  }
}

/** Tries until it succeeds; only the end of the process makes it give up what it holds. */
async function append(writer: Writer, lines: readonly string[], texts: readonly string[]): Promise<void> {
  let entries: readonly Buffer[] | null = null
  let isAppended = false
  for (;;) {
    try {
      entries ??= writer.seal(lines, texts)
      if (!isAppended) writer.append(entries)
      isAppended = true
      writer.publish()
      return tell({ kind: 'written', count: lines.length, ...stateOf(writer) })
    } catch (error) {
      tell({ kind: 'trouble', error: messageOf(error) })
      if (isClosing) return
      await sleep({ ...systemClock, after: keptAlive }, RETRY_MS)
    }
  }
}

const keptAlive = (delayMs: number, fn: () => void): (() => void) => {
  const timer = setTimeout(fn, delayMs)
  return () => clearTimeout(timer)
}

const stateOf = ({ size, checkpoint, vkey }: Writer): { size: number; checkpoint: string; vkey: string } => ({
  size,
  checkpoint,
  vkey,
})

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const opened = Writer.open(dataDir, origin, realDisk, systemClock.now())
if (opened.ok) {
  const writer = opened.value
  let last = Promise.resolve()
  port.on('message', (ask: Ask) => {
    isClosing ||= ask.kind === 'close'
    last = last.then(() => work(writer, ask))
    if (ask.kind === 'close') void last.then(() => port.close())
  })
  tell({ kind: 'opened', start: writer.start, origin: writer.origin, ...stateOf(writer) })
} else {
  tell({ kind: 'refused', error: opened.error })
  port.close()
}
