import type { LadderConfig } from './config/config.ts'
import type { Mode, Playbook, PlaybookAction } from './config/response-config.ts'
import { levels, type Level } from './core/decision.ts'
import type { Facts, Numbers } from './core/dimensions.ts'
import { matches } from './quota/limit.ts'
import { levelOf, type Ladder, type Standing } from './risk/ladder.ts'

/**
 * What a playbook wants of whoever stands at a level: pure functions of the configuration and the evidence. Each level adds
 * to the lower ones, and the mildest mode of playbook, level and action holds.
 */

/** The first playbook that fits; null: nobody does anything. */
export function playbookFor(playbooks: readonly Playbook[], facts: Facts, numbers: Numbers): Playbook | null {
  for (const playbook of playbooks)
    if (matches(playbook.match, facts) && (playbook.when === null || playbook.when.holds(facts, numbers)))
      return playbook
  return null
}

/** Its thresholds, those of the configuration where it names none. */
export function ladderOf({ levels: own }: Playbook, ladder: LadderConfig): Ladder {
  const from = (level: Level): number | null => own.find((one) => one.level === level)?.evidence ?? null
  return {
    watch: ladder.watch,
    notice: from('notice') ?? ladder.notice,
    stepUp: from('step_up') ?? ladder.stepUp,
    tarpit: from('tarpit') ?? ladder.tarpit,
    squeeze: from('squeeze') ?? ladder.squeeze,
    block: from('block') ?? ladder.block,
  }
}

/** Of an account alone: so much evidence, of two kinds, and a step-up that it has left unanswered. */
const BLOCK_ALONE = 1e4

export function levelUnder(standing: Standing, families: number, ignoredStepUp: boolean, ladder: Ladder): Level {
  const level = levelOf(standing, ladder)
  return level !== 'normal' && !standing.onlyAsks && ignoredStepUp && families >= 2 && standing.evidence >= BLOCK_ALONE
    ? 'block'
    : level
}

/** From how much evidence a level is reached. */
export function thresholdOf(level: Level, ladder: Ladder): number {
  switch (level) {
    case 'normal':
      return 1
    case 'step_up':
      return ladder.stepUp
    default:
      return ladder[level]
  }
}

export const rankOf = (level: Level): number => levels.indexOf(level)

export interface Wanted {
  readonly level: Level
  readonly action: PlaybookAction
  readonly mode: 'enforce' | 'shadow'
}

/** What comes into force between a level that is in force already, exclusively, and one that was reached. */
export function wantedBetween(playbook: Playbook, above: Level, upTo: Level, detection: Mode): readonly Wanted[] {
  const wanted: Wanted[] = []
  for (const { level, mode: ofLevel, actions } of playbook.levels) {
    if (rankOf(level) <= rankOf(above) || rankOf(level) > rankOf(upTo)) continue
    for (const action of actions) {
      const mode = mildest(detection, playbook.mode, ofLevel, action.mode)
      if (mode !== 'off') wanted.push({ level, action, mode })
    }
  }
  return wanted
}

/** Names of `alerts` that are told of reaching a level. */
export const alertsBetween = (playbook: Playbook, above: Level, upTo: Level): readonly string[] =>
  playbook.levels
    .filter(({ level, mode }) => mode !== 'off' && rankOf(level) > rankOf(above) && rankOf(level) <= rankOf(upTo))
    .flatMap(({ alert }) => alert)

function mildest(...modes: readonly Mode[]): Mode {
  return modes.includes('off') ? 'off' : modes.includes('shadow') ? 'shadow' : 'enforce'
}

/**
 * How long what belongs to a level is in force. The level itself lasts one cooldown, each one below it one more, so that
 * somebody who shows nothing new goes down step by step; twice as long each time it comes to this again. A step-up is not
 * sat out: it lasts until it is passed, or for the longest.
 */
export function lastsMs({ cooldownMs, longestMs }: Playbook, level: Level, top: Level, repeat: number): number {
  if (rankOf(level) <= rankOf('step_up')) return longestMs
  const steps = 1 + rankOf(top) - rankOf(level)
  return Math.min(longestMs, cooldownMs * steps * 2 ** Math.min(repeat - 1, 16))
}

/** Actions that a share of is held back at random: those whose wrong use costs an honest caller little. */
export const isSoft = (name: string): boolean =>
  name === 'throttle' || name === 'tarpit' || name === 'restrict' || name === 'step_up' || name === 'squeeze'
