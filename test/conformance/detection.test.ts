import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  clientOf,
  CONTROL_TOKEN,
  inFolder,
  startGateway,
  type Gateway,
  type GatewayOptions,
} from '../support/gateway.ts'
import { sweep, type SweepPrompt } from '../support/sweep.ts'

const FLEET = 8
const OTHERS = 4
const EACH = 14
/** Stands in prompts of every kind and must stand nowhere else. */
const MARKER = 'Xylophonquagmire'

const secretOf = (key: number): string => `wr_sweep_${String(key).padStart(32, '0')}`
const keys = Array.from(
  { length: FLEET + OTHERS },
  (_, key) => `    - { id: s${key}, secret: "${secretOf(key)}", profile: unknown }`,
).join('\n')

const enforced = 'detection: { mode: enforce, snapshot_every: 1h }\n'

/** Everything of an answer but its ids and its time. */
interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Sends the whole sweep with the official client, key by key as many at once as there are keys. */
async function play({ serving }: Gateway, prompts: readonly SweepPrompt[]): Promise<readonly Answer[]> {
  const clients = Array.from({ length: FLEET + OTHERS }, (_, key) => clientOf(serving.dataUrl, secretOf(key)))
  const answers: Answer[] = []
  for (let from = 0; from < prompts.length; from += clients.length) {
    const turn = prompts.slice(from, from + clients.length)
    answers.push(...(await Promise.all(turn.map((prompt, i) => ask(clients[prompt.key]!, prompt, from + i)))))
  }
  return answers
}

async function ask(client: ReturnType<typeof clientOf>, { text, sweeps }: SweepPrompt, at: number): Promise<Answer> {
  const system = `Answer as ${MARKER} would. [[demo: tokens=3]]`
  const said = sweeps || at % 7 > 0 ? text : `${text} ${MARKER}`
  const body = {
    model: 'weir-demo-small',
    stream: at % 4 === 0,
    user: sweeps ? `${text.length}` : `${at}`,
    messages: [
      { role: 'system' as const, content: system },
      { role: 'user' as const, content: said },
    ],
  }
  const response = await client.chat.completions.create(body).asResponse()
  const changing = /^(?:date|x-request-id|request-id|content-length)$/
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => !changing.test(name)),
    body: (await response.text()).replaceAll(/"id":"[^"]*"|"created":\d+/g, ''),
  }
}

async function control({ serving }: { serving: { controlUrl: string } }, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${CONTROL_TOKEN}` }
  const answer = await fetch(`${serving.controlUrl}${path}`, { headers })
  assert.equal(answer.status, 200, path)
  const text = await answer.text()
  return text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text
}

/** What was said beside that the log of evidence is open. */
const warned = ({ said }: Gateway): readonly string[] =>
  said.map(({ what }) => what).filter((what) => what !== 'audit_log_opened')

interface Shown {
  readonly account: string
  readonly level: string
  readonly exchanges: number
}

async function during<T>(options: GatewayOptions, run: (gateway: Gateway) => Promise<T>): Promise<T> {
  const gateway = await startGateway({ keys, ...options })
  try {
    return await run(gateway)
  } finally {
    await gateway.close()
  }
}

test('a sweep from many keys is told of, changes no byte of an answer, leaves no text behind and survives a restart', async () => {
  await inFolder(async (folder) => {
    const dataDir = join(folder, 'data')
    const prompts = sweep(FLEET, OTHERS, EACH)
    const plain = await during({ more: 'detection: off\n' }, async (gateway) => {
      const answers = await play(gateway, prompts)
      const events = await gateway.eventsUntil(prompts.length)
      assert.ok(
        events.every(({ observation }) => observation === null),
        'nobody looks where it is off',
      )
      return answers
    })
    const before = await during({ more: enforced, dataDir }, async (gateway) => {
      const answers = await play(gateway, prompts)
      assert.deepEqual(answers, plain)
      const events = await gateway.eventsUntil(prompts.length)
      assert.ok(events.every(({ observation }) => observation?.role === 'human' && observation.turns === 2))

      const status = (await control(gateway, '/api/v1/detection')) as Record<string, unknown>
      assert.deepEqual([status['mode'], status['learning'], status['accounts']], ['enforce', false, FLEET + OTHERS])
      const accounts = (await control(gateway, '/api/v1/detection/accounts')) as readonly Shown[]
      const risen = accounts.filter(({ level }) => !['normal', 'watch'].includes(level))
      assert.ok(risen.length > 0, 'the sweep is seen')
      assert.ok(
        risen.every(({ account }) => Number(account.slice('key:s'.length)) < FLEET),
        'and nobody who chats',
      )
      assert.equal(((await control(gateway, '/api/v1/detection/accounts?limit=1')) as unknown[]).length, 1)
      const metrics = (await control(gateway, '/metrics')) as string
      assert.match(metrics, /^weir_decisions_total\{action="(?!allow)\w+",mode="enforce"\} [1-9]/m)
      assert.match(metrics, /^weir_detection_accounts\{level="\w+"\} [1-9]/m)

      const told = [
        gateway.events,
        gateway.said,
        status,
        accounts,
        metrics,
        await control(gateway, '/api/v1/detection/campaigns'),
        await control(gateway, '/api/v1/status'),
      ]
      assert.ok(!JSON.stringify(told).toLowerCase().includes(MARKER.toLowerCase()))
      assertNowhere(dataDir, MARKER)
      return accounts
    })
    assert.ok(statSync(join(dataDir, 'detection.state')).size > 1000)
    assertNowhere(dataDir, MARKER)

    await during({ more: enforced, dataDir }, async (gateway) => {
      assert.deepEqual(await control(gateway, '/api/v1/detection/accounts'), before, 'all is known that was')
      const [known] = before
      const client = clientOf(gateway.serving.dataUrl, secretOf(Number(known!.account.slice('key:s'.length))))
      await client.chat.completions.create({ model: 'weir-demo-small', messages: [{ role: 'user', content: 'hi' }] })
      await gateway.eventsUntil(1)
      const [now] = (await control(gateway, '/api/v1/detection/accounts')) as readonly Shown[]
      assert.deepEqual([now!.account, now!.exchanges], [known!.account, known!.exchanges + 1], 'and goes on')
      assert.deepEqual(warned(gateway), [])
    })
  })
})

function bytesOf(folder: string, name: string): Buffer | null {
  try {
    return readFileSync(join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function assertNowhere(folder: string, marker: string): void {
  const names = globSync('**/*', { cwd: folder })
  assert.ok(names.includes('weir.db'))
  for (const name of names) {
    // While the log is written a part of a tile gives way to a fuller one; everything is looked at again when it has stopped.
    const found =
      statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true ? bytesOf(folder, name) : null
    if (found === null) continue
    for (const encoding of ['latin1', 'utf16le'] as const) {
      const text = found.toString(encoding).toLowerCase()
      assert.ok(!text.includes(marker.toLowerCase()), `${name} holds text of a prompt`)
    }
  }
}

test('a state that cannot be read is said, moved aside, and no reason not to start', async () => {
  await inFolder(async (folder) => {
    const dataDir = join(folder, 'data')
    await during({ dataDir }, () => Promise.resolve())
    writeFileSync(join(dataDir, 'detection.state'), 'no state at all')
    await during({ dataDir }, async (gateway) => {
      const { client, said, eventsUntil } = gateway
      assert.deepEqual(warned(gateway), ['detection_state_lost'])
      assert.match(JSON.stringify(said), /detection\.state\.broken/)
      await client.chat.completions.create({ model: 'weir-demo-small', messages: [{ role: 'user', content: 'hi' }] })
      await eventsUntil(1)
    })
    assert.equal(readFileSync(join(dataDir, 'detection.state.broken'), 'utf8'), 'no state at all')
    assert.ok(statSync(join(dataDir, 'detection.state')).size > 100, 'and the new one is saved at the end')
  })
})
