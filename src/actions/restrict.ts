import type { Make, Restrict } from './part.ts'

/** Only what a low-trust caller may send goes up, and only what it may see comes down; shorter, or by a cheaper model. */
export const restrict: Make<'restrict'> = ({ maxTokens, model }) => ({ restrict: { maxTokens, model } })

/**
 * The low-trust profile, under which requests of grace are answered. A person's question is answered in full by so many
 * tokens nearly always; a data set of long answers is not to be had from grace.
 */
export const lowTrust: Restrict = { maxTokens: 1024, model: null }
