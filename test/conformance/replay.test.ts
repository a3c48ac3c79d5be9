import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { actions, levels } from '../../src/core/decision.ts'

const WEIR = join(import.meta.dirname, '..', '..', 'bin', 'weir')
const START_MS = Date.UTC(2026, 5, 1)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-replay-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function weir(
  args: readonly string[],
  input: string | Buffer = '',
): { code: number | null; out: string; errors: string } {
  const ran = spawnSync(WEIR, ['replay', ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin' },
    input,
    encoding: 'utf8',
  })
  return { code: ran.status, out: ran.stdout, errors: ran.stderr }
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return name
}

const log = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const messages = [{ role: 'user', content: `Question ${i}` }]
    return `${JSON.stringify({ time: START_MS + i * 1000, key: `k${i % 3}`, model: 'm', messages, input_tokens: 5 })}\n`
  }).join('')

interface Line {
  readonly i: number
  readonly time: number | null
  readonly key: string | null
  readonly action: string
  readonly level: string
  readonly campaign: string | null
  readonly evidence: number
}

const decisions = (text: string): readonly Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

test('a log in three forms, in the order given: one report, one decision a line, and nothing else left behind', () => {
  const plain = file('a.jsonl', log(40))
  const packed = file('b.log', gzipSync(log(40)))
  const { code, out, errors } = weir([plain, packed, '-', '--decisions', 'out.jsonl'], `not JSON\n${log(40)}`)
  assert.deepEqual([code, errors], [0, ''])
  assert.match(out, /^WEIR REPLAY REPORT\n/)
  assert.match(out, /Exchanges {3}120 by 3 accounts/)
  assert.match(out, /1 line skipped: not JSON: line 81/)
  const lines = decisions(readFileSync(join(folder, 'out.jsonl'), 'utf8'))
  assert.deepEqual(
    lines.map(({ i }) => i),
    Array.from({ length: 121 }, (_, i) => i),
  )
  for (const { i, time, key, action, level, evidence } of lines) {
    if (i === 80) assert.deepEqual([time, key, action], [null, null, 'skipped'])
    else {
      assert.ok((actions as readonly string[]).includes(action))
      assert.ok((levels as readonly string[]).includes(level))
      assert.equal(key, `k${((i > 80 ? i - 1 : i) % 40) % 3}`)
    }
    assert.ok(evidence >= 0)
  }
  assert.deepEqual(readdirSync(folder).sort(), ['a.jsonl', 'b.log', 'out.jsonl'])
})

test('--json prints the report as data, and decisions on standard output have it to themselves', () => {
  const path = file('a.jsonl', log(4))
  const asData = weir([path, '--json'])
  assert.equal(asData.code, 0)
  const report = JSON.parse(asData.out) as { read: { exchanges: number; first: string } }
  assert.deepEqual([report.read.exchanges, report.read.first], [4, '2026-06-01T00:00:00.000Z'])
  const both = weir([path, '--json', '--decisions', '-'])
  assert.equal(decisions(both.out).length, 4)
  assert.deepEqual(JSON.parse(both.errors), report)
})

test('LiteLLM’s and OpenAI-style logs are read as they are', () => {
  const messages = [{ role: 'user', content: 'Hi' }]
  const litellm = { startTime: START_MS / 1000, metadata: { user_api_key_hash: 'hash' }, messages, response_cost: 0.5 }
  const openai = { timestamp: '2026-06-01T00:00:00Z', key: 'k', request: { model: 'm', messages }, response: {} }
  for (const [from, line, cost] of [
    ['litellm', litellm, /Cost {8}0\.5000 USD/],
    ['openai', openai, /Cost {8}not known/],
  ] as const) {
    const { code, out } = weir([file(`${from}.jsonl`, JSON.stringify(line)), '--from', from])
    assert.equal(code, 0)
    assert.match(out, /Exchanges {3}1 by 1 account\n/)
    assert.match(out, cost)
  }
})

test('prices of a configuration give the cost that a log does not hold', () => {
  const config = `upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main, price: { input: 1000000, output: 1 } } }
`
  const { code, out } = weir([file('a.jsonl', log(10)), '--config', file('weir.yaml', config)])
  assert.equal(code, 0)
  assert.match(out, /Cost {8}50\.00 USD/)
})

test('--state is made where it is missing, gone on from, and replaced as a whole', () => {
  const path = file('a.jsonl', log(10))
  for (let run = 1; run <= 2; run++) {
    const { code, errors } = weir([path, '--state', 'deep/state'])
    assert.deepEqual([code, errors], [0, ''])
    assert.deepEqual(readdirSync(join(folder, 'deep/state')), ['state.bin'])
  }
  writeFileSync(join(folder, 'deep/state/state.bin'), 'broken')
  const { code, out, errors } = weir([path, '--state', 'deep/state'])
  assert.deepEqual([code, out], [2, ''])
  assert.match(errors, /^deep\/state: /)
  assert.equal(readFileSync(join(folder, 'deep/state/state.bin'), 'utf8'), 'broken')
})

test('wrong usage ends with 2 and one line that says why, before anything is read or written', () => {
  const path = file('a.jsonl', log(3))
  mkdirSync(join(folder, 'sub'))
  for (const [args, told] of [
    [[], /missing required argument/],
    [['none.jsonl'], /^none\.jsonl: there is no such file\n$/],
    [[path, 'none.jsonl', '--decisions', 'out.jsonl'], /^none\.jsonl: there is no such file\n$/],
    [['sub'], /^sub: is a folder; name the files inside it\n$/],
    [['-', '-'], /^-: standard input can be read once\n$/],
    [[path, '--from', 'csv'], /^--from csv: must be one of own, litellm, openai\n$/],
    [[path, '--config', 'none.yaml'], /^none\.yaml:1:1: .*no such file/],
    [[path, '--decisions', 'sub'], /^sub: is a folder\n$/],
    [[path, '--decisions', 'none/out'], /^none\/out: cannot be written \(ENOENT\)\n$/],
    [[path, '--decisions', `./${path}`], /^\.\/a\.jsonl: is one of the files to be read\n$/],
    [[path, '--state', path], /^a\.jsonl: cannot be used \(/],
    [[path, '--unknown'], /unknown option/],
  ] as const) {
    const { code, out, errors } = weir(args, log(1))
    assert.deepEqual([code, out], [2, ''], args.join(' '))
    assert.match(errors, told)
  }
  assert.equal(existsSync(join(folder, 'out.jsonl')), false)
  assert.equal(readFileSync(join(folder, path), 'utf8'), log(3))
})

test('decisions that do not fit on a disk end it with 2, also where input is still to come', (t) => {
  if (!existsSync('/dev/full')) return t.skip('there is no /dev/full')
  for (const lines of [1, 5000]) {
    const { code, out, errors } = weir(['-', '--decisions', '/dev/full'], log(lines))
    assert.deepEqual([code, out, errors], [2, '', '/dev/full: cannot be written (ENOSPC)\n'])
  }
})

test('a file that may not be read is told before the others are', (t) => {
  if (process.getuid?.() === 0) return t.skip('root may read everything')
  chmodSync(join(folder, file('a.jsonl', log(1))), 0o000)
  const { code, errors } = weir(['a.jsonl'])
  assert.deepEqual([code, errors], [2, 'a.jsonl: cannot be read (EACCES)\n'])
})

test('a packed file that breaks off is reported, and what came before it is judged', () => {
  const path = file('b.gz', gzipSync(log(1000)).subarray(0, -20))
  const { code, out, errors } = weir([file('a.jsonl', log(3)), path])
  assert.equal(code, 0)
  assert.equal(errors, 'b.gz: could not be read to its end (Z_BUF_ERROR)\n')
  assert.match(out, /b\.gz could not be read to its end/)
  assert.match(out, /by 3 accounts/)
})
