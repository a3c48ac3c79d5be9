import type { Playbook } from './config/response-config.ts'
import type { AppliedAction, EndReason, Means } from './core/action.ts'
import type { Level } from './core/decision.ts'
import type { RequestEvent } from './core/event.ts'
import type { ActingConfig, ActingJudge, ActingOptions } from './acting-port.ts'
import {
  alertsBetween,
  isSoft,
  ladderOf,
  lastsMs,
  levelUnder,
  rankOf,
  thresholdOf,
  wantedBetween,
} from './escalation.ts'
import type { Stand } from './judging.ts'
import { callerOf, subjectOf, type Caller, type Place } from './place.ts'

/**
 * ACT, the end of the decision path: from how an account stands to actions in force. It climbs with the evidence, renews
 * what new evidence speaks for, and lets everything else run out; the request path only reads what it has written.
 */
export class Acting {
  readonly #options: ActingOptions
  #config: ActingConfig
  #playbooks: ReadonlyMap<string, Playbook>
  #least: number
  readonly #places = new Map<string, Place>()
  readonly #owners = new Map<string, string>()

  constructor(config: ActingConfig, options: ActingOptions) {
    this.#options = options
    this.#config = config
    this.#playbooks = byName(config.response.playbooks)
    this.#least = leastEvidence(config)
    this.#takeUp()
  }

  /** After an exchange was judged. */
  act(event: RequestEvent, judge: ActingJudge): void {
    if (this.#config.mode === 'off' || event.who === null) return
    const { account } = event.who
    const stand = judge.standOf(account)
    if (stand === null || stand.evidence < this.#least) return
    const known = this.#places.get(account)
    const name = event.playbook ?? known?.playbook
    const playbook = name === undefined ? undefined : this.#playbooks.get(name)
    if (playbook === undefined || playbook.mode === 'off') return
    const nowMs = event.atMs
    const ignored = known !== undefined && known.askedMs !== null && nowMs - known.askedMs > IGNORED_AFTER_MS
    const level = levelUnder(stand.standing, stand.families, ignored, ladderOf(playbook, this.#config.ladder))
    if (level === 'normal' || level === 'watch') return
    const place = this.#placeOf(callerOf(event), playbook.name)
    if (place.spared > 0 && --place.spared === 0) this.#holdBackNoMore(place, nowMs)
    if (rankOf(level) > rankOf(place.level)) this.#climb(place, stand, playbook, level, judge, nowMs)
    else if (this.#isFresh(place, playbook, stand, nowMs)) this.#renew(place, playbook, nowMs)
    if (rankOf(place.level) >= rankOf('step_up')) this.#join(place, stand.campaign)
  }

  #climb(place: Place, stand: Stand, playbook: Playbook, level: Level, judge: ActingJudge, nowMs: number): void {
    const above = place.level
    const { account } = place.caller
    const { campaign, evidence } = stand
    if (rankOf(above) < rankOf('step_up') && rankOf(level) >= rankOf('step_up')) place.repeat++
    place.level = level
    place.renewedMs = nowMs
    const findings = judge.findingsOn(account).map(({ says }) => says)
    const isHeldBack = !place.wasSpared && this.#options.random() < this.#config.response.truth.heldBack
    if (isHeldBack) {
      place.spared = SPARED_REQUESTS
      place.wasSpared = true
    }
    for (const { level: of, action, mode } of wantedBetween(playbook, above, level, this.#config.mode)) {
      const rule = `${playbook.name}/${of}`
      this.#apply(place, {
        spec: action.spec,
        subject: subjectOf(action, place.caller, campaign),
        scope: playbook.match.filter(({ dimension }) => ofRequests.has(dimension)),
        mode: this.#options.isDemoted(rule) ? 'shadow' : mode,
        // What many share is held back from nobody: one of them would speak for all.
        heldBack: isHeldBack && action.on !== 'campaign' && isSoft(action.spec.action),
        by: { kind: 'playbook', name: rule },
        reason: `evidence ${Math.round(evidence)}`,
        level: of,
        evidence,
        findings,
        campaign,
        group: null,
        atMs: nowMs,
        untilMs: nowMs + lastsMs(playbook, of, level, place.repeat),
      })
      if (action.spec.action === 'step_up') place.askedMs ??= nowMs
    }
    const names = [...new Set(alertsBetween(playbook, above, level))]
    const alert = { level, account, campaign, evidence, rule: playbook.name, findings, atMs: nowMs }
    if (names.length > 0) this.#options.alert(names, alert)
  }

  /** Only whoever is asked itself shares what its campaign meets: to resemble one is not enough. */
  #join(place: Place, campaign: string | null): void {
    if (campaign === null || campaign === place.campaign) return
    place.campaign = campaign
    this.#options.register.setCampaign(place.caller.account, campaign)
  }

  /** What was held back to be measured is in force from now on: a share of a fleet must not go free for good. */
  #holdBackNoMore(place: Place, nowMs: number): void {
    for (const id of Array.from(place.actions)) {
      const action = this.#options.register.get(id)
      if (action?.heldBack !== true) continue
      const { id: _, ...same } = action
      this.#apply(place, { ...same, heldBack: false, atMs: nowMs })
    }
  }

  /** Evidence of its latest prompts still speaks for the level. */
  #isFresh(place: Place, playbook: Playbook, stand: Stand, nowMs: number): boolean {
    return (
      rankOf(place.level) > rankOf('step_up') &&
      nowMs - place.renewedMs >= playbook.cooldownMs * RENEW_PART &&
      stand.current >= playbook.hysteresis * thresholdOf(place.level, ladderOf(playbook, this.#config.ladder))
    )
  }

  #renew(place: Place, playbook: Playbook, nowMs: number): void {
    place.renewedMs = nowMs
    for (const id of Array.from(place.actions)) {
      const action = this.#options.register.get(id)
      if (action === null || action.level === null) continue
      const untilMs = nowMs + lastsMs(playbook, action.level, place.level, place.repeat)
      const { id: _, ...same } = action
      if (untilMs > action.untilMs) this.#apply(place, { ...same, untilMs })
    }
  }

  #apply(place: Place, action: Omit<AppliedAction, 'id'>): void {
    const { account } = place.caller
    const done = this.#options.register.apply(action)
    if (!done.ok) {
      this.#options.say('action_refused', { account, rule: action.by.name, problem: done.error })
      return
    }
    // What a campaign shares is nobody's own: it outlives the member that brought it about.
    if (action.subject.kind === 'campaign') return
    place.actions.add(done.value.id)
    this.#owners.set(done.value.id, account)
  }

  /** An action has ended, by whatever: whoever shows nothing new goes down, and begins anew when nothing is left. */
  ended(action: AppliedAction, why: EndReason, judge: ActingJudge | null, nowMs: number): void {
    const account = this.#owners.get(action.id)
    const place = account === undefined ? undefined : this.#places.get(account)
    this.#owners.delete(action.id)
    if (account === undefined || place === undefined || !place.actions.delete(action.id)) return
    if (why !== 'expired' && why !== 'lifted') return
    const left = this.#levelLeft(place)
    if (rankOf(left) >= rankOf(place.level)) return
    place.level = left
    if (rankOf(left) < rankOf('step_up')) place.askedMs = null
    judge?.restart(account, 1)
    // Whoever met nothing has nothing to be on probation for.
    if (left === 'normal' && why === 'expired' && !action.heldBack) this.#probation(account, place, action.mode, nowMs)
  }

  /** Somebody who was asked has answered: the evidence is so many times less than it was. */
  passed(account: string, means: Means, likelihoodRatio: number, judge: ActingJudge, nowMs: number): boolean {
    const place = this.#places.get(account)
    const stand = judge.standOf(account)
    const playbook = place === undefined ? undefined : this.#playbooks.get(place.playbook)
    if (place === undefined || stand === null || playbook === undefined) return false
    const left = stand.evidence / likelihoodRatio
    const { stepUp } = ladderOf(playbook, this.#config.ladder)
    // Whoever is asked and no more has answered; beyond that an answer has to outweigh the evidence.
    if (rankOf(place.level) > rankOf('tarpit') && left >= stepUp) return false
    for (const id of Array.from(place.actions)) {
      place.actions.delete(id)
      this.#owners.delete(id)
      this.#options.register.end(id, 'passed', means, nowMs)
    }
    this.#options.register.setCampaign(account, null)
    place.level = 'normal'
    place.askedMs = null
    judge.restart(account, Math.max(1, Math.min(left, stepUp * (likelihoodRatio > 1 ? LEFT_PART : LEFT_AGAIN))))
    return true
  }

  /** Ids of what is in force on an account by its playbook. */
  actionsOn(account: string): readonly string[] {
    return [...(this.#places.get(account)?.actions ?? [])]
  }

  /** Puts other rules in force; what the old ones have brought about ends, and comes again where the new ones want it. */
  reload(config: ActingConfig, judge: ActingJudge | null, nowMs: number): void {
    const before = this.#config
    this.#config = config
    this.#playbooks = byName(config.response.playbooks)
    this.#least = leastEvidence(config)
    if (JSON.stringify(ruling(before)) === JSON.stringify(ruling(config))) return
    const known = [...this.#places].filter(([, { level }]) => level !== 'normal')
    for (const [account, place] of known) {
      const playbook = this.#playbooks.get(place.playbook)
      const stand = judge?.standOf(account) ?? null
      this.#drop(place, nowMs)
      place.level = 'normal'
      if (playbook === undefined || stand === null || judge === null || config.mode === 'off') continue
      const level = levelUnder(stand.standing, stand.families, false, ladderOf(playbook, config.ladder))
      if (rankOf(level) < rankOf('notice')) continue
      place.repeat = Math.max(0, place.repeat - 1)
      this.#climb(place, stand, playbook, level, judge, nowMs)
    }
  }

  #drop(place: Place, nowMs: number): void {
    for (const id of Array.from(place.actions)) {
      place.actions.delete(id)
      this.#owners.delete(id)
      this.#options.register.end(id, 'replaced', 'config', nowMs)
    }
  }

  #probation(account: string, place: Place, mode: AppliedAction['mode'], nowMs: number): void {
    const playbook = this.#playbooks.get(place.playbook)
    if (playbook === undefined || playbook.probation.lastsMs === 0 || this.#config.mode === 'off') return
    this.#options.register.apply({
      spec: { action: 'squeeze', factor: playbook.probation.factor, requestsPerDay: null },
      subject: { kind: 'account', value: account },
      scope: [],
      mode: this.#options.isDemoted(`${playbook.name}/probation`) ? 'shadow' : mode,
      heldBack: false,
      by: { kind: 'playbook', name: `${playbook.name}/probation` },
      reason: 'what was in force has run out',
      level: null,
      evidence: null,
      findings: [],
      campaign: null,
      group: null,
      atMs: nowMs,
      untilMs: nowMs + playbook.probation.lastsMs,
    })
  }

  #levelLeft({ actions }: Place): Level {
    let left: Level = 'normal'
    for (const id of actions) {
      const level = this.#options.register.get(id)?.level ?? 'normal'
      if (rankOf(level) > rankOf(left)) left = level
    }
    return left
  }

  #placeOf(caller: Caller, playbook: string): Place {
    let place = this.#places.get(caller.account)
    if (place === undefined) {
      const none = {
        level: 'normal',
        repeat: 0,
        renewedMs: 0,
        askedMs: null,
        campaign: null,
        spared: 0,
        wasSpared: false,
      } as const
      place = { ...none, caller, playbook, actions: new Set() }
      this.#places.set(caller.account, place)
    }
    place.caller = caller
    place.playbook = playbook
    return place
  }

  /** What an earlier process has left in force. */
  #takeUp(): void {
    for (const action of this.#options.register.list()) {
      const { by, subject, level, atMs, campaign } = action
      if (by.kind !== 'playbook' || level === null || subject.kind !== 'account') continue
      const account = subject.value
      const caller = { account, keyId: '', user: null, ipPrefix: null, asn: null, fingerprint: null }
      const place = this.#placeOf(caller, by.name.split('/')[0]!)
      place.repeat = 1
      place.renewedMs = Math.max(place.renewedMs, atMs)
      if (rankOf(level) > rankOf(place.level)) place.level = level
      if (action.spec.action === 'step_up') place.askedMs = atMs
      if (action.heldBack) Object.assign(place, { spared: SPARED_REQUESTS, wasSpared: true })
      place.actions.add(action.id)
      this.#owners.set(action.id, account)
      if (rankOf(level) >= rankOf('step_up')) this.#join(place, campaign)
    }
  }
}

/** Long enough for a person to have seen that something is asked. */
const IGNORED_AFTER_MS = 86_400_000
/** Of a cooldown: new evidence prolongs an action no more often than this. */
const RENEW_PART = 0.25
/** Requests for which a soft action is held back: enough to see how the account goes on. */
const SPARED_REQUESTS = 25
/**
 * Of what is left of the evidence after a pass, no more than this part of a step-up's threshold stays: else an honest
 * account would be asked again by chance. Of an answer that was given before and says nothing new, more stays.
 */
const LEFT_PART = 0.05
const LEFT_AGAIN = 0.2

/** Dimensions that differ from request to request of one caller: an action holds for such requests only. */
const ofRequests: ReadonlySet<string> = new Set(['model', 'endpoint', 'route', 'prompt_class'])

const byName = (playbooks: readonly Playbook[]): ReadonlyMap<string, Playbook> =>
  new Map(playbooks.map((playbook) => [playbook.name, playbook]))

/** Below this much evidence no playbook does anything. */
const leastEvidence = ({ ladder, response }: ActingConfig): number =>
  Math.min(
    ladder.notice,
    ...response.playbooks.flatMap(({ levels }) => levels.map(({ evidence }) => evidence ?? Infinity)),
  )

/** What a reload must have changed for actions to be looked at again. */
const ruling = ({ mode, ladder, response: { playbooks } }: ActingConfig): object => ({ mode, ladder, playbooks })
