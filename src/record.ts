import type { RequestEvent } from './core/event.ts'
import type { Fact, Facts, RecordEntry, RecordLog, Sealed, SealedKind } from './core/record-log.ts'
import { sealed } from './core/record-log.ts'
import type { RecordKind, Records } from './core/records.ts'
import type { EventSink } from './loop.ts'

/** What of Weir's doings goes into its log, and in which words. How the log is kept is the audit room's business. */

/** Longer texts of a client's making are cut: what they would add proves nothing. */
const MAX_TEXT_CHARS = 512

/**
 * Every exchange is on record: with everything known of it where it was cut, or where somebody who had shown who it is was
 * refused, met an action in force, or touched a decoy; else as a digest. Whoever shows no credential can make the log grow by a digest a request, and
 * no more: a stolen key's use is told whole only as often as a network may fail to authenticate.
 */
export const recordEvents =
  (log: RecordLog & { exchange(event: RequestEvent): void }): EventSink =>
  (event) => {
    if (isTold(event)) log.append(decisionOf(event))
    else log.exchange(event)
  }

function isTold({ outcome, who, refusal, action, decoys }: RequestEvent): boolean {
  if (outcome === 'cut') return true
  if (who !== null) return outcome === 'refused' || action !== 'allow' || decoys.length > 0
  return refusal?.kind === 'unauthenticated' && decoys.some(({ kind }) => kind === 'key')
}

export function decisionOf(event: RequestEvent): RecordEntry {
  const { who, network, client, usage, cost } = event
  return {
    type: 'decision',
    // In the order of the canonical form, so that nothing has to be sorted.
    what: told({
      account: seal('account', who?.account),
      action: event.action === 'allow' ? null : event.action,
      actions: event.actions,
      asn: network.asn,
      at: event.atMs,
      charges: event.charges.map(({ limit, resource, units, debt }) => ({ limit, resource, units, debt })),
      config: event.config,
      cost_nano_usd: cost.nanoUsd,
      country: network.country,
      credential: who?.credential ?? null,
      cut_by: event.cutBy,
      decoys: event.decoys.map(({ kind, name, weight, owner }) =>
        told({ kind, name: clip(name), owner: seal('account', owner), weight }),
      ),
      end: event.endMs,
      endpoint: event.endpoint,
      exchange: event.id,
      exemptions: event.exemptions,
      fault: event.fault,
      fingerprint: seal('fingerprint', client?.id),
      flags: event.flags,
      input_tokens: usage.inputTokens,
      ip: seal('ip', network.ip),
      key: seal('key', who?.keyId),
      model: event.model === null ? null : clip(event.model),
      outcome: event.outcome,
      output_tokens: usage.outputTokens,
      profile: who?.profile ?? null,
      prompt_class: event.promptClass,
      refusal: event.refusal === null ? null : clipped(event.refusal),
      reputation: event.reputation,
      session: seal('session', event.session),
      shadow: event.shadow,
      shadow_actions: event.shadowActions,
      status: event.status,
      upstream: event.upstream,
      usage_source: event.usageSource,
      user: seal('user', event.user),
    }),
  }
}

/** What is not there is not said: half of an event is empty for a request that was refused. */
function told(facts: Facts): Facts {
  const out: Record<string, Fact> = {}
  for (const name in facts) {
    const fact = facts[name]!
    if (fact !== null && !(Array.isArray(fact) && fact.length === 0)) out[name] = fact
  }
  return out
}

const seal = (kind: SealedKind, value: string | null | undefined): Sealed | null =>
  value === null || value === undefined ? null : sealed(kind, clip(value))

const clip = (text: string): string => (text.length > MAX_TEXT_CHARS ? text.slice(0, MAX_TEXT_CHARS) : text)

/** A refusal holds names and numbers, and some names are the client's. */
const clipped = (refusal: object): Facts =>
  Object.fromEntries(
    Object.entries(refusal).map(([name, value]: [string, Fact]) => [
      name,
      typeof value === 'string' ? clip(value) : value,
    ]),
  )

/** Records whose changes are administrative acts. Whoever acknowledges one waits until the log has settled. */
export function recordedRecords(records: Records, log: RecordLog): Records {
  return {
    all: (kind) => records.all(kind),
    put(kind, id, value) {
      records.put(kind, id, value)
      const act = acts[kind]?.(id, value)
      if (act !== undefined) log.append({ type: 'admin', what: act })
    },
    remove(kind, id) {
      records.remove(kind, id)
      // What is forgotten here has ended by itself: nobody has done anything.
      if (kind === 'step_up') return
      log.append({
        type: 'admin',
        what: { act: `${kind}_removed`, by: 'control', detail: { subject: sealed('text', id) } },
      })
    },
    // What changes by the thousand is told by whoever decides it.
    write: (changes) => records.write(changes),
  }
}

type Act = (RecordEntry & { readonly type: 'admin' })['what']

function accepted(account: string, value: string): Act {
  const { version, keyId, atMs } = JSON.parse(value) as { version: string; keyId: string; atMs: number }
  const detail = { account: sealed('account', account), key: sealed('key', keyId), version, at: atMs }
  return { act: 'terms_accepted', by: 'customer', detail }
}

const confirmed = (id: string, value: string): Act => (id.startsWith('review:') ? reviewed(value) : passed(value))

function passed(value: string): Act {
  const { account, shown } = JSON.parse(value) as {
    readonly account: string
    readonly shown: readonly { readonly kind: string; readonly atMs: number }[]
  }
  const { kind, atMs } = shown.at(-1)!
  return { act: 'step_up_passed', by: 'customer', detail: { account: sealed('account', account), kind, at: atMs } }
}

/** What an account has asked a person to decide, what was decided, or that more of it is used. */
function reviewed(value: string): Act {
  const { what, review } = JSON.parse(value) as {
    readonly what: 'asked' | 'decided' | 'used'
    readonly review: {
      readonly id: string
      readonly account: string
      readonly asked: { readonly means: string; readonly purpose: string; readonly contact: string }
      readonly state: string
      readonly by: string | null
      readonly used: number
    }
  }
  const { id, account, asked, state, by, used } = review
  const words = { purpose: sealed('text', clip(asked.purpose)), contact: sealed('text', clip(asked.contact)) }
  const more =
    what === 'asked' ? words : what === 'decided' ? { state, decided_by: sealed('text', by ?? '') } : { used }
  const detail = { id, account: sealed('account', account), means: asked.means, ...more }
  return { act: `step_up_${what}`, by: what === 'decided' ? 'control' : 'customer', detail }
}

function judged(id: string, value: string): Act {
  const { score, reason, expiresAtMs, subject } = JSON.parse(value) as {
    readonly score: number
    readonly reason: string
    readonly expiresAtMs: number | null
    readonly subject: { readonly kind: string }
  }
  const detail = { subject: sealed('text', id), kind: subject.kind, score, reason, expires: expiresAtMs }
  return { act: 'reputation_put', by: 'control', detail }
}

function actionReviewed(id: string, value: string): Act {
  const { rule, verdict, by } = JSON.parse(value) as Readonly<Record<'rule' | 'verdict' | 'by', string>>
  return { act: 'action_reviewed', by: 'control', detail: { action: id, rule, verdict, name: sealed('user', by) } }
}

/** Of those who change one record at a time. */
const acts: Readonly<Partial<Record<RecordKind, (id: string, value: string) => Act>>> = {
  terms: accepted,
  reputation: judged,
  review: actionReviewed,
  step_up: confirmed,
}
