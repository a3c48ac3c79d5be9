import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, hash, sign } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { findServer } from '../../test/support/needs.ts'
import { type AnchorOptions, type Anchors, startAnchors } from './anchors.ts'
import type { Log } from './log.ts'
import { fill, testLog, type TestLog } from './testing.ts'
import { parseVkey } from './verify.ts'
import { parseCheckpoint, parseNote } from './verify-note.ts'
import { verifyConsistency } from './verify-tree.ts'
import type { Answer, Post } from './witness.ts'

const logs: TestLog[] = []
afterEach(() => logs.splice(0).forEach((log) => log.remove()))

/** A witness by the text of C2SP tlog-witness: it keeps the last checkpoint and signs only what continues it. */
function fakeWitness(name: string) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, name)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const typed = Buffer.concat([
    Buffer.of(4),
    createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32),
  ])
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(0, 4)
  const state = { size: 0, root: Buffer.alloc(0), asked: 0 }
  const plain = (status: number, text = ''): Answer => ({ status, body: Buffer.from(text) })
  const post: Post = (url, _type, body) => {
    state.asked++
    assert.equal(url, 'https://w.example/add-checkpoint')
    const text = Buffer.from(body).toString()
    const end = text.indexOf('\n\n')
    const [old = '', ...proof] = text.slice(0, end).split('\n')
    const note = parseNote(text.slice(end + 2))
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note
    if (!note.ok || !checkpoint.ok) return Promise.resolve(plain(400))
    const { size, root } = checkpoint.value
    if (old !== `old ${state.size}`) return Promise.resolve(plain(409, `${state.size}\n`))
    const hashes = proof.map((line) => Buffer.from(line, 'base64'))
    if (state.size > 0 && !verifyConsistency(state.size, size, hashes, state.root, root)) {
      return Promise.resolve(plain(422))
    }
    Object.assign(state, { size, root })
    const stamp = Buffer.alloc(8)
    stamp.writeBigUInt64BE(1_800_000_000n)
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1800000000\n${note.value.text}`), key)
    return Promise.resolve(plain(200, `— ${name} ${Buffer.concat([id, stamp, signature]).toString('base64')}\n`))
  }
  return { vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`, post, state }
}

interface Set {
  readonly data: TestLog
  readonly log: Log
  readonly said: string[]
  anchors(over: Partial<AnchorOptions>): Anchors
  read(name: string): string
}

function start(): Set {
  const data = testLog()
  logs.push(data)
  const { log } = data.open()
  const said: string[] = []
  const folder = join(data.dataDir, 'anchors')
  return {
    data,
    log,
    said,
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    anchors(over) {
      const started = startAnchors({
        log: data.folder,
        folder,
        copyTo: null,
        timestampUrl: null,
        witnesses: [],
        post: () => Promise.reject(new Error('nobody there')),
        say: (_level, _what, { problem }) => void said.push(String(problem)),
        ...over,
      })
      if (!started.ok) throw new Error(started.error)
      return started.value
    },
  }
}

test('a witness cosigns what continues what it has seen, over restarts, and the verifier takes its word', async () => {
  const { data, log, said, anchors, read } = start()
  const witness = fakeWitness('w.example/1')
  const options = { witnesses: [{ url: 'https://w.example/', key: witness.vkey }], post: witness.post }
  fill(log, 1, 9)
  const first = anchors(options)
  await first.round()
  fill(log, 10, 300)
  await first.round()
  await anchors(options).round()
  fill(log, 310, 400)
  await anchors(options).round()
  assert.deepEqual([said, witness.state.size, first.stats], [[], 710, { anchored: 310, failures: 0 }])
  assert.equal(witness.state.asked, 4, 'what was seen is known after a restart, and nothing is asked twice')
  const since = { name: 'cosigned', text: read('checkpoint-310') }
  const key = parseVkey(witness.vkey)
  const verdict = data.verify({ since, witness: key.ok ? key.value : null })
  assert.deepEqual(verdict.problems, [])
  assert.match(verdict.notes.join('\n'), /w\.example\/1 saw the first 310 entries by 2027-01-15T08:00:00/)
  const bare = { ...since, text: log.checkpoint }
  assert.match(data.verify({ since: bare, witness: key.ok ? key.value : null }).problems[0]!.what, /is not cosigned by/)
})

test('a witness that knows another history, or answers nonsense, gives no signature, and that is said', async () => {
  const { log, said, anchors } = start()
  const witness = fakeWitness('w.example/1')
  witness.state.size = 3
  witness.state.root = Buffer.alloc(32)
  const witnesses = [{ url: 'https://w.example/', key: witness.vkey }]
  fill(log, 1, 9)
  const strict = anchors({ witnesses, post: witness.post })
  await strict.round()
  const answers: readonly Answer[] = [
    { status: 200, body: Buffer.from('— w.example/1 AAAAAAAAAAA=\n') },
    { status: 500, body: Buffer.alloc(0) },
    { status: 409, body: Buffer.from('999\n') },
  ]
  for (const answer of answers) await anchors({ witnesses, post: () => Promise.resolve(answer) }).round()
  await anchors({ witnesses }).round()
  assert.deepEqual(said, [
    'answered with status 422',
    'answered without a signature that fits',
    'answered with status 500',
    'has seen 999 entries, and the log has 10',
    'nobody there',
  ])
  assert.deepEqual(strict.stats, { anchored: 0, failures: 1 })
  assert.throws(() => anchors({ witnesses: [{ url: 'x', key: log.signer.vkey }] }), /not a key to cosign with/)
})

test('a second folder gets every checkpoint once, and what it has is never overwritten', async () => {
  const { data, log, anchors } = start()
  const copyTo = join(data.dataDir, 'second')
  const { round } = anchors({ copyTo })
  await round()
  fill(log, 1, 5)
  await round()
  await round()
  assert.deepEqual(readdirSync(copyTo), ['checkpoint-1', 'checkpoint-6'])
  const kept = join(copyTo, 'checkpoint-6')
  assert.ok(data.verify({ since: { name: kept, text: readFileSync(kept, 'utf8') } }).holds)
  writeFileSync(kept, 'somebody else wrote this')
  await anchors({ copyTo }).round()
  assert.equal(readFileSync(kept, 'utf8'), 'somebody else wrote this')
})

const openssl = findServer('openssl')

test('an authority stamps the checkpoint, and openssl accepts the stamp', { skip: openssl.skip }, async () => {
  const { data, said, anchors } = start()
  const folder = join(data.dataDir, 'tsa')
  mkdirSync(folder)
  const run = (...args: string[]): Buffer => execFileSync(openssl.path!, args, { cwd: folder, stdio: 'pipe' })
  writeFileSync(join(folder, 'ts.cnf'), TSA)
  writeFileSync(join(folder, 'serial'), '01\n')
  const certificate = 'req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 -subj /CN=tsa'
  run(...certificate.split(' '), '-config', 'ts.cnf', '-extensions', 'ext')
  const post: Post = (_url, _type, body) => {
    writeFileSync(join(folder, 'query'), body)
    run('ts', '-reply', '-queryfile', 'query', '-out', 'reply', '-config', 'ts.cnf')
    return Promise.resolve({ status: 200, body: readFileSync(join(folder, 'reply')) })
  }
  const timestampUrl = 'https://tsa.example/'
  await anchors({ timestampUrl, post }).round()
  assert.deepEqual(said, [])
  const [stamped, reply] = ['checkpoint-1', 'checkpoint-1.tsr'].map((name) => join(data.dataDir, 'anchors', name))
  const checked = run('ts', '-verify', '-data', stamped!, '-in', reply!, '-CAfile', 'tsa.pem')
  assert.match(checked.toString(), /Verification: OK/)
  // An old answer, one about something else, and none.
  const old = readFileSync(reply!)
  for (const body of [old, Buffer.from('hello'), Buffer.alloc(0)]) {
    await anchors({ timestampUrl, post: () => Promise.resolve({ status: 200, body }) }).round()
  }
  assert.deepEqual(said, ['the time stamp is an old one', 'the answer is no time stamp', 'the answer is no time stamp'])
})

const TSA = `
[req]
distinguished_name = dn
[dn]
[ext]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
certs = tsa.pem
`
