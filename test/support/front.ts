import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import type { DecoysConfig } from '../../src/config/response-config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { ActionsInForce } from '../../src/core/action.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import { serve, type Serving } from '../../src/serve.ts'
import { CONTROL_TOKEN } from './gateway.ts'
import { withDecoys } from './decoys.ts'
import { SECRET } from './harness.ts'
import { startVendor, type VendorServer } from './vendor-server.ts'

/** A real gateway on real sockets, in front of a server that speaks as every vendor does. */
export interface Front {
  readonly serving: Serving
  readonly vendor: VendorServer
  readonly events: RequestEvent[]
  readonly said: { readonly what: string; readonly details: unknown }[]
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  readonly google: GoogleGenAI
  /** Waits until as many events are on record. */
  eventsUntil(count: number): Promise<readonly RequestEvent[]>
  /** Puts other YAML in force, as a reload does; gives what is wrong with it. */
  reload(more: string): string | null
  /** The same with any of the options in place of those it was started with. */
  reloadWith(changed: Partial<FrontOptions>): string | null
}

export interface FrontOptions {
  /** YAML list lines under `quotas:`. */
  readonly quotas?: string
  /** YAML appended at the top level. */
  readonly more?: string
  /** YAML lines under `identity:`, in place of the usual keys. */
  readonly identity?: string
  /** Flow fields added to both upstreams, such as `, idle_timeout: 300ms`. */
  readonly upstream?: string
  /** Flow fields added to the model, such as `, max_output: 64`. */
  readonly model?: string
  /** YAML lines under `upstreams:`, in place of the usual two. */
  readonly upstreams?: string
  /** YAML lines under `models:`, in place of the usual two. */
  readonly models?: string
  readonly dataDir?: string
  readonly decoys?: Partial<DecoysConfig>
  readonly listen?: string
  readonly actions?: ActionsInForce
}

const keys = `  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }
    - { id: k2, secret: "${SECRET}2" }`

const upstreamsOf = ({ upstream = '' }: FrontOptions): string =>
  `  v1: { dialect: [openai, anthropic], base_url: "\${VENDOR}/v1", api_key: vendor-secret-key${upstream} }
  google: { dialect: gemini, base_url: "\${VENDOR}/v1beta", api_key: vendor-secret-key${upstream} }`

const modelsOf = ({ model = '' }: FrontOptions): string =>
  `  "vendor-*": { upstream: v1${model} }
  "gemini-*": { upstream: google${model} }`

/** `${VENDOR}` in any of the texts stands for the vendor's address. */
const textOf = (options: FrontOptions, url: string): string =>
  `
listen: ${options.listen ?? '127.0.0.1:0'}
control: { listen: 127.0.0.1:0, token: ${CONTROL_TOKEN} }
${options.dataDir === undefined ? '' : `data_dir: ${options.dataDir}`}
upstreams:
${options.upstreams ?? upstreamsOf(options)}
models:
${options.models ?? modelsOf(options)}
identity:
${options.identity ?? keys}
quotas:${options.quotas === undefined || options.quotas === '' ? ' []' : `\n${options.quotas}`}
${options.more ?? ''}
`.replaceAll('${VENDOR}', url)

/** Runs with a front and closes it whatever happens. */
export async function withFront(options: FrontOptions, run: (front: Front) => Promise<void>): Promise<void> {
  const vendor = await startVendor()
  const events: RequestEvent[] = []
  const said: { what: string; details: unknown }[] = []
  let text = textOf(options, vendor.url)
  const read = (): ReturnType<typeof parseConfig> => parseConfig(text, 'test.yaml', {})
  const parsed = read()
  if (!parsed.ok) {
    await vendor.close()
    throw new Error(formatProblems(parsed.error))
  }
  const started = await serve({
    config: withDecoys(parsed.value, options.decoys ?? {}),
    controlToken: CONTROL_TOKEN,
    readConfig: () => {
      const next = read()
      return next.ok ? next : { ok: false, error: formatProblems(next.error) }
    },
    sinks: [(event) => void events.push(event)],
    say: (_level, what, details) => void said.push({ what, details }),
    ...(options.actions !== undefined && { actions: options.actions }),
  })
  if (!started.ok) {
    await vendor.close()
    throw new Error(started.error)
  }
  const serving = started.value
  const url = serving.dataUrl
  const front: Front = {
    serving,
    vendor,
    events,
    said,
    ...clientsOf(url, SECRET),
    async eventsUntil(count) {
      for (let i = 0; i < 400 && events.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10))
      if (events.length !== count) throw new Error(`${events.length} events where ${count} were expected`)
      return events
    },
    reload: (more) => front.reloadWith({ more }),
    reloadWith(changed) {
      text = textOf({ ...options, ...changed }, vendor.url)
      return serving.reload()
    },
  }
  try {
    await run(front)
  } finally {
    await serving.stop(500)
    await vendor.close()
  }
}

export interface Clients {
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  readonly google: GoogleGenAI
}

/** The three vendors' own libraries, without retries. */
export const clientsOf = (url: string, apiKey: string): Clients => ({
  openai: new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0, timeout: 20_000 }),
  anthropic: new Anthropic({ apiKey, baseURL: url, maxRetries: 0, timeout: 20_000 }),
  google: new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl: url, apiVersion: 'v1beta' } }),
})
