import type { Upstream, UpstreamCall, UpstreamFault, UpstreamSink } from '../core/upstream.ts'

/** An upstream whose models are listed, and which of them are reached through it. */
export interface ListedUpstream {
  readonly upstream: Upstream
  routes(model: string): boolean
}

/** A list of models is short; what is longer is something else. */
const MAX_LIST_BYTES = 4 * 1024 * 1024

interface Part {
  status: number
  bytes: number
  readonly chunks: Buffer[]
  fault: UpstreamFault | null
}

/**
 * The models of several upstreams as one list: asks each of them, and keeps of each what a request for that model would
 * really reach there. One that does not answer is left out; the answer fails only if none does.
 */
export function createModelList(listed: readonly ListedUpstream[]): Upstream {
  return {
    name: 'models',
    send(request, sink) {
      // A client's own key goes to one upstream only: another one may be another company.
      const asked = request.credential === null ? listed : listed.slice(0, 1)
      const calls: UpstreamCall[] = []
      const parts: Part[] = []
      let open = asked.length
      const close = (): void => {
        if (--open === 0) answer(asked, parts, sink)
      }
      for (const { upstream } of asked) {
        const part: Part = { status: 0, bytes: 0, chunks: [], fault: null }
        parts.push(part)
        calls.push(upstream.send(request, collector(part, close)))
      }
      const each = (act: (call: UpstreamCall) => void) => (): void => calls.forEach(act)
      return { abort: each((call) => call.abort()), pause: () => {}, resume: () => {} }
    },
    // The upstreams are closed by whoever opened them.
    close: () => Promise.resolve(),
  }
}

function collector(part: Part, close: () => void): UpstreamSink {
  return {
    onHead(status) {
      part.status = status
    },
    onData(data) {
      part.bytes += data.length
      if (part.bytes <= MAX_LIST_BYTES) part.chunks.push(Buffer.from(data))
    },
    onEnd: close,
    onFault(fault) {
      part.fault = fault
      close()
    },
  }
}

function answer(listed: readonly ListedUpstream[], parts: readonly Part[], sink: UpstreamSink): void {
  const lists = parts.map((part, at) => readList(part)?.filter(({ id }) => listed[at]!.routes(id)) ?? null)
  if (lists.every((list) => list === null)) {
    const fault = parts.find((part) => part.fault !== null)?.fault
    return sink.onFault(fault ?? { kind: 'protocol', detail: 'no upstream gave a list of models', sent: true })
  }
  sink.onHead(200, { 'content-type': 'application/json' })
  sink.onData(Buffer.from(JSON.stringify({ object: 'list', data: lists.flatMap((list) => list ?? []) })))
  return sink.onEnd()
}

function readList({ status, bytes, chunks, fault }: Part): readonly { readonly id: string }[] | null {
  if (fault !== null || status !== 200 || bytes > MAX_LIST_BYTES) return null
  try {
    const { data } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { data?: unknown }
    if (!Array.isArray(data)) return null
    return data.filter((entry): entry is { id: string } => typeof (entry as { id?: unknown } | null)?.id === 'string')
  } catch {
    return null
  }
}
