import type { ReadCall } from './dialect.ts'
import { applyEdits, type Edit } from './json-scan.ts'

/** Changes of a request after it was read: its bytes, where its fields stand in them, and what was read of it stay one. */

/** Makes edits in a request's bytes. None of them overlaps another, or one end of a top-level field. */
export function editRead(read: ReadCall, edits: readonly Edit[]): ReadCall {
  const moved = (at: number): number =>
    edits.reduce((to, { start, end, text }) => (end <= at ? to + Buffer.byteLength(text) - (end - start) : to), at)
  const fields = new Map(
    [...read.fields].map(([name, { start, end }]) => [name, { start: moved(start), end: moved(end) }]),
  )
  return { ...read, bytes: applyEdits(read.bytes, edits), fields }
}

/** The same request for another model, wherever its dialect names it. */
export function withModel(read: ReadCall, model: string): ReadCall {
  const { call, body, fields, upstreamPath } = read
  const named = body['model']
  const span = fields.get('model')
  // Google's bodies can repeat the name of the path as a resource.
  const written = typeof named === 'string' && named.startsWith('models/') ? `models/${model}` : model
  const edited =
    span === undefined || typeof named !== 'string'
      ? read
      : editRead(read, [{ ...span, text: JSON.stringify(written) }])
  const before = `/models/${encodeURIComponent(call.model)}`
  return {
    ...edited,
    body: span === undefined ? body : { ...body, model: written },
    call: { ...call, model },
    upstreamPath: upstreamPath.startsWith(before)
      ? `/models/${encodeURIComponent(model)}${upstreamPath.slice(before.length)}`
      : upstreamPath,
  }
}
