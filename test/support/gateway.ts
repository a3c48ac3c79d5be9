import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import type { DecoysConfig } from '../../src/config/response-config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import { serveDemoModel } from '../../src/lab/demo-server.ts'
import { serve, type Serving } from '../../src/serve.ts'
import { withDecoys } from './decoys.ts'
import { SECRET } from './harness.ts'

type DemoServer = Awaited<ReturnType<typeof serveDemoModel>>

/** A real gateway on real sockets, in front of the demo model behind a socket of its own. */
export interface Gateway {
  readonly serving: Serving
  readonly upstream: DemoServer
  readonly events: RequestEvent[]
  readonly said: { readonly what: string; readonly details: unknown }[]
  readonly client: OpenAI
  /** Waits until as many events are on record. */
  eventsUntil(count: number): Promise<readonly RequestEvent[]>
  close(): Promise<void>
}

export const CONTROL_TOKEN = 'control-token-of-the-tests'

export interface GatewayOptions {
  readonly quotas?: string
  readonly upstream?: string
  readonly more?: string
  /** YAML list lines of keys beside the usual two. */
  readonly keys?: string
  readonly dataDir?: string
  readonly decoys?: Partial<DecoysConfig>
  readonly trustedProxies?: string
  /** An upstream of the test's own in place of the demo model. */
  readonly baseUrl?: string
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const upstream = await serveDemoModel({ host: '127.0.0.1', port: 0, clock: systemClock, seed: 'tests' })
  const base = options.baseUrl ?? `${upstream.url}/v1`
  const text = `
listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: ${CONTROL_TOKEN} }
${options.dataDir === undefined ? '' : `data_dir: ${options.dataDir}`}
upstreams:
  main: { dialect: openai, base_url: "${base}", api_key: upstream-secret-key${options.upstream ?? ''} }
models: { "*": { upstream: main } }
identity:
  trusted_proxies: ${options.trustedProxies ?? '[]'}
  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }
    - { id: k2, secret: "${SECRET}2" }
${options.keys ?? ''}
quotas:${options.quotas === undefined ? ' []' : `\n${options.quotas}`}
${options.more ?? ''}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  const events: RequestEvent[] = []
  const said: { what: string; details: unknown }[] = []
  const started = await serve({
    config: withDecoys(parsed.value, options.decoys ?? {}),
    controlToken: CONTROL_TOKEN,
    readConfig: () => ({ ok: true, value: parsed.value }),
    sinks: [(event) => void events.push(event)],
    say: (_level, what, details) => void said.push({ what, details }),
  })
  if (!started.ok) throw new Error(started.error)
  const serving = started.value
  return {
    serving,
    upstream,
    events,
    said,
    client: clientOf(serving.dataUrl),
    async eventsUntil(count) {
      for (let i = 0; i < 400 && events.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10))
      if (events.length !== count) throw new Error(`${events.length} events where ${count} were expected`)
      return events
    },
    async close() {
      await serving.stop(1000)
      await upstream.close()
    },
  }
}

export const clientOf = (url: string, apiKey: string = SECRET, maxRetries = 0): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries, timeout: 20_000 })

/** Runs with a gateway and closes it whatever happens. */
export async function withGateway(options: GatewayOptions, run: (gateway: Gateway) => Promise<void>): Promise<void> {
  const gateway = await startGateway(options)
  try {
    await run(gateway)
  } finally {
    await gateway.close()
  }
}

export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-'))
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The demo model does what a directive in the prompt says. */
export const ask = (directive = '', text = 'Tell me about rivers.'): { role: 'user'; content: string }[] => [
  { role: 'user', content: directive === '' ? text : `${text} [[demo: ${directive}]]` },
]
