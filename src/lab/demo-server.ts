import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDemoModel, type DemoModelOptions } from './demo-model.ts'
import type { Upstream } from '../core/upstream.ts'

/** The demo model behind a socket, under `/v1`: what a gateway sees of a real model server, faults included. */
export interface DemoServer {
  readonly url: string
  readonly requests: number
  /** Answers in progress. */
  readonly openStreams: number
  /** Answers that were stopped because the caller had gone. */
  readonly aborted: number
  close(): Promise<void>
}

export async function serveDemoModel(
  options: DemoModelOptions & { readonly host: string; readonly port: number },
): Promise<DemoServer> {
  const model = createDemoModel(options)
  const counts = { requests: 0, open: 0, aborted: 0 }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => answer(model, request, response, Buffer.concat(parts), counts))
  })
  await new Promise<void>((resolve) => server.listen(options.port, options.host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host}:${port}`,
    get requests() {
      return counts.requests
    },
    get openStreams() {
      return counts.open
    },
    get aborted() {
      return counts.aborted
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(
  model: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  counts: { requests: number; open: number; aborted: number },
): void {
  let dropped = false
  counts.requests++
  counts.open++
  const path = (request.url ?? '').replace(/^\/v1/, '')
  const call = model.send(
    {
      method: request.method === 'GET' ? 'GET' : 'POST',
      path,
      headers: {},
      credential: null,
      keyStyle: 'bearer',
      body,
    },
    {
      onHead: (status, headers) => response.writeHead(status, headers as Record<string, string>).flushHeaders(),
      onData(bytes) {
        if (!response.write(bytes)) call.pause()
      },
      onEnd: () => void response.end(),
      onFault() {
        dropped = true
        response.destroy()
      },
    },
  )
  response.on('drain', () => call.resume())
  response.on('close', () => {
    counts.open--
    if (response.writableFinished || dropped) return
    counts.aborted++
    call.abort()
  })
}
