import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A page in a real Chromium, over its DevTools protocol. */
export interface BrowserPage {
  open(url: string): Promise<void>
  /** What an expression comes to in the page; a promise is waited for. */
  evaluate<T>(expression: string): Promise<T>
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>
  /** Types as a keyboard does, key by key: `Tab`, `Enter`, `Space`, or text. */
  press(...keys: readonly string[]): Promise<void>
  media(features: Readonly<Record<string, string>>): Promise<void>
  /** Time that all processes of the browser have had on a processor. */
  cpuMs(): Promise<number>
  /** PNG of the whole page. */
  screenshot(widthPx: number): Promise<Buffer>
  /** Everything that the page complained about: errors, and what its policy kept it from. */
  readonly complaints: readonly string[]
  /** Every address that it asked for. */
  readonly asked: readonly string[]
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

export async function withChromium(path: string, run: (page: BrowserPage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-chromium-'))
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--remote-debugging-port=0',
    `--user-data-dir=${folder}`,
    'about:blank',
  ]
  const chromium = spawn(path, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = new Promise<void>((resolve) => void chromium.once('exit', () => resolve()))
  try {
    const endpoint = await new Promise<string>((resolve, reject) => {
      let text = ''
      chromium.stderr.on('data', (part: Buffer) => {
        text += part.toString()
        const found = /listening on (ws:\S+)/.exec(text)
        if (found !== null) resolve(found[1]!)
      })
      chromium.once('exit', () => reject(new Error(`chromium ended: ${text.slice(-500)}`)))
    })
    const socket = new WebSocket(endpoint)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true })
      socket.addEventListener('error', () => reject(new Error('no DevTools')), { once: true })
    })
    await run(await openPage(socket))
    socket.close()
  } finally {
    chromium.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function openPage(socket: WebSocket): Promise<BrowserPage> {
  const waiting = new Map<number, (message: Message) => void>()
  const complaints: string[] = []
  const asked: string[] = []
  let loaded = (): void => {}
  let last = 0
  const heard: Readonly<Record<string, (params: Record<string, unknown>) => void>> = {
    'Page.loadEventFired': () => loaded(),
    'Runtime.exceptionThrown': (params) => void complaints.push(JSON.stringify(params)),
    'Log.entryAdded'({ entry }) {
      // An answer with an error status is no fault of the page's.
      if ((entry as { source: string }).source !== 'network') complaints.push(JSON.stringify(entry))
    },
    'Network.requestWillBeSent': ({ request }) => void asked.push((request as { url: string }).url),
  }
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    else if (message.method !== undefined) heard[message.method]?.(message.params ?? {})
  })
  const send = (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error === undefined) resolve(result ?? {})
        else reject(new Error(`${method}: ${error.message}`))
      })
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
    })
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const ask = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
    send(method, params, String(sessionId))
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`)
  const page: BrowserPage = {
    complaints,
    asked,
    async open(url) {
      const isLoaded = new Promise<void>((resolve) => (loaded = resolve))
      await ask('Page.navigate', { url })
      await isLoaded
    },
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await ask('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value: T }).value
    },
    async until(expression) {
      for (let i = 0; i < 600; i++) {
        if (await page.evaluate<boolean>(`Boolean(${expression})`)) return
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      throw new Error(`this did not come true: ${expression}`)
    },
    async press(...keys) {
      for (const key of keys) {
        const known = named[key]
        if (known === undefined) await ask('Input.insertText', { text: key })
        else {
          await ask('Input.dispatchKeyEvent', { type: 'keyDown', key, ...known })
          await ask('Input.dispatchKeyEvent', { type: 'keyUp', key, ...known })
        }
      }
    },
    async media(features) {
      const list = Object.entries(features).map(([name, value]) => ({ name, value }))
      await ask('Emulation.setEmulatedMedia', { features: list })
    },
    async cpuMs() {
      const { processInfo } = await send('SystemInfo.getProcessInfo')
      const all = processInfo as readonly { readonly cpuTime: number }[]
      return all.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
    },
    async screenshot(widthPx) {
      await ask('Emulation.setDeviceMetricsOverride', {
        width: widthPx,
        height: 800,
        deviceScaleFactor: 1,
        mobile: false,
      })
      const { data } = await ask('Page.captureScreenshot', { captureBeyondViewport: true })
      return Buffer.from(String(data), 'base64')
    },
  }
  return page
}

const named: Readonly<Record<string, object>> = {
  Tab: { code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Space: { code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
}
