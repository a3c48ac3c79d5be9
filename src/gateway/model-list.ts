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
  const lists = parts.map((part, at) => readList(part)?.data.filter(({ id }) => listed[at]!.routes(id)) ?? null)
  if (lists.every((list) => list === null)) {
    const fault = parts.find((part) => part.fault !== null)?.fault
    return sink.onFault(fault ?? { kind: 'protocol', detail: 'no upstream gave a list of models', sent: true })
  }
  sink.onHead(200, { 'content-type': 'application/json' })
  sink.onData(Buffer.from(JSON.stringify({ object: 'list', data: lists.flatMap((list) => list ?? []) })))
  return sink.onEnd()
}

/** null: no list of models. What of it is no model has no id. */
function readList({ status, bytes, chunks, fault }: Part): List | null {
  if (fault !== null || status !== 200 || bytes > MAX_LIST_BYTES) return null
  try {
    const list = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { data?: unknown }
    if (!Array.isArray(list.data)) return null
    return {
      ...list,
      data: list.data.filter((entry): entry is Entry => typeof (entry as Entry | null)?.id === 'string'),
    }
  } catch {
    return null
  }
}

type Entry = { readonly id: string }

/**
 * A list of models with more in it: each added one stands behind the one that it is like, or else at the end, and looks
 * like it. What is no list is passed on as it came.
 */
export const addToModelList = (
  upstream: Upstream,
  added: readonly { readonly id: string; readonly like: string | null }[],
): Upstream =>
  rewriting(upstream, (list) => {
    const data = [...list.data]
    for (const { id, like } of added) {
      const at = like === null ? data.length - 1 : data.findIndex((entry) => entry.id === like)
      if (at >= 0) data.splice(at + 1, 0, entryLike(data[at]!, id))
    }
    return { ...list, data }
  })

/** One model as a list would show it; the upstream need not know it. */
export const modelLikeOthers = (upstream: Upstream, id: string): Upstream =>
  rewriting(upstream, ({ data }) => (data.length === 0 ? { id, object: 'model' } : entryLike(data.at(-1)!, id)))

/** Some servers repeat the id under other names. */
const entryLike = (entry: Entry, id: string): Entry =>
  Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, value === entry.id ? id : value])) as Entry

interface List {
  readonly data: readonly Entry[]
}

/** Asks for the list, and answers with what is made of it. What is no list, or a list beyond the bound, goes on as it came. */
const rewriting = (upstream: Upstream, make: (list: List) => object): Upstream => ({
  name: upstream.name,
  send: (request, sink) => upstream.send({ ...request, path: '/models' }, new Rewriter(sink, make)),
  // Closed by whoever opened it.
  close: () => Promise.resolve(),
})

class Rewriter implements UpstreamSink {
  readonly #sink: UpstreamSink
  readonly #make: (list: List) => object
  readonly #part: Part = { status: 0, bytes: 0, chunks: [], fault: null }
  #isPassing = false

  constructor(sink: UpstreamSink, make: (list: List) => object) {
    this.#sink = sink
    this.#make = make
  }

  onHead(...head: Parameters<UpstreamSink['onHead']>): void {
    this.#part.status = head[0]
    this.#sink.onHead(...head)
  }

  onData(data: Uint8Array): void {
    const part = this.#part
    if (this.#isPassing) return this.#sink.onData(data)
    part.bytes += data.length
    part.chunks.push(Buffer.from(data))
    if (part.bytes > MAX_LIST_BYTES) this.#pass()
  }

  onEnd(): void {
    const list = this.#isPassing ? null : readList(this.#part)
    if (list !== null) this.#sink.onData(Buffer.from(JSON.stringify(this.#make(list))))
    else if (!this.#isPassing) this.#pass()
    this.#sink.onEnd()
  }

  onFault(fault: UpstreamFault): void {
    this.#sink.onFault(fault)
  }

  #pass(): void {
    this.#isPassing = true
    for (const chunk of this.#part.chunks.splice(0)) this.#sink.onData(chunk)
  }
}
