import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { createServer as createTcp, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { request } from 'undici'
import { systemClock } from '../core/clock.ts'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { slackBody, syslogLine, type Notice } from './message.ts'
import { AlertSender, type SenderOptions, type Target } from './sender.ts'

const notice: Notice = { atMs: 1_790_000_000_000, headline: 'acme reached step_up', details: { evidence: 700 } }
const hook: Target = { name: 'hook', kind: 'webhook', url: 'https://example.com/', secret: 'whsec_0123456789' }

interface Setup {
  readonly clock: VirtualClock
  readonly sender: AlertSender
  readonly said: string[]
  readonly posts: { readonly atMs: number; readonly body: string; readonly headers: Readonly<Record<string, string>> }[]
}

function setup(answer: (post: number) => number | Error, targets: readonly Target[] = [hook]): Setup {
  const clock = createVirtualClock(0)
  const said: string[] = []
  const posts: Setup['posts'] = []
  const post: SenderOptions['post'] = async (_url, _type, body, headers) => {
    posts.push({ atMs: clock.now(), body: Buffer.from(body).toString(), headers })
    const status = answer(posts.length)
    if (status instanceof Error) throw status
    return { status }
  }
  const say: SenderOptions['say'] = (what) => void said.push(what)
  const sender = new AlertSender({ clock, random: () => 0, host: 'gw', post, say })
  sender.targets(targets)
  return { clock, sender, said, posts }
}

test('a webhook is told at once, and can check who it is from', async () => {
  const { clock, sender, posts } = setup(() => 200)
  sender.tell(['hook'], notice)
  await clock.run()
  const { body, headers } = posts[0]!
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['weir-signature']!)!
  assert.equal(signature, createHmac('sha256', 'whsec_0123456789').update(`${seconds}.${body}`).digest('hex'))
  assert.equal((JSON.parse(body) as { headline: string }).headline, notice.headline)
  assert.deepEqual(sender.stats, { sent: 1, retried: 0, dropped: 0, waiting: 0 })
})

test('what fails is tried again with growing pauses, and told to the log once', async () => {
  const { clock, sender, posts, said } = setup((post) => (post < 4 ? (post === 2 ? new Error('refused') : 503) : 200))
  sender.tell(['hook'], notice)
  await clock.run()
  assert.deepEqual(
    posts.map(({ atMs }) => atMs),
    [0, 1000, 3000, 7000],
  )
  assert.deepEqual(said, ['alert_failed'])
  assert.deepEqual(sender.stats, { sent: 1, retried: 3, dropped: 0, waiting: 0 })
})

test('a target that is down for long holds no more than a bound, and the first alert of a series is kept', async () => {
  let up = false
  const { clock, sender, posts, said } = setup(() => (up ? 200 : 500))
  for (let i = 0; i < 2500; i++) sender.tell(['hook'], { ...notice, headline: `alert ${i}` })
  await clock.advance(60_000)
  assert.equal(sender.stats.waiting, 1000)
  assert.equal(sender.stats.dropped, 1500)
  assert.ok(said.includes('alert_dropped'))
  up = true
  posts.length = 0
  await clock.run()
  assert.equal((JSON.parse(posts[0]!.body) as { headline: string }).headline, 'alert 0')
  assert.equal(sender.stats.waiting, 0)
})

test('other targets leave what waits for those that stay', async () => {
  let up = false
  const other: Target = { ...hook, name: 'other' }
  const { clock, sender } = setup(() => (up ? 200 : 500), [hook, other])
  sender.tell(['hook', 'other', 'nobody'], notice)
  await clock.advance(100)
  sender.targets([{ ...hook, url: 'https://example.org/' }])
  assert.deepEqual([sender.stats.waiting, sender.stats.dropped], [1, 1])
  up = true
  await clock.run()
  assert.equal(sender.stats.sent, 1)
})

test('names of clients make no markup in a chat and no second message in a log', () => {
  const nasty = { ...notice, headline: 'a<!channel>\n<134>1 - - forged', details: { account: 'x\r\ny' } }
  assert.ok(!slackBody(nasty).toString().includes('<!channel>'))
  const line = syslogLine(nasty, 'gw').toString()
  assert.ok(line.startsWith('<108>1 2026-09-21T'), line)
  assert.ok(!/[\r\n]/.test(line))
})

test('a real HTTP server, and real syslog servers over UDP and TCP, get the message', async () => {
  const got: string[] = []
  const http = createServer((incoming, response) => {
    incoming.on('data', (part: Buffer) => got.push(`http ${part.toString()}`))
    incoming.on('end', () => response.end())
  })
  const tcp = createTcp((socket) => socket.on('data', (part: Buffer) => got.push(`tcp ${part.toString()}`)))
  const udp = createSocket('udp4').on('message', (part) => got.push(`udp ${part.toString()}`))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port
  const sender = new AlertSender({
    clock: systemClock,
    random: Math.random,
    host: 'gw',
    async post(url, type, body, headers) {
      const { statusCode, body: answer } = await request(url, {
        method: 'POST',
        headers: { 'content-type': type, ...headers },
        body,
      })
      await answer.dump()
      return { status: statusCode }
    },
    say: (what, details) => assert.fail(`${what} ${JSON.stringify(details)}`),
  })
  sender.targets([
    { name: 'web', kind: 'webhook', url: `http://127.0.0.1:${portOf(http)}/`, secret: null },
    { name: 'tcp', kind: 'syslog', url: `tcp://127.0.0.1:${portOf(tcp)}`, secret: null },
    { name: 'udp', kind: 'syslog', url: `udp://127.0.0.1:${portOf(udp)}`, secret: null },
  ])
  sender.tell(['web', 'tcp', 'udp'], notice)
  while (got.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(got.some((one) => one.startsWith('http {"time"')))
  const overTcp = got.find((one) => one.startsWith('tcp'))!.slice(4)
  const [length, ...rest] = overTcp.split(' ')
  assert.equal(Buffer.byteLength(rest.join(' ')), Number(length))
  assert.ok(got.some((one) => one.startsWith('udp <108>1 ')))
  sender.close()
  for (const server of [http, tcp, udp]) server.close()
})
