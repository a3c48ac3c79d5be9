import { noParams, type Call } from '../core/call.ts'

/** For tests that read an answer whose request does not matter. */
export const anyCall: Call = {
  model: 'm',
  stream: false,
  promptBytes: 0,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: false,
  params: noParams,
}
