import type { Call } from '../core/call.ts'
import { ok } from '../core/result.ts'
import type { Endpoint, StreamReader } from './dialect.ts'
import { openai } from './openai.ts'

const call = (model: string): Call => ({
  model,
  stream: false,
  promptBytes: 0,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 0,
  choices: 1,
  maxOutputTokens: 0,
  user: null,
  wantsUsage: false,
})

/** Nothing is generated here, so a stream has nothing to count. */
const reader = (): StreamReader => ({
  textBytes: 0,
  deltas: 0,
  usage: null,
  finishReasons: [],
  finished: true,
  read: () => 'unreadable',
  cut: () => new Uint8Array(),
})

const common = {
  dialect: openai,
  method: 'GET',
  generates: false,
  readAnswer: () => ({ usage: null, textBytes: 0, choices: 0, finishReasons: [] }),
  reader,
} as const

export const openaiModels: Endpoint = {
  ...common,
  name: 'models',
  path: '/v1/models',
  read: () => ok({ call: call(''), upstreamPath: '/models', encode: () => null }),
}

export const openaiModel: Endpoint = {
  ...common,
  name: 'model',
  path: '/v1/models/{id}',
  read: (_body, id) => ok({ call: call(id!), upstreamPath: `/models/${encodeURIComponent(id!)}`, encode: () => null }),
}
