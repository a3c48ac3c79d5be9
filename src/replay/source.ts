import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Where lines come from: chunks of bytes, as they are in the file and as they are to be read. */
export interface Source {
  readonly name: string
  /** Null where nobody can say, as for standard input. */
  readonly sizeBytes: number | null
  /** Throws where the file cannot be read to its end. */
  chunks(onRead: (bytes: number) => void): AsyncIterable<Buffer>
}

const CHUNK_BYTES = 262_144

export const fileSource = (path: string, sizeBytes: number | null): Source => ({
  name: path,
  sizeBytes,
  chunks: (onRead) => unpacked(createReadStream(path, { highWaterMark: CHUNK_BYTES }), onRead),
})

export const streamSource = (name: string, stream: Readable): Source => ({
  name,
  sizeBytes: null,
  chunks: (onRead) => unpacked(stream, onRead),
})

/** Gzip is known by how it starts, whatever the file is called. */
async function* unpacked(stream: Readable, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const counted = count(stream, onRead)
  const head: Buffer[] = []
  let length = 0
  while (length < 2) {
    const next = await counted.next()
    if (next.done === true) break
    head.push(next.value)
    length += next.value.length
  }
  const start = head.length === 1 ? head[0]! : Buffer.concat(head)
  const whole = prepend(start, counted)
  if (start[0] === 0x1f && start[1] === 0x8b) yield* gunzipped(whole)
  else yield* whole
}

function gunzipped(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  // What goes wrong on either side is thrown to whoever reads.
  return pipeline(Readable.from(packed, { objectMode: false }), gunzip, () => undefined)
}

async function* count(stream: Readable, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onRead(chunk.length)
    yield chunk
  }
}

async function* prepend(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start
  yield* rest
}
