import { globMatches } from '../core/glob.ts'
import { usualLadder } from './detection.ts'
import { honestUse } from './honest-paths.ts'
import { playbookLevels } from './playbooks.ts'
import type { Finding } from './problem.ts'
import { absent, missing } from './references.ts'
import type { Spot } from './source.ts'
import { child, entries, items, nameOf, oneOrMore, placeOf, textOf } from './spots.ts'

/** How the sections of response fit together, and with the rest. */
export const responseProblems = (root: Spot): Finding[] => {
  const playbooks = items(child(root, 'playbooks')).slice(0, 500)
  return [
    ...unreachable(root, playbooks),
    ...playbooks.flatMap((playbook) => thresholds(root, child(playbook, 'levels'))),
    ...names(root, playbooks),
    ...decoyPaths(root),
    ...decoyModels(root),
  ]
}

/** The first playbook that fits is the one, so one that an earlier one covers is for nobody. */
function unreachable(root: Spot, playbooks: readonly Spot[]): Finding[] {
  const findings: Finding[] = []
  for (const [i, playbook] of playbooks.entries()) {
    // One that is off says itself that it does nothing.
    if (child(playbook, 'mode')?.value === 'off') continue
    const before = playbooks.slice(0, i).find((earlier) => covers(earlier, playbook))
    if (before === undefined) continue
    // Whoever stands one pack on another means that: the upper one may take everybody.
    if (before.origin !== root.origin && before.origin !== playbook.origin) continue
    if (before.origin === root.origin && playbook.origin !== root.origin) {
      const message = `leaves nobody for ${placeOf(playbook.origin, playbook.shown, before.origin)}`
      const name = textOf(child(playbook, 'name')) ?? ''
      const hint = `narrow it with match, call it ${name} to change that one, or add { name: ${name}, mode: "off" }`
      findings.push({ path: before.path, at: 'value', message, hint })
    } else {
      const message = `can never be reached: ${placeOf(before.origin, before.shown, playbook.origin)} takes everybody it is for`
      const hint = 'move it above that one, narrow the match of that one, or remove it'
      findings.push({ path: playbook.path, at: 'value', message, hint })
    }
  }
  return findings
}

/** Whether all that fit the later one fit the earlier one; as far as globs can be compared, and conditions only as text. */
function covers(earlier: Spot, later: Spot): boolean {
  const [wide, narrow] = [child(earlier, 'match'), child(later, 'match')]
  if (wide?.broken === true || narrow?.broken === true) return false
  return entries(wide).every((condition) => {
    const name = nameOf(condition)
    const other = child(narrow, name)
    if (name === 'when') return textOf(condition) !== null && textOf(condition) === textOf(other)
    const globs = globsOf(condition)
    if (globs.some((glob) => /^\*+$/.test(glob))) return true
    return other !== undefined && globsOf(other).every((glob) => globs.some((wider) => globMatches(wider, glob)))
  })
}

const globsOf = (spot: Spot): readonly string[] =>
  oneOrMore(spot).map((one) => (typeof one.value === 'number' ? String(one.value) : (textOf(one) ?? '')))

interface Threshold {
  readonly name: string
  readonly value: number
  /** null: as `detection.ladder` has it. */
  readonly written: Spot | null
}

/** More evidence for each level than for the one below, be it written or implied. */
function thresholds(root: Spot, levels: Spot | undefined): Finding[] {
  const ladder = child(child(root, 'detection'), 'ladder')
  const onLadder = (name: keyof typeof usualLadder): Threshold => {
    const written = child(ladder, name)?.value
    return { name, value: typeof written === 'number' ? written : usualLadder[name], written: null }
  }
  const at = (name: (typeof playbookLevels)[number]): Threshold | null => {
    const level = child(levels, name)
    const written = child(level, 'evidence')
    if (level === undefined) return null
    if (written === undefined) return onLadder(name)
    const { value, broken } = written
    // What is no evidence at all is told of by its own check.
    return typeof value === 'number' && value >= 1 && value <= 1e12 && !broken ? { name, value, written } : null
  }
  const findings: Finding[] = []
  const tell = (high: Threshold, low: Threshold, words: string, hint: string): void => {
    // Where neither is written the ladder itself is wrong, and says so.
    const spot = high.written ?? low.written
    if (spot === null) return
    const [other, relation] = high.written === null ? [high, 'must stay below'] : [low, words]
    const place = other.written === null ? `${other.name} of detection.ladder` : other.name
    findings.push({ path: spot.path, at: 'value', message: `${relation} ${place}`, hint })
  }
  let low = onLadder('watch')
  for (const name of playbookLevels) {
    const high = name === 'block' ? null : at(name)
    if (high === null) continue
    if (high.value <= low.value) tell(high, low, 'must be above', 'write rising numbers from level to level')
    low = high
  }
  const block = at('block')
  const asked = at('step_up') ?? onLadder('step_up')
  if (block !== null && block.value < asked.value) {
    tell(block, asked, 'must be at least', 'nobody is blocked who would not be asked: raise it, or lower step_up')
  }
  return findings
}

function names(root: Spot, playbooks: readonly Spot[]): Finding[] {
  const alerts = namesOf(child(root, 'alerts'))
  const issuer = child(child(root, 'step_up'), 'attestation_issuer')
  const decoys = child(root, 'decoys')
  const levels = playbooks.flatMap((playbook) => entries(child(playbook, 'levels')))
  const actions = levels.flatMap((level) => items(child(level, 'actions')))
  const setting = (action: string, key: string): readonly Spot[] =>
    actions.flatMap((one) => child(child(one, action), key) ?? [])
  return [
    ...levels.flatMap((level) => items(child(level, 'alert'))).flatMap((alert) => missing(alert, 'alert', alerts)),
    ...setting('decoy', 'upstream').flatMap((spot) => elsewhere(root, spot)),
    ...setting('restrict', 'model').flatMap((spot) => unrouted(root, spot)),
    ...(issuer === undefined ? setting('step_up', 'means').flatMap(unpassable) : []),
    ...missing(issuer, 'issuer', namesOf(child(child(root, 'identity'), 'jwt'))),
    ...elsewhere(root, child(decoys, 'upstream')),
    ...unrouted(root, child(child(decoys, 'aliases'), 'model')),
  ]
}

/** An upstream that there is not; where there are none that is the problem to tell of. */
function elsewhere(root: Spot, spot: Spot | undefined): Finding[] {
  const known = entries(child(root, 'upstreams')).map(nameOf)
  return known.length === 0 ? [] : missing(spot, 'upstream', known)
}

const namesOf = (list: Spot | undefined): readonly string[] =>
  items(list).flatMap((one) => textOf(child(one, 'name')) ?? [])

/** A model that no entry of `models` takes. */
function unrouted(root: Spot, spot: Spot | undefined): Finding[] {
  const name = textOf(spot)
  const patterns = entries(child(root, 'models')).map(nameOf)
  if (name === null || patterns.length === 0 || patterns.some((pattern) => globMatches(pattern, name))) return []
  return [absent(spot!, 'value', name, 'model', patterns)]
}

function unpassable(means: Spot): Finding[] {
  const list = items(means)
  if (list.length === 0 || list.some((one) => textOf(one) !== 'attestation')) return []
  const message = 'nobody can pass: attestation is the only means, and no issuer is named'
  const hint = 'name one with step_up: { attestation_issuer: ... }, or add proof_of_work'
  return [{ path: means.path, at: 'value', message, hint }]
}

const decoyPaths = (root: Spot): Finding[] =>
  items(child(child(root, 'decoys'), 'endpoints')).flatMap((endpoint): Finding[] => {
    const path = child(endpoint, 'path')
    const use = honestUse(textOf(path) ?? '/?')
    if (use === null) return []
    const hint = 'write a path that nobody has a reason to ask for, such as /v1/internal/models'
    return [{ path: path!.path, at: 'value', message: `is ${use}`, hint }]
  })

/** A name that somebody honest was told of is no decoy. That a glob takes it is no harm: decoys are looked up first. */
function decoyModels(root: Spot): Finding[] {
  const decoys = child(root, 'decoys')
  const real = new Set(entries(child(root, 'models')).map(nameOf))
  return items(child(decoys, 'models')).flatMap((one): Finding[] => {
    const name = child(one, 'name')
    if (!real.has(textOf(name) ?? '')) return []
    const hint = 'write a name that nobody was told of'
    return [{ path: name!.path, at: 'value', message: 'is a model of this configuration', hint }]
  })
}
