import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest, UpstreamSink } from '../../src/core/upstream.ts'

/** Everything an upstream said, in order. */
export interface Recorded extends UpstreamSink {
  readonly calls: string[]
  status: number
  headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** Data of each server-sent event. */
  readonly events: string[]
  fault: UpstreamFault | null
}

export function recordingSink(onData: () => void = () => {}): Recorded {
  const parts: Uint8Array[] = []
  const sink: Recorded = {
    calls: [],
    status: 0,
    headers: {},
    fault: null,
    get text() {
      return Buffer.concat(parts).toString('utf8')
    },
    get events() {
      const events = sink.text.split(/\r\n\r\n|\n\n/).filter((event) => event !== '')
      return events.map((event) => event.slice('data: '.length))
    },
    onHead(status, headers) {
      sink.calls.push('head')
      sink.status = status
      sink.headers = headers
    },
    onData(bytes) {
      sink.calls.push('data')
      parts.push(Buffer.from(bytes))
      onData()
    },
    onEnd: () => void sink.calls.push('end'),
    onFault(fault) {
      sink.calls.push('fault')
      sink.fault = fault
    },
  }
  return sink
}

export const post = (body: unknown, path = '/chat/completions'): UpstreamRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json' },
  credential: null,
  keyStyle: 'bearer',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

export const get = (path: string): UpstreamRequest => ({
  method: 'GET',
  path,
  headers: {},
  credential: null,
  keyStyle: 'bearer',
  body: null,
})

/** A request for the demo model, with a directive where there is one. */
export const chatOf = (directive = '', over: object = {}, text = 'Tell me about rivers.'): object => ({
  model: 'weir-demo-small',
  messages: [{ role: 'user', content: directive === '' ? text : `${text} [[demo: ${directive}]]` }],
  ...over,
})

export function sendTo(upstream: Upstream, request: UpstreamRequest): { sink: Recorded; call: UpstreamCall } {
  const sink = recordingSink()
  return { sink, call: upstream.send(request, sink) }
}
