import type { RecordedExchange, RecordedTurn } from '../../src/core/recorded.ts'
import type { Random } from '../../src/lab/random.ts'
import type { Clock } from './clock.ts'
import { type Face, hexOf } from '../../src/lab/traffic/face.ts'
import { chance, logNormal } from '../../src/lab/chance.ts'
import type { Account, Kind, Sent } from './traffic.ts'

/** What an account says in one exchange, before it has a time and a place. */
export interface Step {
  /** As it would be sent, oldest first, without the account's system prompt. */
  readonly turns: readonly RecordedTurn[]
  readonly harvest: boolean
  /** Where they differ from what the account's face says. */
  readonly user?: string
  readonly system?: string
  readonly model?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly status?: number
}

export interface Plan {
  readonly kind: Kind
  readonly class: string
  readonly face: Face
  readonly startMs: number
  readonly count: number
  readonly clock: Clock
  /** Made anew at each call, always the same; ends the account early where it runs dry. */
  readonly steps: (random: Random) => Iterator<Step>
}

export function createAccount(plan: Plan, random: Random): Account {
  return {
    id: plan.face.tenant ?? plan.face.key,
    kind: plan.kind,
    class: plan.class,
    startMs: plan.startMs,
    exchanges: () => exchanges(plan, random),
  }
}

function* exchanges({ face, startMs, count, clock, steps }: Plan, random: Random): Generator<Sent> {
  const times = clock(random.fork('times'), startMs, count)
  const said = steps(random.fork('steps'))
  const own = random.fork('rest')
  let session = face.sessions ? `s-${hexOf(own)}` : null
  let network = face.networks[0]!
  for (;;) {
    const time = times.next()
    const step = time.done === true ? null : said.next()
    if (time.done === true || step === null || step.done === true) return
    const { value } = step
    // Neither follows what is said, so that they tell nothing about it.
    if (face.sessions && chance(own, 0.2)) session = `s-${hexOf(own)}`
    if (face.networks.length > 1 && chance(own, 0.1)) network = own.pick(face.networks)
    const system = value.system ?? face.system
    const shown = face.withHistory || value.system !== undefined ? value.turns : value.turns.slice(-1)
    const turns = system === null ? shown : [{ role: 'system' as const, text: system }, ...shown]
    const outputTokens = value.status === undefined ? drawOutput(own, value.turns.at(-1)!.role === 'tool') : 0
    const exchange: RecordedExchange = {
      timeMs: time.value,
      key: face.key,
      tenant: face.tenant,
      user: value.user ?? null,
      ip: network.ip,
      asn: network.asn,
      asnType: network.asnType,
      country: network.country,
      userAgent: face.userAgent,
      fingerprint: face.fingerprint,
      session,
      profile: null,
      accountCreatedMs: face.accountCreatedMs,
      endpoint: face.endpoint,
      model: value.model ?? face.model,
      stream: face.stream,
      turns,
      params: value.params ?? face.params,
      answer: null,
      inputTokens: tokensOf(turns),
      outputTokens,
      cachedTokens: 0,
      reasoningTokens: 0,
      costNanoUsd: null,
      status: value.status ?? 200,
      finishReason: value.status === undefined ? 'stop' : null,
      latencyMs: Math.round(300 + outputTokens * 18 * (0.7 + 0.6 * own.next())),
      clientAborted: false,
    }
    yield { exchange, harvest: value.harvest }
  }
}

/** By the kind of exchange alone, so that the length of answers tells nothing about who asks. */
const drawOutput = (random: Random, byTool: boolean): number =>
  Math.max(1, Math.min(4000, Math.round(byTool ? logNormal(random, 90, 1.3) : logNormal(random, 260, 0.9))))

function tokensOf(turns: readonly RecordedTurn[]): number {
  let units = 0
  for (const { text } of turns) units += text.length
  return Math.max(1, Math.round(units / 4))
}
