import type { ActionsInForce, AppliedAction } from './core/action.ts'
import { levels, type Level } from './core/decision.ts'
import type { Facts } from './core/dimensions.ts'
import type { Draft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { Exchange } from './core/exchange.ts'
import type { Client, Principal } from './core/principal.ts'
import type { Touch } from './core/touch.ts'
import { PUBLIC_FROM, type AliasBook } from './decoys/aliases.ts'
import type { Marks } from './decoys/marks.ts'
import type { Pace } from './decoys/pace.ts'
import { decoyAnswer } from './decoys/refusal.ts'
import type { Dialect, Endpoint, ReadCall } from './dialects/dialect.ts'
import { withModel } from './dialects/edit-read.ts'
import { addToModelList, modelLikeOthers } from './gateway/model-list.ts'
import { AMBIGUOUS, presentedSecret } from './identity/credentials.ts'
import type { Identification } from './identity/identify.ts'
import { bindingHolds } from './identity/token.ts'
import type { RequestPath } from './pipeline.ts'
import type { ModelTarget, Policy } from './policy.ts'

/**
 * DECOYS on the request path: each function notes in the draft what was touched, and answers a touch as whatever it looks
 * like would be answered. No answer tells anybody that there was one.
 */
export interface DecoyState {
  readonly aliases: AliasBook
  readonly pace: Pace
  readonly marks: Marks
  random(below: number): number
  /** What is in force against a caller: honey models are offered from a level on. */
  readonly actions: Pick<ActionsInForce, 'find'>
}

const note = (draft: Draft, touch: Touch): void => {
  draft.decoys = [...draft.decoys, touch]
}

/** An undocumented path: one that Weir serves is answered in full, any other as what is not there. */
export function touchRoute({ target }: Exchange, { decoys }: Policy, draft: Draft): boolean {
  const touch = decoys.endpoint(target)
  if (touch === null) return false
  note(draft, touch)
  return true
}

/**
 * Who has asked for what is not there, and whether by a honey key. Only after the answer has gone out: so it comes as fast
 * for a decoy, and nobody can try keys by it. A credential that depends on more than itself names nobody here.
 */
export async function nameStranger(
  exchange: Exchange,
  dialect: Dialect,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Promise<void> {
  const { target } = exchange
  const query = target.indexOf('?')
  const secret = presentedSecret(dialect.keyPlaces, exchange, new URLSearchParams(query < 0 ? '' : target.slice(query)))
  if (touchKey(secret, policy, draft) || draft.decoys.length === 0) return
  try {
    const found = await policy.identifier.identify(secret, exchange.clientCertificate, null, path.clock.now())
    if (!found.ok || !found.proven || found.signedBy !== null) return
    const { ipPrefix } = draft.network
    if (found.token !== null && !bindingHolds(found.token, { ipPrefix, fingerprint: null })) return
    draft.who = found.principal
  } catch (error) {
    path.fault(draft.id, error)
  }
}

/** Whether a secret is a honey key. What comes of that is for the caller; the client must not be told. */
export function touchKey(secret: string | undefined | typeof AMBIGUOUS, { decoys }: Policy, draft: Draft): boolean {
  const touch = typeof secret === 'string' ? decoys.key(secret) : null
  if (touch !== null) note(draft, touch)
  return touch !== null
}

/** The rights of a honey key: none, and the same words as for any key that is none. */
export function worthless(found: Identification): Identification {
  if (!found.ok) return found
  const { passThrough } = found
  return passThrough === null ? { ok: false, why: 'unknown' } : { ...found, passThrough: spoilt(passThrough) }
}

/** The program behind a touch whose request was not read: it is looked at last, when no clock can tell. */
export function programBehind(exchange: Exchange, { fingerprinter }: RequestPath, draft: Draft): Client {
  const { ja3, ja4 } = draft.network
  const header = (name: string): string | undefined => exchange.header(name)
  const { headerNames } = exchange
  return fingerprinter.of({ headerNames, fields: [], endpoint: draft.endpoint ?? '', header, ja3, ja4 })
}

/**
 * A key of the same looks that is certainly nobody's, for an upstream that is to refuse it as it refuses any other: what
 * vendors repeat of a wrong key are its ends.
 */
function spoilt(secret: string): string {
  const ends = Math.min(8, Math.floor(secret.length / 4))
  const middle = secret.slice(ends, secret.length - ends)
  return secret.slice(0, ends) + middle.replace(/[0-9A-Za-z]/g, turned) + secret.slice(secret.length - ends)
}

const ALPHABETS = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

function turned(c: string): string {
  const alphabet = ALPHABETS.find((one) => one.includes(c))!
  return alphabet[(alphabet.indexOf(c) + 1) % alphabet.length]!
}

/**
 * What a request means whose model has another name here. An alias is the real model from here on, for limits, prices and
 * the upstream, whoever uses it; a honey model stays what it is.
 */
export function meantBy(read: ReadCall, who: Principal, policy: Policy, path: RequestPath, draft: Draft): ReadCall {
  const { model } = read.call
  if (model === '') return read
  const honey = policy.decoys.model(model)
  if (honey !== null) note(draft, honey)
  const alias = honey === null ? policy.decoys.alias(model) : null
  const found = alias === null ? null : path.decoys.aliases.read(alias.code, who.account, path.clock.now())
  if (alias === null || found === null) return read
  if (found.whose !== 'own') {
    const isTelling = found.whose === 'other' && found.users <= PUBLIC_FROM
    note(draft, { kind: 'alias', name: model, weight: isTelling ? alias.weight : 1, owner: found.owner })
  }
  return withModel(read, alias.model)
}

/** Where a call goes that a decoy has a part in: the list with its extra names, a honey model. Else as it was. */
export function decoyTarget(
  endpoint: Endpoint,
  read: ReadCall,
  who: Principal,
  facts: Facts,
  target: ModelTarget | null,
  policy: Policy,
  path: RequestPath,
): ModelTarget | null {
  const { decoys, routes, pricing } = policy
  const { call } = read
  if (call.model === '') {
    if (target === null || endpoint.name !== 'models') return target
    const added = offered(who, facts, policy, path)
    return added.length === 0 ? target : { ...target, upstream: addToModelList(target.upstream, added) }
  }
  if (decoys.model(call.model) === null) return target
  if (!endpoint.generates) {
    const { listing } = routes
    return endpoint.name !== 'model' || listing === null
      ? null
      : { ...listing, upstream: modelLikeOthers(listing.upstream, call.model) }
  }
  // It costs what a model of that name would: a price of nothing would show in what is left of a limit on cost.
  const like = target ?? { ...routes.desk, maxOutputTokens: USUAL_MAX_TOKENS }
  const price = like.price ?? (pricing.onUnpriced === 'block' ? pricing.estimate : null)
  const elsewhere = policy.decoyTargets.get(endpoint.dialect.name)
  if (elsewhere !== undefined) return { ...elsewhere, price, caps: like.caps }
  const { clock, decoys: state } = path
  const asked = { endpoint: endpoint.name, call, body: read.body }
  const upstream = decoyAnswer(asked, { clock, pace: state.pace, random: (below) => state.random(below) })
  return upstream === null ? null : { ...like, price, upstream, streamUsage: true }
}

const USUAL_MAX_TOKENS = 4096

interface Offered {
  readonly id: string
  readonly like: string | null
}

function offered({ account }: Principal, facts: Facts, { decoys }: Policy, path: RequestPath): readonly Offered[] {
  const nowMs = path.clock.now()
  const { aliases, actions } = path.decoys
  const added: Offered[] = []
  const like = decoys.aliased
  if (like !== null) added.push({ id: decoys.aliasName(aliases.give(account, nowMs)), like })
  const honey = decoys.hasModels ? decoys.offered(levelInForce(actions.find(facts, nowMs))) : []
  for (const id of honey) added.push({ id, like: null })
  return added
}

/** The highest level whose actions really meet a caller: what is in shadow mode changes nothing that a client sees. */
export function levelInForce(actions: readonly AppliedAction[]): Level {
  let highest = 0
  for (const { level, mode, heldBack } of actions) {
    if (level !== null && mode === 'enforce' && !heldBack) highest = Math.max(highest, levels.indexOf(level))
  }
  return levels[highest]!
}

/** What real answers look like from outside, so that a decoy's can. */
export function hearPace(event: RequestEvent, pace: Pace): void {
  const { outcome, answer, request, atMs, endMs, usage, decoys } = event
  if (outcome !== 'ok' || answer === null || request === null || usage.outputTokens === 0) return
  const firstMs = answer.firstByteMs
  if (firstMs === null || decoys.some(({ kind }) => kind === 'model')) return
  pace.hear({ stream: request.stream, firstMs, lastMs: endMs - atMs, chunks: answer.chunks })
}
