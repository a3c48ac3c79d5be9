import { ok } from '../core/result.ts'
import { leanTokenCount } from './anthropic-lean.ts'
import { readPrompt } from './anthropic-messages.ts'
import { anthropic } from './anthropic.ts'
import type { Endpoint } from './dialect.ts'
import { noAnswer, noReader } from './nothing.ts'

/** Counts the tokens of a prompt: free of charge at Anthropic, nothing is generated. */
export const anthropicCountTokens: Endpoint = {
  name: 'count_tokens',
  dialect: anthropic,
  method: 'POST',
  path: '/v1/messages/count_tokens',
  generates: false,
  read(bytes, _target, bounds) {
    const read = readPrompt(bytes, bounds)
    // Nothing is answered: the same prompt comes again, to be.
    return read.ok ? ok({ ...read.value, upstreamPath: '/messages/count_tokens', turn: null }) : read
  },
  encode: (read) => read.bytes,
  readAnswer: noAnswer,
  reader: noReader,
  lean: leanTokenCount,
}
