import { type AppliedAction, firmness, type InForceName } from '../core/action.ts'

/** How an action is in force: met, noted and met by nobody, or held back at random. */
export const modes = ['shadow', 'held_back', 'enforce'] as const
export type InForceMode = (typeof modes)[number]

type Ranked = Pick<AppliedAction, 'mode' | 'heldBack' | 'spec'>

export const modeOf = ({ mode, heldBack }: Ranked): InForceMode =>
  mode === 'shadow' ? 'shadow' : heldBack ? 'held_back' : 'enforce'

/** From what gives way first to what gives way last: what nobody meets, then the mild before the firm. */
export const RANKS: number = modes.length * firmness.length

export const rankOf = (action: Ranked): number =>
  modes.indexOf(modeOf(action)) * firmness.length + firmness.indexOf(action.spec.action)

export const atRank = (rank: number): { readonly action: InForceName; readonly mode: InForceMode } => ({
  action: firmness[rank % firmness.length]!,
  mode: modes[Math.floor(rank / firmness.length)]!,
})
