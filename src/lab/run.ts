import { createHash } from 'node:crypto'
import { compose } from '../compose.ts'
import type { AppliedAction, EndReason } from '../core/action.ts'
import { sleep } from '../core/clock.ts'
import type { AccountCase, CampaignCase } from '../core/decision.ts'
import { err, ok, type Result } from '../core/result.ts'
import { armConfig, type Arm } from './arms.ts'
import { createClient, type Client } from './client.ts'
import { createDemoModel } from './demo-model.ts'
import { createLedger, type Exchange } from './ledger.ts'
import { probed, type Probe } from './probe.ts'
import { createRandom, type Random } from './random.ts'
import { createRoster, type LabAccount, type Person, type Roster } from './roster.ts'
import { createVirtualClock } from './virtual-clock.ts'

/**
 * One run of the lab: a configuration and the people, programs and thieves in front of it, over virtual days. Everybody
 * sends through the same `handle` that serves HTTP, and knows of Weir only what an answer shows.
 */
export interface RunOptions {
  readonly arm: Arm
  readonly seed: string
  /** More of `weir.yaml` for the protected arm. */
  readonly more?: string
  readonly actors: readonly Actor[]
  /** Nobody sends after this long. */
  readonly horizonMs: number
  /** Told now and then how far the virtual clock has come. */
  readonly progress?: (partDone: number) => void
  /** Told before anybody acts: for who shows a run while it goes on. */
  readonly watch?: (scene: Scene) => void
}

/** What a spectator sees, who takes no part: more than any client does. */
export interface Scene {
  readonly exchanges: readonly Exchange[]
  readonly startMs: number
  now(): number
  /** Which kind of customer or attack is behind an account as Weir names it; null: nobody of this run. */
  whoIs(account: string): Person | null
  /** Calls back for every action that comes into force, and for every one that ends. */
  acted(fn: (action: AppliedAction) => void): void
  ended(fn: (action: AppliedAction, why: EndReason) => void): void
}

/** A part in the play. `enter` signs its accounts up before the run; what it gives back acts. */
export interface Actor {
  readonly name: string
  /** The run is about this one: when all such are done it is over, whatever others still have before them. */
  readonly leads?: boolean
  enter(random: Random, roster: Roster, startMs: number): (stage: Stage) => Promise<void>
}

export interface Stage {
  readonly random: Random
  readonly startMs: number
  readonly endMs: number
  now(): number
  sleep(ms: number): Promise<void>
  client(account: LabAccount): Client
  /** Exchanges so far: what a thief knows of its own, it reads from here. */
  readonly exchanges: readonly Exchange[]
  /** Whoever solves proofs of work says how many hashes a full one would have taken. */
  spendHashes(count: number): void
}

export interface RunResult {
  readonly exchanges: readonly Exchange[]
  readonly campaigns: readonly CampaignCase[]
  /** What Weir knows of accounts that it looks at, by its own names. */
  readonly cases: readonly AccountCase[]
  readonly startMs: number
  readonly hashes: number
  /** Virtual hours that passed. */
  readonly hours: number
  /** Real seconds of the processor, all in all. */
  readonly cpuS: number
}

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
/** A Monday, so that weekdays fall where people expect them. */
const START_MS = Date.UTC(2026, 2, 2)
const STEP_MS = 600_000

/** The model's pace: before its first byte, and a token. */
const FIRST_BYTE_MS = 350
const TOKENS_PER_SECOND = 100
const modelMs = (outputTokens: number): number => FIRST_BYTE_MS + (outputTokens * 1000) / TOKENS_PER_SECOND

export async function run({
  arm,
  seed,
  actors,
  horizonMs,
  more,
  progress,
  watch,
}: RunOptions): Promise<Result<RunResult, string>> {
  const clock = createVirtualClock(START_MS)
  const random = createRandom(seed)
  const roster = createRoster()
  const parts = actors.map((actor) => actor.enter(random.fork(`enter/${actor.name}`), roster, START_MS))
  const config = armConfig(arm, { ...roster, hostingAsns: roster.hostingAsns, ...(more === undefined ? {} : { more }) })
  if (!config.ok) return config
  const ledger = createLedger()
  const probe: Probe = { current: { askedAtMs: 0, answeredAtMs: 0 } }
  const realNow = (): number => performance.now()
  const ids = random.fork('ids')
  let hashes = 0
  const composed = compose(config.value, {
    clock,
    random: (below) => ids.below(below),
    embedded: () =>
      probed(
        createDemoModel({ clock, seed: MODEL_SEED, firstByteMs: FIRST_BYTE_MS, tokensPerSecond: TOKENS_PER_SECOND }),
        probe,
        realNow,
      ),
    sinks: [ledger.sink],
    journal: null,
    leases: null,
    records: null,
    log: null,
    secrets: {
      tokens: secret(seed, 'tokens'),
      fingerprints: secret(seed, 'prints'),
      detection: secret(seed, 'judge'),
      stepUp: secret(seed, 'step-up'),
      decoys: secret(seed, 'decoys'),
    },
    detection: null,
    post: () => Promise.reject(new Error('the lab has no network')),
    host: 'lab',
    fetchJson: () => Promise.reject(new Error('the lab has no network')),
    say: () => {},
  })
  if (!composed.ok) return err(composed.error)
  const weir = composed.value
  const wire = { weir, clock, ledger, probe, realNow, modelMs }
  const stageFor = (name: string): Stage => {
    const own = random.fork(`act/${name}`)
    return {
      random: own,
      startMs: START_MS,
      endMs: START_MS + horizonMs,
      now: () => clock.now(),
      sleep: (ms) => sleep(clock, ms),
      client: (account) => createClient(account, own.fork(account.id), wire),
      exchanges: ledger.exchanges,
      spendHashes: (count) => {
        hashes += count
      },
    }
  }
  watch?.({
    exchanges: ledger.exchanges,
    startMs: START_MS,
    now: () => clock.now(),
    whoIs: (account) => roster.whoIs(account),
    acted: (fn) => weir.actions.changed(fn),
    ended: (fn) => weir.actions.ended(({ action, why }) => fn(action, why)),
  })
  const before = process.cpuUsage()
  const end = { isReached: false, failure: null as unknown }
  const failed = (error: unknown): void => {
    end.failure ??= error
    end.isReached = true
  }
  const acts = parts.map((act, i) => act(stageFor(actors[i]!.name)))
  const leads = acts.filter((_, i) => actors[i]!.leads === true)
  for (const act of acts) act.catch(failed)
  Promise.all(leads.length > 0 ? leads : acts).then(() => {
    end.isReached = true
  }, failed)
  // Rooms may have timers that never end, so time goes on for as long as somebody acts.
  while (!end.isReached) {
    await clock.advance(STEP_MS)
    progress?.(Math.min(1, (clock.now() - START_MS) / horizonMs))
  }
  if (end.failure !== null) throw end.failure
  const spent = process.cpuUsage(before)
  const campaigns = weir.detection.campaigns()
  const cases = weir.detection.accounts()
  const hours = (clock.now() - START_MS) / HOUR_MS
  await weir.close()
  return ok({
    exchanges: ledger.exchanges,
    campaigns,
    cases,
    startMs: START_MS,
    hashes,
    hours,
    cpuS: (spent.user + spent.system) / 1e6,
  })
}

/** The model is the same in every run, so that what two arms gave away can be compared. */
export const MODEL_SEED = 'weir-lab'

const secret = (seed: string, purpose: string): Buffer => createHash('sha256').update(`${seed}/${purpose}`).digest()
