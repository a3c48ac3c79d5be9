import type { ActionSpec, Range } from '../core/action.ts'
import { nothingLeft } from './fields.ts'
import { sha256 } from './identity.ts'
import type {
  AlertTarget,
  DecoysConfig,
  LoopsConfig,
  Playbook,
  PlaybookAction,
  PlaybookLevel,
  ResponseConfig,
} from './response-config.ts'
import { abridged, hidden } from './show-callers.ts'
import { showMatchWhen } from './show-limits.ts'
import { formatBytes, formatDuration } from './units.ts'

/** The sections of the file that response is made of. */
export function showResponse(response: ResponseConfig): object {
  const { playbooks, stepUp, tarpit, decoys, alerts, truth, loops, ...rest } = response
  nothingLeft(rest)
  const { proofBits, challengeMs, attestationIssuer, url, ...restOfStepUp } = stepUp
  nothingLeft(restOfStepUp)
  const { maxHeld, maxHeldBytes, ...restOfTarpit } = tarpit
  nothingLeft(restOfTarpit)
  const { heldBack, maxWrong, leastReviewed, ...restOfTruth } = truth
  nothingLeft(restOfTruth)
  return {
    playbooks: playbooks.map(showPlaybook),
    step_up: {
      proof_bits: proofBits,
      challenge: formatDuration(challengeMs),
      attestation_issuer: attestationIssuer ?? undefined,
      url: url ?? undefined,
    },
    tarpit: { max_held: maxHeld, max_held_bytes: formatBytes(maxHeldBytes) },
    decoys: showDecoys(decoys),
    alerts: alerts.map(showAlert),
    truth: { held_back: heldBack, max_wrong: maxWrong ?? 'never', least_reviewed: leastReviewed },
    loops: loops === null ? undefined : showLoops(loops),
  }
}

function showLoops({ repeats, withinMs, requestsPerMinute, lastsMs, ...rest }: LoopsConfig): object {
  nothingLeft(rest)
  return {
    repeats,
    within: formatDuration(withinMs),
    requests_per_minute: requestsPerMinute,
    lasts: formatDuration(lastsMs),
  }
}

function showPlaybook(playbook: Playbook): object {
  const { name, mode, match, when, levels, cooldownMs, hysteresis, probation, longestMs, ...rest } = playbook
  nothingLeft(rest)
  const { lastsMs, factor, ...restOfProbation } = probation
  nothingLeft(restOfProbation)
  return {
    name,
    mode,
    match: showMatchWhen(match, when),
    levels: Object.fromEntries(levels.map((level) => [level.level, showLevel(level)])),
    cooldown: formatDuration(cooldownMs),
    hysteresis,
    probation: { lasts: formatDuration(lastsMs), factor },
    longest: formatDuration(longestMs),
  }
}

function showLevel(level: PlaybookLevel): object {
  const { level: _, evidence, mode, actions, alert, ...rest } = level
  nothingLeft(rest)
  return { evidence: evidence ?? undefined, mode, actions: actions.map(showAction), alert }
}

function showAction({ mode, on, spec, ...rest }: PlaybookAction): object {
  nothingLeft(rest)
  return { [spec.action]: showSpec(spec), on, mode }
}

function showSpec(spec: ActionSpec): object {
  switch (spec.action) {
    case 'throttle':
      return { requests_per_minute: spec.requestsPerMinute }
    case 'tarpit':
      return { first_byte: showRange(spec.firstByteMs), per_chunk: showRange(spec.perChunkMs) }
    case 'restrict':
      return { max_tokens: spec.maxTokens ?? undefined, model: spec.model ?? undefined }
    case 'squeeze':
      return { factor: spec.factor, requests_per_day: spec.requestsPerDay ?? undefined }
    case 'step_up':
      return { grace: spec.grace, means: spec.means }
    case 'decoy':
      return { upstream: spec.upstream }
    case 'cooldown':
    case 'quarantine':
    case 'block':
      return {}
  }
}

const showRange = (range: Range): readonly string[] => range.map(formatDuration)

function showDecoys({ endpoints, models, keys, aliases, promptCanary, upstream, ...rest }: DecoysConfig): object {
  nothingLeft(rest)
  return {
    endpoints: endpoints.map(({ path, weight, ...rest }) => {
      nothingLeft(rest)
      return { path, weight }
    }),
    models: models.map(({ name, weight, fromLevel, ...rest }) => {
      nothingLeft(rest)
      return { name, weight, from_level: fromLevel }
    }),
    keys: keys.map(({ id, secretSha256, memo, ...rest }) => {
      nothingLeft(rest)
      return { id, secret_sha256: abridged(secretSha256), memo }
    }),
    aliases: aliases === null ? undefined : showAliases(aliases),
    prompt_canary: promptCanary === null ? undefined : showPromptCanary(promptCanary),
    upstream: upstream ?? undefined,
  }
}

function showAliases({ model, prefix, weight, ...rest }: NonNullable<DecoysConfig['aliases']>): object {
  nothingLeft(rest)
  return { model, prefix, weight }
}

function showPromptCanary({ onTouch, minEcho, mark, ...rest }: NonNullable<DecoysConfig['promptCanary']>): object {
  nothingLeft(rest)
  return { on_touch: onTouch, min_echo: minEcho, mark }
}

function showAlert({ name, kind, url, secret, ...rest }: AlertTarget): object {
  nothingLeft(rest)
  return { name, kind, url: showAlertUrl(url), secret: hidden(secret) }
}

/** Who knows the path of a webhook can write to it: of that only so much as tells two apart. */
function showAlertUrl(written: string): string {
  const { protocol, host, pathname, search, hash } = new URL(written)
  if (/^\/?$/.test(pathname) && search === '' && hash === '') return written
  return `${protocol}//${host}/${abridged(sha256(written))}`
}
