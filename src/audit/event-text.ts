import type { RequestEvent } from '../core/event.ts'
import type { Refusal } from '../core/refusal.ts'
import { canonical } from './canonical.ts'

/**
 * The canonical form of an event, which its digest is taken of. Made of names that stand in order already, so that the
 * runtime's own writer gives it: to walk over the event and to sort takes eight times as long, for every exchange. Numbers
 * of a prompt are what decisions rest on and no part of what was done; they would be most of what is digested.
 */
export function eventText(event: RequestEvent): string {
  const ordered = inOrder(event)
  const text = JSON.stringify(ordered)
  // Half of a pair is no Unicode: the canonical form mends it, where the runtime escapes it.
  return text.includes('\\ud') ? canonical(ordered) : text
}

type Everything<T> = { readonly [name in keyof T]-?: T[name] }

/** All of an event, and no name of it out of order: the compiler sees to the one, a test to the other. */
function inOrder(event: RequestEvent): Everything<RequestEvent> {
  const { answer, charges, client, cost, decoys, network, request, usage, who } = event
  return {
    action: event.action,
    actions: event.actions,
    answer: answer === null ? null : ofAnswer(answer),
    atMs: event.atMs,
    charges: charges.map(({ debt, limit, resource, units }) => ({ debt, limit, resource, units })),
    client: client === null ? null : ofClient(client),
    config: event.config,
    cost: { book: cost.book, nanoUsd: cost.nanoUsd, source: cost.source },
    cutBy: event.cutBy,
    decoys: decoys.map(({ kind, name, owner, weight }) => ({ kind, name, owner, weight })),
    endMs: event.endMs,
    endpoint: event.endpoint,
    exemptions: event.exemptions,
    fault: event.fault,
    flags: event.flags,
    id: event.id,
    model: event.model,
    network: ofNetwork(network),
    observation: null,
    outcome: event.outcome,
    playbook: event.playbook,
    promptClass: event.promptClass,
    refusal: event.refusal === null ? null : ofRefusal(event.refusal),
    reputation: event.reputation,
    request: request === null ? null : ofRequest(request),
    route: event.route,
    session: event.session,
    shadow: event.shadow,
    shadowActions: event.shadowActions,
    status: event.status,
    upstream: event.upstream,
    usage: ofUsage(usage),
    usageSource: event.usageSource,
    user: event.user,
    userAgent: event.userAgent,
    v: event.v,
    who: who === null ? null : ofPrincipal(who),
  }
}

const ofAnswer = (answer: NonNullable<RequestEvent['answer']>): Everything<NonNullable<RequestEvent['answer']>> => ({
  bytes: answer.bytes,
  chunks: answer.chunks,
  finishReasons: answer.finishReasons,
  firstByteMs: answer.firstByteMs,
  textBytes: answer.textBytes,
})

const ofClient = (client: NonNullable<RequestEvent['client']>): Everything<NonNullable<RequestEvent['client']>> => ({
  consistent: client.consistent,
  id: client.id,
  inconsistencies: client.inconsistencies,
  sdk: client.sdk,
})

const ofNetwork = (network: RequestEvent['network']): Everything<RequestEvent['network']> => ({
  asn: network.asn,
  country: network.country,
  ip: network.ip,
  ipPrefix: network.ipPrefix,
  ja3: network.ja3,
  ja4: network.ja4,
  type: network.type,
})

const ofRequest = (
  request: NonNullable<RequestEvent['request']>,
): Everything<NonNullable<RequestEvent['request']>> => ({
  bodyBytes: request.bodyBytes,
  choices: request.choices,
  maxOutputTokens: request.maxOutputTokens,
  messages: request.messages,
  opaqueParts: request.opaqueParts,
  promptBytes: request.promptBytes,
  stream: request.stream,
})

const ofUsage = (usage: RequestEvent['usage']): Everything<RequestEvent['usage']> => ({
  audioInputTokens: usage.audioInputTokens,
  audioOutputTokens: usage.audioOutputTokens,
  cacheWriteTokens: usage.cacheWriteTokens,
  cachedTokens: usage.cachedTokens,
  imageTokens: usage.imageTokens,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  reasoningTokens: usage.reasoningTokens,
  toolCalls: usage.toolCalls,
})

const ofPrincipal = (who: NonNullable<RequestEvent['who']>): Everything<NonNullable<RequestEvent['who']>> => ({
  account: who.account,
  credential: who.credential,
  keyId: who.keyId,
  profile: who.profile,
  tenant: who.tenant,
  trust: who.trust,
  user: who.user,
})

/** Of many kinds, all of them flat. */
const ofRefusal = (refusal: Refusal): Refusal =>
  Object.fromEntries(Object.entries(refusal).sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as Refusal
