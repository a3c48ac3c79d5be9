import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { Result } from '../../src/core/result.ts'
import { serve, type Serving } from '../../src/serve.ts'
import { startVendor, type VendorServer } from '../support/vendor-server.ts'

/** A folder with a `weir.yaml`, and a Weir that serves what stands in it. */

export const WEIR: string = join(import.meta.dirname, '..', '..', 'bin', 'weir')
export const TOKEN: string = 'the-control-token-0123456789'
export const KEY: string = 'wr_test_0123456789abcdef0123456789abcdef'
export const OTHER: string = 'wr_other_0123456789abcdef0123456789abcde'

export interface Folder {
  readonly path: string
  readonly vendor: VendorServer
  write(name: string, text: string | Uint8Array): string
  /** Writes `weir.yaml`: the usual one and these lines. */
  config(more?: string, over?: Partial<Record<'upstream' | 'identity' | 'control' | 'listen' | 'model', string>>): void
}

export async function inFolder(run: (folder: Folder) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'weir-reload-'))
  const vendor = await startVendor()
  const write = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(path, name), text)
    return join(path, name)
  }
  try {
    await run({
      path,
      vendor,
      write,
      config(more = '', over = {}) {
        write(
          'weir.yaml',
          `listen: ${over.listen ?? '127.0.0.1:0'}
control: { listen: 127.0.0.1:0, token: ${over.control ?? TOKEN} }
upstreams:
  main: { dialect: openai, base_url: "${vendor.url}/v1"${over.upstream ?? ''} }
models: { "vendor-*": { upstream: main${over.model ?? ''} } }
identity:
${over.identity ?? `  keys: [{ id: k1, secret: "${KEY}" }]`}
${more}
`,
        )
      },
    })
  } finally {
    await vendor.close()
    rmSync(path, { recursive: true })
  }
}

export interface Running extends Serving {
  readonly events: RequestEvent[]
  readonly said: { readonly what: string; readonly details: unknown }[]
}

/** Serves what stands in the folder. */
export async function serving(folder: Folder, run: (weir: Running) => Promise<void>): Promise<void> {
  const file = join(folder.path, 'weir.yaml')
  const readConfig = (): Result<Config, string> => {
    const loaded = loadConfig(file, {})
    return loaded.ok ? loaded : { ok: false, error: formatProblems(loaded.error) }
  }
  const config = readConfig()
  assert.ok(config.ok, config.ok ? '' : config.error)
  const events: RequestEvent[] = []
  const said: { what: string; details: unknown }[] = []
  const started = await serve({
    config: config.value,
    controlToken: config.value.control.token!,
    readConfig,
    sinks: [(event) => void events.push(event)],
    say: (_level, what, details) => void said.push({ what, details }),
  })
  assert.ok(started.ok, started.ok ? '' : started.error)
  try {
    await run({ ...started.value, events, said })
  } finally {
    await started.value.stop(500)
  }
}

export const post = (url: string, secret: string = KEY): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ model: 'vendor-model', messages: [{ role: 'user', content: 'Hello there' }] }),
  })

export async function statusOf(answering: Promise<Response>): Promise<number> {
  const answer = await answering
  await answer.text()
  return answer.status
}

export interface Reloaded {
  readonly status: number
  readonly config?: string
  readonly error?: string
}

export async function reload(controlUrl: string, token: string = TOKEN): Promise<Reloaded> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${controlUrl}/api/v1/config/reload`, { method: 'POST', headers })
  return { status: answer.status, ...((await answer.json()) as object) }
}

export interface Ready {
  readonly status: string
  readonly config: string
  readonly config_on_disk: string
}

export async function ready(controlUrl: string): Promise<Ready> {
  const answer = await fetch(`${controlUrl}/readyz`)
  assert.equal(answer.status, 200)
  return (await answer.json()) as Ready
}

export const limit = (requests: number): string =>
  `quotas: [{ name: few, per: [key], requests: ${requests}, window: 1h, kind: sliding }]`
