import type { Cancel, Clock } from '../../src/core/clock.ts'
import type { Upstream, UpstreamFault, UpstreamRequest } from '../../src/core/upstream.ts'

/** One step of an upstream's answer, `afterMs` the one before it. */
export type Step =
  | { readonly afterMs: number; readonly head: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly afterMs: number; readonly data: string; readonly bytes?: Uint8Array }
  | { readonly afterMs: number; readonly end: true }
  | { readonly afterMs: number; readonly fault: UpstreamFault }

/** An upstream that does what the test says, on the test's clock. Counts what it was asked and what was aborted. */
export interface ScriptedUpstream extends Upstream {
  readonly requests: (UpstreamRequest & { readonly text: string })[]
  readonly open: number
  readonly aborted: number
}

export function scriptedUpstream(
  clock: Clock,
  script: (request: UpstreamRequest, n: number) => readonly Step[],
): ScriptedUpstream {
  const requests: (UpstreamRequest & { text: string })[] = []
  let open = 0
  let aborted = 0
  return {
    name: 'scripted',
    requests,
    get open() {
      return open
    },
    get aborted() {
      return aborted
    },
    send(request, sink) {
      requests.push({ ...request, text: request.body === null ? '' : Buffer.from(request.body).toString('utf8') })
      const steps = [...script(request, requests.length)]
      let cancel: Cancel | null = null
      let over = false
      let paused = false
      open++
      const close = (): void => {
        over = true
        open--
        cancel?.()
      }
      const next = (): void => {
        const step = steps.shift()
        if (step === undefined) return
        cancel = clock.after(step.afterMs, () => {
          if (over) return
          if ('head' in step) sink.onHead(step.head, step.headers ?? {})
          else if ('data' in step) sink.onData(step.bytes ?? Buffer.from(step.data))
          else {
            close()
            if ('end' in step) sink.onEnd()
            else sink.onFault(step.fault)
            return
          }
          if (!over && !paused) next()
        })
      }
      next()
      return {
        abort() {
          if (over) return
          aborted++
          close()
        },
        pause: () => void (paused = true),
        resume() {
          if (!paused) return
          paused = false
          next()
        },
      }
    },
    close: () => Promise.resolve(),
  }
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, model: 'demo-model' }

/** The data line of a chunk with some text. */
export const chunk = (content: string, over: object = {}, index = 0): string =>
  `data: ${JSON.stringify({ ...head, choices: [{ index, delta: { content }, finish_reason: null }], ...over })}\n\n`

export const finish = (reason = 'stop', index = 0): string =>
  `data: ${JSON.stringify({ ...head, choices: [{ index, delta: {}, finish_reason: reason }] })}\n\n`

export const usageChunk = (input: number, output: number): string =>
  `data: ${JSON.stringify({ ...head, choices: [], usage: usageOf(input, output) })}\n\n`

export const usageOf = (input: number, output: number): object => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
})

export const DONE = 'data: [DONE]\n\n'

export const sse = { 'content-type': 'text/event-stream' }
export const json = { 'content-type': 'application/json' }

/** A stream of `tokens` one-token chunks, as its provider would count them. */
export function streamSteps(tokens: number, input: number, paceMs: number, usage = true): Step[] {
  const chunks = Array.from({ length: tokens }, (_, i): Step => ({ afterMs: paceMs, data: chunk(`tok${i % 10}`) }))
  return [
    { afterMs: 5, head: 200, headers: sse },
    ...chunks,
    { afterMs: 0, data: finish() },
    ...(usage ? [{ afterMs: 0, data: usageChunk(input, tokens) }] : []),
    { afterMs: 0, data: DONE },
    { afterMs: 0, end: true },
  ]
}

export const wholeSteps = (
  output: number,
  input: number,
  afterMs: number,
  usage: object | null = usageOf(input, output),
): Step[] => [
  { afterMs, head: 200, headers: json },
  {
    afterMs: 0,
    data: JSON.stringify({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'tok '.repeat(output) }, finish_reason: 'stop' }],
      ...(usage === null ? {} : { usage }),
    }),
  },
  { afterMs: 0, end: true },
]
