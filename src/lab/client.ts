import { sleep, type Clock } from '../core/clock.ts'
import type { Weir } from '../compose.ts'
import { memoryExchange, type MemoryExchange } from '../gateway/memory-exchange.ts'
import type { Exchange, Ledger } from './ledger.ts'
import type { Probe } from './probe.ts'
import type { Random } from './random.ts'
import type { LabAccount } from './roster.ts'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
}

export interface Ask {
  readonly messages: readonly Message[]
  readonly user?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** For the ledger alone: what the thief wants labelled. */
  readonly sample?: string
}

/** What a client sees, and all that it sees. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The machine word of an error; null where there is none. */
  readonly code: string | null
  readonly retryAfterMs: number | null
  readonly text: string | null
  readonly label: string | null
}

export interface Client {
  readonly account: LabAccount
  /** The last exchange as the ledger has it. */
  readonly last: Exchange | undefined
  ask(ask: Ask): Promise<Reply>
  /** Anything else that a client can send, such as to the pages below `/weir/`; it is not in the ledger. */
  send(method: 'GET' | 'POST', target: string, body: string | null): Promise<Reply>
}

export interface Wire {
  readonly weir: Weir
  readonly clock: Clock
  readonly ledger: Ledger
  readonly probe: Probe
  readonly realNow: () => number
  /** How long the model takes for an answer of so many tokens. */
  readonly modelMs: (outputTokens: number) => number
}

/** Frames, headers and the handshake's share of one request that is kept alive. */
const OVERHEAD_BYTES = 900

export function createClient(account: LabAccount, random: Random, wire: Wire): Client {
  const { face } = account
  const { weir, clock, ledger, probe, realNow } = wire
  let network = face.networks[0]!
  const headersOf = (): Record<string, string> => ({
    host: 'api.example.com',
    'user-agent': face.userAgent,
    authorization: `Bearer ${account.secret}`,
    'content-type': 'application/json',
    'x-forwarded-for': network.ip,
    'x-asn': `${network.asn}`,
    'x-country': network.country,
    'x-ja4': ja4Of(face.fingerprint),
  })
  const start = (method: 'GET' | 'POST', target: string, body: string, more: Ask['headers']): MemoryExchange =>
    memoryExchange({
      id: weir.nextId(),
      receivedAtMs: clock.now(),
      method,
      target,
      headers: { ...headersOf(), ...more },
      body,
      peerAddress: '127.0.0.1',
    })
  let last: Exchange | undefined
  return {
    account,
    get last() {
      return last
    },
    async ask({ messages, user, params, headers, sample }) {
      if (face.networks.length > 1 && random.next() < 0.1) network = random.pick(face.networks)
      const body = JSON.stringify({
        model: MODEL,
        messages: face.system === null ? messages : [{ role: 'system', content: face.system }, ...messages],
        ...face.params,
        ...params,
        ...(user === undefined ? {} : { user }),
      })
      const exchange = start('POST', '/v1/chat/completions', body, headers)
      const entry = opened(account, clock.now(), sample)
      last = entry
      ledger.open(exchange.id, entry)
      const marks = { askedAtMs: 0, answeredAtMs: 0 }
      probe.current = marks
      const startMs = realNow()
      await weir.handle(exchange)
      const endMs = realNow()
      const reply = replyOf(exchange)
      entry.cpuMs = marks.askedAtMs === 0 ? endMs - startMs : marks.askedAtMs - startMs + endMs - marks.answeredAtMs
      entry.status = reply.status
      entry.label = reply.label
      entry.wireBytes = OVERHEAD_BYTES + body.length + reply.body.length
      const took = clock.now() - entry.atMs
      // The event is put down at the next turn of the clock: only then are the tokens known.
      await sleep(clock, 0)
      entry.waitedMs = Math.max(0, took - (reply.status === 200 ? wire.modelMs(entry.outputTokens) : 0))
      return reply
    },
    async send(method, target, body) {
      const exchange = start(method, target, body ?? '', {})
      await weir.handle(exchange)
      return replyOf(exchange)
    },
  }
}

const MODEL = 'weir-demo-small'

const opened = (account: LabAccount, atMs: number, sample: string | undefined): Exchange => ({
  account: account.id,
  class: account.class,
  isHonest: account.isHonest,
  atMs,
  status: 0,
  action: 'allow',
  level: 'normal',
  refusal: null,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  wireBytes: 0,
  sample: sample ?? null,
  label: null,
  waitedMs: 0,
  cpuMs: 0,
})

function replyOf(exchange: MemoryExchange): Reply {
  const body = exchange.received.toString('utf8')
  const parsed = parse(body)
  const text = parsed.choices?.[0]?.message?.content ?? null
  const retry = exchange.headers['retry-after-ms']
  const seconds = exchange.headers['retry-after']
  return {
    status: exchange.status,
    headers: exchange.headers,
    body,
    code: parsed.error?.code ?? null,
    retryAfterMs: retry !== undefined ? Number(retry) : seconds !== undefined ? Number(seconds) * 1000 : null,
    text,
    label: text === null ? null : (/^Label: ([a-z-]+)\./.exec(text)?.[1] ?? null),
  }
}

interface Parsed {
  readonly choices?: readonly { readonly message?: { readonly content?: string | null } }[]
  readonly error?: { readonly code?: string | null }
}

function parse(body: string): Parsed {
  try {
    return JSON.parse(body) as Parsed
  } catch {
    return {}
  }
}

/** A TLS fingerprint that is the same for the same build of a program. */
function ja4Of(fingerprint: string): string {
  const hex = Buffer.from(fingerprint).toString('hex').slice(-12).padStart(12, '0')
  return `t13d1516h2_${hex}_000000000000`
}
