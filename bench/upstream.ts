import { createServer, type ServerResponse } from 'node:http'
import { type Scenario, scenarios } from './answers.ts'
import { announce } from './child.ts'

/*
 * The mock model: an OpenAI-compatible server that costs as little as possible, in a process of its own, so that no proxy
 * pays for it. It looks for the model's name in the body and never parses it.
 */
const known = scenarios.map((scenario) => ({ scenario, needle: Buffer.from(`"model":"${scenario.model}"`) }))

announce(
  createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const found = known.find(({ needle }) => body.includes(needle))
      if (request.url !== '/v1/chat/completions' || found === undefined) response.writeHead(404).end()
      else if (found.scenario.stream) stream(found.scenario, body.includes('"include_usage":true'), response)
      else whole(found.scenario, response)
    })
  }),
)

function whole({ parts }: Scenario, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': parts[0]!.length })
  response.end(parts[0])
}

function stream({ parts, delayMs }: Scenario, withUsage: boolean, response: ServerResponse): void {
  const sent = withUsage ? parts : parts.toSpliced(-2, 1)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  let at = 0
  let timer: NodeJS.Timeout | null = null
  const next = (): void => {
    response.write(sent[at++])
    if (at === sent.length) response.end()
    else if (delayMs === 0) setImmediate(next)
    else timer = setTimeout(next, delayMs)
  }
  response.on('close', () => {
    at = sent.length - 1
    if (timer !== null) clearTimeout(timer)
  })
  next()
}
