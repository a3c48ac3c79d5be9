/**
 * How much an account asks that has one template and shows nobody at a keyboard: a batch customer, or a sweep of one family.
 * Nothing in such prompts tells the two apart, so this is no suspicion: an undeclared account that goes on for about a
 * thousand requests within three days is asked what it does, and nothing more. Asking again at once what was just refused
 * counts for more: a client library waits. Family: timing.
 *
 * Also met by: every undeclared batch customer of that size; `profile: batch` on its key is the answer. Dodged by many
 * accounts, which is a campaign.
 */
const EACH = 0.017
const RETRY = 0.34
const MOST_BY_RETRIES = 15
const FADES_OVER_MS = 72 * 3_600_000

export interface VolumeState {
  sum: number
  retries: number
  atMs: number
  lastText: number
  lastFailed: boolean
}

export const startVolume = (): VolumeState => ({ sum: 0, retries: 0, atMs: 0, lastText: 0, lastFailed: false })

/** `alone`: the prompt is of the account's own template and shows no person. */
export function noteVolume(state: VolumeState, timeMs: number, text: number, status: number, alone: boolean): void {
  const fade = Math.exp(-Math.max(0, timeMs - state.atMs) / FADES_OVER_MS)
  state.atMs = timeMs
  state.sum = state.sum * fade + (alone ? EACH : 0)
  state.retries *= fade
  if (state.lastFailed && text === state.lastText) state.retries = Math.min(MOST_BY_RETRIES, state.retries + RETRY)
  state.lastText = text
  state.lastFailed = status >= 400
}

export const volumeEvidence = (state: VolumeState): number => state.sum + (state.sum > 0.2 ? state.retries : 0)
