import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Cancel, Clock } from '../core/clock.ts'
import type { RequestEvent } from '../core/event.ts'
import type { RecordEntry, RecordLog } from '../core/record-log.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Exchanges, HandedExchange } from './entry.ts'
import { eventText } from './event-text.ts'
import type { Ask, LogState, Told, WorkerStart } from './messages.ts'
import type { WriterStart } from './writer.ts'

/**
 * The side of the log that the rest of Weir sees. An append puts text into a bounded queue and goes on; a thread of its
 * own does everything that takes time. What finds the queue full is lost, counted, said, and named in the log.
 */
export interface Recorder extends RecordLog {
  readonly origin: string
  readonly start: WriterStart
  readonly stats: RecorderStats
  /** An exchange that nothing was decided about: the log gets its digest. */
  exchange(event: RequestEvent): void
  /** Gives the new public key. */
  rotateKey(): Promise<string>
  /** Gives whether there was a salt to erase. */
  erase(kind: string, value: string): Promise<boolean>
  close(): Promise<void>
}

export interface RecorderStats extends LogState {
  readonly queued: number
  readonly lost: number
  /** Groups written: each is one flush of the disk. */
  readonly groups: number
  /** What the disk says against it; null while it writes. */
  readonly trouble: string | null
}

export interface RecorderOptions extends WorkerStart {
  readonly clock: Clock
  /** Past this many characters in the queue an entry is lost. */
  readonly maxQueuedChars: number
  readonly say: (level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>) => void
}

/** How long an entry may wait for others to share its flush. */
const GATHER_MS = 100
const MAX_GROUP = 4096
/** Entries that may wait: what a second of a machine's full speed comes to. */
const MAX_QUEUED = 65_536
/** Digests of so many exchanges share an entry. */
const MAX_DIGESTS = 256
const SAY_EVERY_MS = 10_000
const CLOSE_MS = 10_000

interface Queued {
  readonly line: string
  /** Of the exchanges that it names, one a line. */
  readonly texts: string
}

interface Waiter {
  readonly upTo: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The error says what keeps the log from being written, for the operator. */
export async function startRecorder(options: RecorderOptions): Promise<Result<Recorder, string>> {
  const { dataDir, origin, clock, maxQueuedChars, say } = options
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { dataDir, origin } satisfies WorkerStart,
  })
  const [first] = (await once(worker, 'message')) as [Told]
  if (first.kind !== 'opened') return err(first.kind === 'refused' ? first.error : 'the log cannot be opened')
  // Open sockets keep a server alive, and not its log.
  worker.unref()

  let state: LogState = first
  const queue: Queued[] = []
  let queuedChars = 0
  let lost = 0
  let unsaid = 0
  let saidAtMs = -SAY_EVERY_MS
  let handed = 0
  let written = 0
  let groups = 0
  let trouble: string | null = null
  let isOut = false
  let isDead = false
  let gathering: Cancel | null = null
  let exchanges: HandedExchange[] = []
  let texts: string[] = []
  let waiters: Waiter[] = []
  const answers = new Map<number, (told: Told & { kind: 'answer' }) => void>()

  const isFull = (): boolean => queue.length >= MAX_QUEUED || queuedChars >= maxQueuedChars
  const push = (type: string, what: string, texts = ''): boolean => {
    if (isDead || isFull()) {
      unsaid++
      lost++
      if (clock.now() - saidAtMs >= SAY_EVERY_MS) {
        saidAtMs = clock.now()
        say('error', 'audit_entries_lost', { lost })
      }
      return false
    }
    sayLost()
    enqueue(type, what, texts)
    return true
  }
  const enqueue = (type: string, what: string, texts: string): void => {
    const line = `{"t":${clock.now()},"type":"${type}","what":${what}}`
    queue.push({ line, texts })
    queuedChars += line.length + texts.length
    handed++
    if (queue.length >= MAX_GROUP) send()
    else gather()
  }
  const gather = (): void => {
    gathering ??= clock.after(GATHER_MS, () => {
      gathering = null
      send()
    })
  }
  const sayLost = (): void => {
    if (unsaid === 0 || isFull()) return
    const count = unsaid
    unsaid = 0
    enqueue('entries_lost', `{"count":${count}}`, '')
  }
  const gatherExchanges = (): void => {
    if (exchanges.length === 0) return
    push('exchanges', JSON.stringify({ of: exchanges } satisfies Exchanges), texts.join('\n'))
    exchanges = []
    texts = []
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const post = (ask: Ask): void => worker.postMessage(ask)
  const send = (): void => {
    gatherExchanges()
    if (isOut || isDead || queue.length === 0) return
    gathering?.()
    gathering = null
    const group = queue.splice(0, MAX_GROUP)
    for (const { line, texts } of group) queuedChars -= line.length + texts.length
    isOut = true
    const ofExchanges = group.filter(({ texts }) => texts !== '')
    post({
      kind: 'group',
      lines: group.map(({ line }) => line).join('\n'),
      texts: ofExchanges.map(({ texts }) => texts).join('\n'),
    })
  }
  const fail = (problem: string): void => {
    if (trouble === null) say('error', 'audit_not_writing', { problem })
    trouble = problem
    const waiting = waiters
    waiters = []
    for (const { reject } of waiting) reject(new Error(`not on record yet: ${problem}`))
  }
  const die = (problem: string): void => {
    isDead = true
    fail(problem)
    for (const [id, answer] of answers) answer({ kind: 'answer', id, value: null, error: problem })
  }
  const hear = (told: Told): void => {
    switch (told.kind) {
      case 'written': {
        state = told
        written += told.count
        groups++
        isOut = false
        if (trouble !== null) say('info', 'audit_writing_again', { size: told.size })
        trouble = null
        const done = waiters.filter(({ upTo }) => upTo <= written)
        waiters = waiters.filter(({ upTo }) => upTo > written)
        for (const { resolve } of done) resolve()
        sayLost()
        // Somebody waits, or a group is complete already: the flush that just ended was time enough to gather.
        if (waiters.length > 0 || queue.length >= MAX_GROUP) send()
        else if (queue.length > 0) gather()
        return
      }
      case 'state':
        state = told
        return
      case 'trouble':
        return fail(told.error)
      case 'answer':
        answers.get(told.id)?.(told)
        answers.delete(told.id)
        return
      case 'opened':
      case 'refused':
    }
  }
  worker.on('message', hear)
  worker.on('error', (error: Error) => die(error.message))

  let asks = 0
  const ask = (make: (id: number) => Ask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = asks++
      if (isDead) return reject(new Error(trouble ?? 'the log is closed'))
      answers.set(id, ({ value, error }) => (error === null ? resolve(value) : reject(new Error(error))))
      post(make(id))
    })
  const settled = (): Promise<void> =>
    new Promise((resolve, reject) => {
      gatherExchanges()
      if (written >= handed) return resolve()
      if (trouble !== null) return reject(new Error(`not on record yet: ${trouble}`))
      waiters.push({ upTo: handed, resolve, reject })
      send()
    })
  const append = ({ type, what }: RecordEntry): boolean => push(type, JSON.stringify(what))
  return ok({
    origin: first.origin,
    start: first.start,
    append,
    appendDurably: (entry) => (append(entry) ? settled() : Promise.reject(new Error('the log takes no more'))),
    settled,
    get isWriting() {
      return trouble === null && !isFull()
    },
    get stats() {
      const { size, checkpoint, vkey } = state
      return { size, checkpoint, vkey, queued: queue.length, lost, groups, trouble }
    },
    exchange(event) {
      const { id, outcome, who, network } = event
      let text: string
      try {
        text = eventText(event)
      } catch (error) {
        push('exchanges', JSON.stringify({ unreadable: String(error) }))
        return
      }
      texts.push(text)
      exchanges.push(who === null ? [id, outcome, 'ip', network.ip] : [id, outcome, 'account', who.account])
      if (exchanges.length >= MAX_DIGESTS) gatherExchanges()
      else gather()
    },
    rotateKey: () => ask((id) => ({ kind: 'rotate', id })) as Promise<string>,
    erase: (of, value) => ask((id) => ({ kind: 'erase', id, of, value })) as Promise<boolean>,
    async close() {
      worker.ref()
      gathering?.()
      const giveUp = setTimeout(() => void worker.terminate(), CLOSE_MS)
      try {
        await settled().catch(() => {})
        await ask((id) => ({ kind: 'close', id }))
      } catch (error) {
        say('error', 'audit_not_closed', { problem: error instanceof Error ? error.message : String(error) })
      }
      clearTimeout(giveUp)
      isDead = true
      await worker.terminate()
    },
  })
}
