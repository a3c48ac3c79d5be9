import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { immediate, paced, requestBody } from './answers.ts'

/*
 * Clients that are kept waiting, each on a socket of its own: node tarpit-clients.ts URL SOCKETS
 * It says `open` once all have sent their request, and how many were answered or broken when it is asked.
 */
export interface ClientsReport {
  /** Sockets that got their first byte, whose answer is whole, and that broke. */
  readonly begun: number
  readonly done: number
  readonly broken: number
  readonly refused: number
}

const { hostname, port } = new URL(process.argv[2]!)
const count = Number(process.argv[3])
const body = requestBody(process.argv[4] === 'short' ? immediate : paced)
const request = Buffer.concat([
  Buffer.from(
    [
      'POST /v1/chat/completions HTTP/1.1',
      `host: ${hostname}`,
      'authorization: Bearer wr_bench_slow_0123456789abcdef0123456789abcdef',
      'user-agent: OpenAI/JS 7.55.0',
      'accept: application/json',
      'accept-encoding: gzip,deflate',
      'x-stainless-lang: js',
      'x-stainless-package-version: 7.55.0',
      'x-stainless-os: Linux',
      'x-stainless-arch: x64',
      'x-stainless-runtime: node',
      'x-stainless-runtime-version: v26.10.0',
      'content-type: application/json',
      `content-length: ${body.length}`,
      '',
      '',
    ].join('\r\n'),
  ),
  body,
])
const tally = { begun: 0, done: 0, broken: 0, refused: 0 }
/** A listener takes only so many connections that are not accepted yet. */
const AT_ONCE = 100
const END = Buffer.from('0\r\n\r\n')

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
      socket.write(request, () => resolve(socket))
    })
    let begun = false
    socket.on('data', (part: Buffer) => {
      if (!begun) {
        tally.begun++
        if (!part.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200'))) tally.refused++
      }
      begun = true
      if (part.subarray(-END.length).equals(END)) tally.done++
    })
    socket.on('error', reject)
    socket.on('close', () => tally.broken++)
  })
}

for (let opened = 0; opened < count; opened += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open))
  await sleep(20)
}
process.on('message', () => process.send?.({ ...tally } satisfies ClientsReport))
process.on('disconnect', () => process.exit())
process.stdout.write('open\n')
