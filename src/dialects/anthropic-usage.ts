import { noUsage, type Usage } from '../core/usage.ts'
import { isObject } from './body.ts'
import { count, detail } from './counts.ts'

/** What an Anthropic `usage` object says so far; null where it says nothing. A stream splits it over its events. */
export interface UsageReport {
  readonly input: number | null
  readonly cacheWrite: number | null
  readonly cacheRead: number | null
  readonly output: number | null
  readonly thinking: number | null
  readonly searches: number | null
  /** Work of other models and of summaries: billed, and not in the sums above. */
  readonly beside: Usage
}

export const noReport: UsageReport = {
  input: null,
  cacheWrite: null,
  cacheRead: null,
  output: null,
  thinking: null,
  searches: null,
  beside: noUsage,
}

/** Counts are cumulative: a later one takes an earlier one's place, a missing one leaves it. */
export function addReport(before: UsageReport, value: unknown): UsageReport {
  if (!isObject(value)) return before
  const details = value['output_tokens_details']
  const server = value['server_tool_use']
  return {
    input: count(value['input_tokens']) ?? before.input,
    cacheWrite: count(value['cache_creation_input_tokens']) ?? before.cacheWrite,
    cacheRead: count(value['cache_read_input_tokens']) ?? before.cacheRead,
    output: count(value['output_tokens']) ?? before.output,
    thinking: isObject(details) ? detail(details, 'thinking_tokens') : before.thinking,
    // Web fetches cost nothing but their tokens; searches are billed by the call.
    searches: isObject(server) ? detail(server, 'web_search_requests') : before.searches,
    beside: Array.isArray(value['iterations']) ? besideOf(value['iterations']) : before.beside,
  }
}

/** null while half of the report is missing: a missing count is not zero. */
export function usageOf(report: UsageReport): Usage | null {
  const { input, output, beside } = report
  if (input === null || output === null) return null
  const cachedTokens = report.cacheRead ?? 0
  const cacheWriteTokens = report.cacheWrite ?? 0
  return {
    ...noUsage,
    inputTokens: input + cacheWriteTokens + cachedTokens + beside.inputTokens,
    outputTokens: output + beside.outputTokens,
    cachedTokens: cachedTokens + beside.cachedTokens,
    cacheWriteTokens: cacheWriteTokens + beside.cacheWriteTokens,
    reasoningTokens: report.thinking ?? 0,
    toolCalls: report.searches ?? 0,
  }
}

/** `usage.iterations` tells every sampling step; the steps of these kinds are in the sums already. */
const inSums: ReadonlySet<unknown> = new Set(['message', 'fallback_message'])

function besideOf(iterations: readonly unknown[]): Usage {
  let [inputTokens, outputTokens, cachedTokens, cacheWriteTokens] = [0, 0, 0, 0]
  for (const step of iterations) {
    if (!isObject(step) || inSums.has(step['type'])) continue
    const [read, write] = [detail(step, 'cache_read_input_tokens'), detail(step, 'cache_creation_input_tokens')]
    inputTokens += detail(step, 'input_tokens') + read + write
    outputTokens += detail(step, 'output_tokens')
    cachedTokens += read
    cacheWriteTokens += write
  }
  return { ...noUsage, inputTokens, outputTokens, cachedTokens, cacheWriteTokens }
}

/** Usage in Anthropic's words, as the closing events of a cut stream tell it. */
export const wireUsage = (usage: Usage): object => ({
  input_tokens: Math.max(0, usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens),
  cache_creation_input_tokens: usage.cacheWriteTokens,
  cache_read_input_tokens: usage.cachedTokens,
  output_tokens: usage.outputTokens,
  ...(usage.toolCalls > 0 && { server_tool_use: { web_search_requests: usage.toolCalls } }),
})
