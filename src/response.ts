import type { ActionRegister } from './actions/register.ts'
import { AlertSender, type SenderOptions, type SenderStats } from './alerts/sender.ts'
import type { Config } from './config/config.ts'
import type { Means, Scope } from './core/action.ts'
import type { Clock } from './core/clock.ts'
import type { RequestEvent } from './core/event.ts'
import type { Records } from './core/records.ts'
import { supportedByKey } from './decoys/evidence.ts'
import type { StepUps } from './stepup/step-ups.ts'
import { Acting } from './acting.ts'
import type { ActingConfig, ActingJudge, Alert } from './acting-port.ts'
import { Asks } from './asks.ts'
import { Repeats } from './repeats.ts'
import { endActionsOf, Truth, type RuleRecord, type Verdict } from './truth.ts'

/**
 * RESPONSE, put together: the register of actions in force, who writes into it, what operators are told, and what is
 * learned about whether it was right.
 */
export interface ResponseOptions {
  readonly clock: Clock
  readonly records: Records
  readonly register: ActionRegister
  readonly judge: ActingJudge
  /** A whole number from 0 to below its argument. */
  random(below: number): number
  /** What declared purposes and grants open. */
  readonly openings: Pick<StepUps, 'takeRequest' | 'grantFor' | 'useGrant'>
  readonly post: SenderOptions['post']
  /** Of this machine, for syslog. */
  readonly host: string
  say(level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>): void
}

/** An answer to a step-up that counts, and how many times rarer it is among thieves. */
export interface Passed {
  readonly account: string
  readonly means: Means
  readonly likelihoodRatio: number
  readonly atMs: number
}

/** From attestation on a pass says that the action was wrong, and not only that somebody had the means. */
const PROVES_HONEST = 100
const MILLION = 1_000_000
/** Addresses change hands. */
const HONEY_KEY_LASTS_MS = 86_400_000

export class Response {
  readonly truth: Truth
  /** What the request path reads. */
  readonly asks: Asks
  readonly #options: ResponseOptions
  readonly #alerts: AlertSender
  readonly #acting: Acting
  readonly #repeats = new Repeats()
  #config: Config

  constructor(config: Config, options: ResponseOptions) {
    const { clock, records, register, judge, say } = options
    this.#options = options
    this.#config = config
    const random = (): number => options.random(MILLION) / MILLION
    this.asks = new Asks({
      register,
      takeRequest: (account, nowMs) => options.openings.takeRequest(account, nowMs),
      hasGrant: (account, model, nowMs) => options.openings.grantFor(account, model, nowMs) !== null,
      now: () => clock.now(),
    })
    this.#alerts = new AlertSender({
      clock,
      random,
      host: options.host,
      post: options.post,
      say: (what, details) => say('warn', what, details),
    })
    this.#alerts.targets(config.response.alerts)
    this.truth = new Truth(config.response.truth, records, (rule) => this.#demoted(rule))
    this.#acting = new Acting(actingConfig(config), {
      register,
      random,
      isDemoted: (rule) => this.truth.isDemoted(rule),
      alert: (names, alert) => this.#alert(names, alert),
      say: (what, details) => say('warn', what, details),
    })
    // What an earlier process has left in force can be reviewed like anything else.
    for (const action of register.list()) this.truth.applied(action)
    register.changed((action) => this.truth.applied(action))
    register.ended(({ action, why, atMs }) => this.#acting.ended(action, why, judge, atMs))
  }

  /** After an exchange was judged. */
  act(event: RequestEvent): void {
    const { judge, openings } = this.#options
    const { who, model, usage, atMs } = event
    if (who !== null && model !== null && openings.grantFor(who.account, model, atMs) !== null)
      openings.useGrant(who.account, usage.inputTokens + usage.outputTokens)
    this.#acting.act(event, judge)
    this.#slowLoops(event)
    this.#answerHoneyKey(event)
  }

  /** Somebody has passed a step-up; whether that was enough for what is in force. */
  passed({ account, means, likelihoodRatio, atMs: nowMs }: Passed): boolean {
    const behind = this.#acting.actionsOn(account)
    const done = this.#acting.passed(account, means, likelihoodRatio, this.#options.judge, nowMs)
    if (done && likelihoodRatio >= PROVES_HONEST)
      for (const id of behind) this.truth.review(id, 'wrong', `passed by ${means}`, nowMs)
    this.asks.answered(account, nowMs)
    for (const { id, spec, by } of this.#options.register.of({ kind: 'account', value: account }))
      // What a person has asked by hand is answered too.
      if (spec.action === 'step_up' && by.kind !== 'playbook') this.#options.register.end(id, 'passed', means, nowMs)
    return done
  }

  /** Somebody has looked at an action and says what it was. */
  review(action: string, verdict: Verdict, by: string): ReturnType<Truth['review']> {
    return this.truth.review(action, verdict, by, this.#options.clock.now())
  }

  reload(config: Config): void {
    this.#config = config
    this.truth.config = config.response.truth
    this.#alerts.targets(config.response.alerts)
    this.#acting.reload(actingConfig(config), this.#options.judge, this.#options.clock.now())
  }

  get alertStats(): SenderStats {
    return this.#alerts.stats
  }

  close(): void {
    this.#alerts.close()
  }

  #alert(names: readonly string[], alert: Alert): void {
    const { account, level, campaign, evidence, rule, findings, atMs } = alert
    const of = campaign === null ? '' : `, of campaign ${campaign}`
    this.#alerts.tell(names, {
      atMs,
      headline: `Weir: account ${account}${of}, has reached "${level}" (evidence ${Math.round(evidence)})`,
      details: { account, level, campaign, evidence: Math.round(evidence), playbook: rule, findings },
    })
  }

  /** A caller that repeats itself is slowed for its own sake, and told why. */
  #slowLoops(event: RequestEvent): void {
    const { loops } = this.#config.response
    if (loops === null || this.#config.detection.mode === 'off') return
    const count = this.#repeats.note(event, loops)
    if (count === null) return
    const { requestsPerMinute, lastsMs } = loops
    const { user, session } = event
    const one = (dimension: 'user' | 'session', value: string | null): Scope =>
      value === null ? [] : [{ dimension, globs: [value] }]
    this.#options.register.apply({
      spec: { action: 'throttle', requestsPerMinute, tell: `The same request was sent ${count} times in a row.` },
      subject: { kind: 'key', value: event.who!.keyId },
      scope: [...one('user', user), ...one('session', session)],
      mode: 'enforce',
      heldBack: false,
      by: { kind: 'playbook', name: 'loops' },
      reason: `the same request ${count} times in a row`,
      level: null,
      evidence: null,
      findings: [],
      campaign: null,
      group: null,
      atMs: event.atMs,
      untilMs: event.atMs + lastsMs,
    })
  }

  /** A key that only a thief can have says where a thief is: there its program is asked who it is. */
  #answerHoneyKey(event: RequestEvent): void {
    const { mode } = this.#config.detection
    const key = event.decoys.find(({ kind }) => kind === 'key')
    if (key === undefined || mode === 'off') return
    const nowMs = event.atMs
    const supported = supportedByKey(event)
    if (supported === null) return
    const by = { kind: 'decoy', name: key.name } as const
    // Who goes on with it is answered already, and operators need not hear of each time.
    if (this.#options.register.of(supported.subject).some(({ by: { name } }) => name === by.name)) return
    this.#options.register.apply({
      ...supported,
      spec: { action: 'step_up', grace: 0, means: ['proof_of_work', 'attestation'] },
      mode,
      heldBack: false,
      by,
      reason: `the honey key ${key.name} was used`,
      level: null,
      evidence: key.weight,
      findings: [],
      campaign: null,
      group: null,
      atMs: nowMs,
      untilMs: nowMs + HONEY_KEY_LASTS_MS,
    })
    this.#tellAll(nowMs, `Weir: the honey key ${key.name} was used from ${event.network.ipPrefix}`, {
      key: key.name,
      network: event.network.ipPrefix,
      asn: event.network.asn,
      fingerprint: event.client?.id ?? null,
      user_agent: event.userAgent,
    })
  }

  #tellAll(atMs: number, headline: string, details: Readonly<Record<string, unknown>>): void {
    const names = this.#config.response.alerts.map(({ name }) => name)
    this.#alerts.tell(names, { atMs, headline, details })
  }

  #demoted(rule: RuleRecord): void {
    const nowMs = this.#options.clock.now()
    const { wrong, right } = rule
    this.#options.say('warn', 'rule_demoted', { rule: rule.rule, wrong, reviewed: wrong + right })
    endActionsOf(rule.rule, this.#options.register, nowMs)
    const headline = `Weir: rule ${rule.rule} was wrong ${wrong} of ${wrong + right} times and only notes from now on`
    this.#tellAll(nowMs, headline, { rule: rule.rule, wrong, right, wrong_at_least: rule.wrongAtLeast })
  }
}

const actingConfig = ({ detection: { mode, ladder }, response }: Config): ActingConfig => ({ mode, ladder, response })
