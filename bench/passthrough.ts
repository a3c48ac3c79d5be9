import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import { Pool, type Dispatcher } from 'undici'
import { announce } from './child.ts'

/*
 * What Weir is measured against: the least that a proxy on this runtime can do. `bare` moves the bytes; `parsing` also
 * reads every event and its JSON, which nothing that meters a stream can do without.
 *
 *   node passthrough.ts bare|parsing UPSTREAM_ORIGIN
 */
const [kind, origin] = process.argv.slice(2)
if (origin === undefined || (kind !== 'bare' && kind !== 'parsing')) throw new Error('wants bare|parsing and an origin')

const pool = new Pool(origin, { connections: 256, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
const hops = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect', 'upgrade'])

announce(
  createServer((request, response) => {
    pool
      .request({
        method: request.method as Dispatcher.HttpMethod,
        path: request.url!,
        headers: endToEnd(request.headers),
        body: request,
      })
      .then(
        (answer) => {
          response.writeHead(answer.statusCode, endToEnd(answer.headers))
          answer.body.on('error', () => response.destroy())
          response.on('close', () => answer.body.destroy())
          const isStream = String(answer.headers['content-type']).startsWith('text/event-stream')
          if (kind === 'parsing' && isStream) readAndPass(answer.body, response)
          else answer.body.pipe(response)
        },
        () => response.writeHead(502).end(),
      )
  }),
)

function readAndPass(body: Dispatcher.ResponseData['body'], response: ServerResponse): void {
  const decoder = new StringDecoder('utf8')
  let tokens = 0
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return
      const chunk = JSON.parse(data) as { usage?: { completion_tokens: number } | null }
      tokens = chunk.usage?.completion_tokens ?? tokens + 1
    },
  })
  body.on('data', (chunk: Buffer) => {
    parser.feed(decoder.write(chunk))
    if (!response.write(chunk)) body.pause()
  })
  response.on('drain', () => body.resume())
  body.on('end', () => {
    if (tokens > 0) response.end()
    else response.destroy()
  })
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const name in headers) if (!hops.has(name)) kept[name] = headers[name]!
  return kept
}
