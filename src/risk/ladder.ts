import type { ActionName, Level } from '../core/decision.ts'

/** From how much evidence each level is reached; the numbers are the configuration's. */
export interface Ladder {
  readonly watch: number
  readonly notice: number
  readonly stepUp: number
  readonly tarpit: number
  readonly squeeze: number
  /** A block needs this much of the account's own, in a campaign of two independent families. */
  readonly block: number
}

export const defaultLadder: Ladder = {
  watch: 20,
  notice: 100,
  stepUp: 500,
  tarpit: 1000,
  squeeze: 10_000,
  block: 500,
}

export interface Standing {
  /** The account's own evidence. */
  readonly evidence: number
  /** Its campaign is past its false discovery rate, and the account shows two independent families itself. */
  readonly campaign: 'none' | 'one family' | 'two families'
  /** All that speaks against it is that it asks much: then it is asked, and nothing more. */
  readonly onlyAsks: boolean
}

export function levelOf({ evidence, campaign, onlyAsks }: Standing, ladder: Ladder): Level {
  if (evidence < ladder.watch) return 'normal'
  if (evidence < ladder.notice) return 'watch'
  if (evidence < ladder.stepUp) return 'notice'
  if (onlyAsks) return 'step_up'
  // What an account alone cannot support, a campaign that is established beyond it can.
  if (campaign === 'two families' && evidence >= ladder.block) return 'block'
  if (evidence >= ladder.squeeze || campaign === 'two families') return 'squeeze'
  return evidence >= ladder.tarpit ? 'tarpit' : 'step_up'
}

/**
 * What an exchange at a level meets. From `step_up` on its grace under `restrict` runs, then nothing is answered until the
 * step-up is passed; what is above adds to that.
 */
export function actionAt(level: Level): ActionName {
  switch (level) {
    case 'normal':
    case 'watch':
    case 'notice':
      return 'allow'
    case 'step_up':
    case 'tarpit':
      return 'step_up'
    case 'squeeze':
      return 'squeeze'
    case 'block':
      return 'block'
  }
}
