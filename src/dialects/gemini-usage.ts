import { noUsage, type Usage } from '../core/usage.ts'
import { isObject } from './body.ts'
import { count } from './counts.ts'

/**
 * Google's `usageMetadata`; null when there is none or it makes no sense. Proto JSON leaves out what is zero, so a count
 * that is missing beside `totalTokenCount`, which is the sum of all four, is what the sum leaves for it.
 */
export function readUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null
  const total = count(value['totalTokenCount'])
  const prompt = count(value['promptTokenCount']) ?? (total === null ? null : 0)
  const candidates = value['candidatesTokenCount']
  const toolUse = count(value['toolUsePromptTokenCount']) ?? 0
  const thoughts = count(value['thoughtsTokenCount']) ?? 0
  if (prompt === null || (total === null && candidates === undefined)) return null
  const answer = candidates === undefined ? Math.max(0, (total ?? 0) - prompt - toolUse - thoughts) : count(candidates)
  if (answer === null) return null
  return {
    ...noUsage,
    inputTokens: prompt + toolUse,
    outputTokens: answer + thoughts,
    cachedTokens: count(value['cachedContentTokenCount']) ?? 0,
    audioInputTokens: ofModality(value['promptTokensDetails'], 'AUDIO'),
    reasoningTokens: thoughts,
    audioOutputTokens: ofModality(value['candidatesTokensDetails'], 'AUDIO'),
    imageTokens: ofModality(value['candidatesTokensDetails'], 'IMAGE'),
  }
}

function ofModality(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0
  let tokens = 0
  for (const one of details as unknown[]) {
    if (isObject(one) && one['modality'] === modality) tokens += count(one['tokenCount']) ?? 0
  }
  return tokens
}

/** Searches that the vendor ran for these candidates, each of which it bills. */
export function searchesOf(candidates: unknown): number {
  if (!Array.isArray(candidates)) return 0
  let searches = 0
  for (const candidate of candidates as unknown[]) {
    const grounding = isObject(candidate) ? candidate['groundingMetadata'] : null
    const queries = isObject(grounding) ? grounding['webSearchQueries'] : null
    if (Array.isArray(queries)) searches += queries.length
  }
  return searches
}

/** Usage in Google's words, as the closing chunk of a cut stream tells it. */
export function wireUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: Usage): object {
  const thoughts = Math.min(reasoningTokens, outputTokens)
  return {
    promptTokenCount: inputTokens,
    ...(cachedTokens > 0 && { cachedContentTokenCount: cachedTokens }),
    candidatesTokenCount: outputTokens - thoughts,
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    totalTokenCount: inputTokens + outputTokens,
  }
}
