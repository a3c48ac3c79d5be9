import { randomBytes } from 'node:crypto'
import OpenAI, { APIError } from 'openai'
import { parseConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import type { RequestEvent } from '../core/event.ts'
import { serve, type Serving } from '../serve.ts'
import { introduction, eventTable, quotaTable, staying, type Shown } from './demo-screen.ts'

/**
 * `npm run demo`: a gateway in front of the built-in demo model, a handful of real requests with the official client, and
 * what Weir made of them. Ends by itself in a pipe; in a terminal it stays up to be tried by hand.
 */
const token = randomBytes(18).toString('base64url')
const secrets = {
  app: `wr_demo_${randomBytes(16).toString('hex')}`,
  busy: `wr_busy_${randomBytes(16).toString('hex')}`,
}

const config = `
listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: "${token}" }
upstreams:
  demo: { dialect: openai, embedded: demo }
models: { "*": { upstream: demo, price: { input: 0.15, output: 0.6 } } }
identity:
  keys:
    - { id: app, secret: "${secrets.app}", tenant: acme, profile: app }
    - { id: busy, secret: "${secrets.busy}", tenant: globex, profile: app }
quotas:
  - { name: tokens-minute, per: [key], tokens: 60000, window: 1m, kind: sliding }
  - { name: story-budget, per: [key], output_tokens: 400, window: 1h, kind: sliding }
  - { name: requests, per: [key], requests: 4, window: 30s, match: { key: busy } }
  - { name: in-flight, per: [tenant], concurrent: 8 }
  - { name: spend, per: [tenant], cost_usd: 0.01, window: 1d, kind: sliding }
`

async function main(): Promise<number> {
  const parsed = parseConfig(config, 'demo', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  const events: RequestEvent[] = []
  const started = await serve({
    config: parsed.value,
    controlToken: token,
    readConfig: () => parsed,
    sinks: [(event) => void events.push(event)],
    say: (level, what, details) => process.stderr.write(`${level}: ${what} ${JSON.stringify(details)}\n`),
  })
  if (!started.ok) {
    process.stderr.write(`${started.error}\n`)
    return 2
  }
  const serving = started.value
  print(introduction(serving.dataUrl))
  const shown = await play(serving)
  while (events.length < shown.length) await new Promise((resolve) => setTimeout(resolve, 5))
  print(eventTable(shown, events))
  print(quotaTable(await quotas(serving, 'app'), 'app'))
  if (process.stdout.isTTY) {
    print(staying(serving.dataUrl, serving.controlUrl, secrets.app, token))
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
  }
  await serving.stop(1000)
  return events.length === shown.length ? 0 : 1
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const model = 'weir-demo-small'
const says = (content: string): { role: 'user'; content: string }[] => [{ role: 'user', content }]

/** The requests, one after the other, and what the client saw of each. */
async function play({ dataUrl }: Serving): Promise<Shown[]> {
  const clientFor = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${dataUrl}/v1`, maxRetries: 0 })
  const app = clientFor(secrets.app)
  const busy = clientFor(secrets.busy)
  const shown: Shown[] = []
  const step = async (what: string, run: () => Promise<string>): Promise<void> => {
    try {
      shown.push({ what, saw: await run() })
    } catch (error) {
      if (!(error instanceof APIError)) throw error
      const wait = error.headers?.get('retry-after-ms')
      shown.push({ what, saw: `${error.status} ${error.code}${wait == null ? '' : `, come back in ${wait} ms`}` })
    }
  }
  const stream = async (client: OpenAI, content: string): Promise<string> => {
    const final = await client.chat.completions.stream({ model, messages: says(content) }).finalChatCompletion()
    const { message, finish_reason: reason } = final.choices[0]!
    return `"${short(message.content ?? '')}" [${reason}]`
  }
  await step('list the models', async () => (await app.models.list()).data.map(({ id }) => id).join(', '))
  await step('a question', async () => {
    const answer = await app.chat.completions.create({ model, messages: says('Who are you? [[demo: tokens=40]]') })
    return `"${short(answer.choices[0]!.message.content ?? '')}"`
  })
  await step('streamed', () => stream(app, 'Tell me about rivers. [[demo: tokens=60 pace_tps=400]]'))
  await step('a tool call', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]
    const answer = await app.chat.completions.create({
      model,
      tools,
      messages: says('Please call get_weather for Basel.'),
    })
    const call = answer.choices[0]!.message.tool_calls?.[0]
    return call?.type === 'function' ? `${call.function.name}(${call.function.arguments})` : 'no call'
  })
  await step('a story longer than its budget', () =>
    stream(app, 'Tell me a long story. [[demo: tokens=900 pace_tps=900]]'),
  )
  await step('a question after that', () => stream(app, 'And then?'))
  for (let i = 1; i <= 5; i++)
    await step(`busy key, request ${i}`, () => stream(busy, 'Short answer. [[demo: tokens=5]]'))
  await step('a key that nobody issued', () =>
    stream(clientFor('wr_nobody_00000000000000000000000000000000'), 'Let me in.'),
  )
  return shown
}

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= 56 ? line : `${line.slice(0, 26)} … ${line.slice(-26)}`
}

async function quotas({ controlUrl }: Serving, key: string): Promise<readonly Record<string, string | number>[]> {
  const answer = await fetch(`${controlUrl}/api/v1/quotas?key=${key}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return (await answer.json()) as readonly Record<string, string | number>[]
}

process.exitCode = await main()
