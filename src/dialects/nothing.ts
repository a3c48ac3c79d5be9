import { noParams, type Call } from '../core/call.ts'
import type { Answer, ReadBody, ReadCall, StreamReader } from './dialect.ts'

/** What endpoints have where nothing is generated: a call without a prompt, an answer without text. */
export const noCall = (read: ReadBody, model: string, upstreamPath: string): ReadCall => ({
  ...read,
  call: callOf(model),
  upstreamPath,
  texts: [],
  asked: '',
  turn: null,
})

const callOf = (model: string): Call => ({
  model,
  stream: false,
  promptBytes: 0,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 0,
  choices: 1,
  maxOutputTokens: 0,
  user: null,
  session: null,
  wantsUsage: false,
  params: noParams,
})

export const noAnswer = (): Answer => ({ usage: null, textBytes: 0, choices: 0, finishReasons: [] })

/** A stream of such an answer has nothing to count, and none is ever passed on. */
export const noReader = (): StreamReader => ({
  textBytes: 0,
  deltas: 0,
  usage: null,
  finishReasons: [],
  finished: true,
  parsed: undefined,
  read: () => 'unreadable',
  cut: () => new Uint8Array(),
})
