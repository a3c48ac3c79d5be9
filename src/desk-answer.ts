import type { Upstream } from './core/upstream.ts'
import type { Endpoint } from './dialects/dialect.ts'
import { noAnswer, noReader } from './dialects/nothing.ts'
import { openai } from './dialects/openai.ts'

/** How Weir answers by itself on the data plane: endpoints and upstreams in its own name. */
export type Answer = readonly [status: number, body: object, headers?: Readonly<Record<string, string>>]

export const problem = (message: string, code: string, param: string | null = null): object => ({
  error: { message, type: 'invalid_request_error', param, code },
})

export const ownEndpoint = (name: string, method: 'GET' | 'POST', path: string, read: Endpoint['read']): Endpoint => ({
  name,
  dialect: openai,
  method,
  path,
  generates: false,
  read,
  encode: () => null,
  readAnswer: noAnswer,
  reader: noReader,
})

/** What `answer` throws is a fault of ours, as anywhere on the request path; later nobody listens but `fault`. `settled` is waited for where there is one. */
export function answering(
  answer: () => Answer | Promise<Answer>,
  settled: () => Promise<void> | null,
  fault: (error: unknown) => void,
): Upstream {
  return {
    name: 'weir',
    send(_request, sink) {
      const answered = answer()
      let aborted = false
      const send = ([status, value, headers]: Answer): void => {
        if (aborted) return
        sink.onHead(status, { 'content-type': 'application/json', ...headers })
        sink.onData(Buffer.from(JSON.stringify(value)))
        sink.onEnd()
      }
      const lost = (error: unknown): void => {
        fault(error)
        if (!aborted) sink.onFault({ kind: 'protocol', detail: String(error), sent: true })
      }
      const settle = (answer: Answer): void => {
        const unsettled: Answer = [503, problem('Noted, but not on record yet. Please ask again.', 'not_on_record')]
        const waiting = answer[0] === 200 ? settled() : null
        if (waiting === null) queueMicrotask(() => send(answer))
        else
          void waiting.then(
            () => send(answer),
            () => send(unsettled),
          )
      }
      if (answered instanceof Promise) void answered.then(settle, lost)
      else settle(answered)
      const abort = (): void => {
        aborted = true
      }
      return { abort, pause() {}, resume() {} }
    },
    close: () => Promise.resolve(),
  }
}
