import { chance } from '../chance.ts'
import type { Client, Reply } from '../client.ts'
import { isFull, type Exchange } from '../ledger.ts'
import type { Random } from '../random.ts'
import type { LabAccount } from '../roster.ts'
import type { Actor, Stage } from '../run.ts'
import { everydayEnglish } from '../text/everyday.ts'
import { jobsOf, type Jobs, type Wording } from '../text/harvests.ts'
import { personSteps, type PersonStep } from '../text/language.ts'
import { drawOwnProgram, drawPool, type Infrastructure } from './face.ts'
import { nightly, steady, type Rhythm } from './rhythm.ts'

/**
 * A thief who wants so many answers and has a way to get them. It goes on until it has them, or nothing is left to try:
 * where an account is turned away it waits if that is soon, else takes the next one and comes back when it may.
 */
export interface HarvestPlan {
  readonly name: string
  /** Answers in full that it wants. */
  readonly goal: number
  /** Accounts that it uses at once, each at this pace. */
  readonly workers: number
  readonly everyMs: number
  readonly rhythm: 'even' | 'scattered' | 'night'
  readonly wording: Wording
  /** Of what it sends; the rest are talks like those of people, no two alike. */
  readonly share: number
  /** Asks the same again at once, so many times, when it is refused. */
  readonly retries: number
  /** `one hand`: a program and a few rented networks for all of its accounts. `apart`: everybody is somebody else. */
  readonly hand: 'one hand' | 'apart'
  /** Accounts that it can sign up at most, before the lab calls it off. */
  readonly maxAccounts: number
}

/** Signing up takes a text message and a form. */
export const SIGN_UP_MS = 180_000
/** Who has to wait longer than this takes another account meanwhile. */
const PATIENCE_MS = 600_000

export const thief = (plan: HarvestPlan): Actor => ({
  name: plan.name,
  leads: true,
  enter(random, roster, startMs) {
    const accounts = signUps(plan, random, roster, startMs)
    return async (stage) => {
      const purse = openPurse(stage, accounts, plan)
      const jobs = jobsOf(plan.wording)
      await Promise.all(
        Array.from({ length: plan.workers }, (_, i) =>
          work(stage, plan, purse, jobs, stage.random.fork(`worker/${i}`)),
        ),
      )
    }
  },
})

export function signUps(
  { hand, maxAccounts, name }: Pick<HarvestPlan, 'hand' | 'maxAccounts' | 'name'>,
  random: Random,
  roster: Parameters<Actor['enter']>[1],
  startMs: number,
): readonly LabAccount[] {
  const program = drawOwnProgram(random.fork('program'))
  const networks = drawPool(random.fork('pool'), 6)
  const infrastructure: Infrastructure = hand === 'one hand' ? { program, networks } : {}
  return Array.from({ length: maxAccounts }, (_, i) =>
    roster.add(random.fork(`account/${i}`), startMs, { class: name, isHonest: false, trust: 'new', infrastructure }),
  )
}

/** The accounts of a thief: those in use, those that may be used again later, and those that are yet to be made. */
export interface Purse {
  /** The next account to use: one that may go on, else a new one; null: there is none, and none will be. */
  take(): Promise<Held | null>
  /** Gives an account back, to be used from then on; null: never again. */
  park(held: Held, fromMs: number | null): void
  readonly opened: number
  readonly harvested: number
  isDone(): boolean
  note(exchange: Exchange | undefined): void
}

export interface Held {
  readonly client: Client
  readonly talk: Iterator<PersonStep>
}

export function openPurse(stage: Stage, accounts: readonly LabAccount[], { goal }: Pick<HarvestPlan, 'goal'>): Purse {
  const parked: { readonly held: Held; readonly fromMs: number }[] = []
  let opened = 0
  let harvested = 0
  const purse: Purse = {
    get opened() {
      return opened
    },
    get harvested() {
      return harvested
    },
    isDone: () => harvested >= goal || stage.now() >= stage.endMs,
    note(exchange) {
      if (exchange !== undefined && exchange.sample !== null && isFull(exchange)) harvested++
    },
    async take() {
      for (;;) {
        if (purse.isDone()) return null
        parked.sort((a, b) => a.fromMs - b.fromMs)
        const first = parked[0]
        if (first !== undefined && first.fromMs <= stage.now()) return parked.shift()!.held
        if (opened < accounts.length) {
          const account = accounts[opened++]!
          if (opened > 1) await stage.sleep(SIGN_UP_MS)
          const random = stage.random.fork(`talk/${account.id}`)
          return { client: stage.client(account), talk: personSteps(random, talker, () => 'Here it is.') }
        }
        if (first === undefined || first.fromMs >= stage.endMs) return null
        await stage.sleep(first.fromMs - stage.now())
      }
    },
    park(held, fromMs) {
      if (fromMs !== null) parked.push({ held, fromMs })
    },
  }
  return purse
}

const talker = everydayEnglish('thief')

async function work(stage: Stage, plan: HarvestPlan, purse: Purse, jobs: Jobs, random: Random): Promise<void> {
  const due = rhythmOf(plan, stage, random)
  let held = await purse.take()
  while (held !== null && (await due()) && !purse.isDone()) {
    const sent = chance(random, plan.share)
      ? await harvest(held.client, jobs, random, plan.retries, purse)
      : await chat(held)
    const next = afterwards(sent, stage.now())
    if (next === 'go on') continue
    purse.park(held, next)
    held = await purse.take()
  }
}

function rhythmOf({ rhythm, everyMs }: HarvestPlan, stage: Stage, random: Random): Rhythm {
  switch (rhythm) {
    case 'even':
      return steady(stage, random, everyMs, 0.05)
    case 'scattered':
      return steady(stage, random, everyMs, 1)
    case 'night':
      return nightly(stage, random, everyMs)
  }
}

/** One job, asked again at once as often as the plan says. */
export async function harvest(
  client: Client,
  jobs: Jobs,
  random: Random,
  retries: number,
  purse: Purse,
): Promise<Reply> {
  const { prompt, sample } = jobs(random)
  for (let tries = 0; ; tries++) {
    const reply = await client.ask({ messages: [{ role: 'user', content: prompt }], sample })
    purse.note(client.last)
    if (reply.status === 200 || tries >= retries) return reply
  }
}

export async function chat({ client, talk }: Held): Promise<Reply> {
  const { turns } = talk.next().value as PersonStep
  const messages = turns.map(({ role, text }) => ({ role, content: text }))
  return client.ask({ messages })
}

/** What a refusal teaches: go on, come back from then on, or never. */
export function afterwards({ status, retryAfterMs }: Reply, nowMs: number): 'go on' | number | null {
  if (status === 200 || status === 400) return 'go on'
  if (status === 429 || status === 503) {
    if (retryAfterMs === null) return null
    return retryAfterMs < PATIENCE_MS ? 'go on' : nowMs + retryAfterMs
  }
  return null
}
