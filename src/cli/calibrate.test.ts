import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { honestLog, MARKER_NAME, MARKER_WORD } from '../../test/support/honest-logs.ts'
import { readCalibration, type Calibration } from '../honest-logs.ts'
import { run } from './calibrate.ts'
import type { CalibrateReport } from './calibrate-report.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-calibrate-'))
  write('honest.jsonl', honestLog({ people: 120 }))
  write('few.jsonl', honestLog({ seed: 'few', people: 30 }))
  write('mixed.jsonl', honestLog({ people: 110, copiers: 8 }))
})
after(() => rmSync(folder, { recursive: true }))

function path(name: string): string {
  return join(folder, name)
}
function write(name: string, content: string | Buffer): string {
  writeFileSync(path(name), content)
  return path(name)
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly errors: string
}

async function calibrate(args: readonly string[], options: Record<string, string | boolean> = {}): Promise<Ran> {
  let out = ''
  let errors = ''
  const code = await run({
    args,
    options,
    print: (line) => (out += `${line}\n`),
    complain: (line) => (errors += `${line}\n`),
  })
  return { code, out, errors }
}

async function report(
  args: readonly string[],
  options: Record<string, string | boolean> = {},
): Promise<CalibrateReport> {
  const { code, out, errors } = await calibrate(args, { ...options, json: true })
  assert.deepEqual([code, errors], [0, ''])
  return JSON.parse(out) as CalibrateReport
}

function written(file: string): Calibration {
  const read = readCalibration(readFileSync(file, 'utf8'))
  assert.ok(read.ok)
  return read.value
}

test('honest logs become a file, and the page says how many accounts it rests on and what they cannot support', async () => {
  const out = path('plain.json')
  const { code, out: text, errors } = await calibrate([path('honest.jsonl')], { out })
  assert.deepEqual([code, errors], [0, ''])
  assert.equal(written(out).segments.get('pooled')?.scores.length, 120)
  assert.match(text, /120 accounts measured; the calibration is in /)
  assert.match(text, /pooled +120 +120 +1 in 121 +121/)
  const words = text.replace(/\s+/g, ' ')
  assert.match(words, /120 accounts support an error of 1 in 121\. Reached can be watch \(20, .*\), notice \(100, /)
  assert.match(words, /; not step_up \(500\), tarpit \(1,000\), squeeze \(10,000\)\./)
  assert.ok(words.includes(`Put this line into weir.yaml: detection: { calibration: ${out} }`))
  assert.match(words, /For step_up more honest accounts are needed: at least 500 in all/)
  assert.doesNotMatch(text, /DO NOT LOOK HONEST/)
})

test('no text, no name of an account and no name of a log is in the file', async () => {
  const log = write(`${MARKER_NAME}-june.jsonl`, honestLog({ people: 110, prompts: 24, copiers: 8 }))
  const out = path('private.json')
  await report([log], { out, keepSuspects: true })
  const { cells, panel, ...rest } = JSON.parse(readFileSync(out, 'utf8')) as Record<string, string>
  const all = [readFileSync(out, 'latin1'), JSON.stringify(rest), ...[cells!, panel!].map((packed) => atob(packed))]
  for (const text of all) for (const marker of [MARKER_WORD, MARKER_NAME, 'thanks']) assert.ok(!text.includes(marker))
  assert.ok(written(out).panel.accounts.length >= 100)
})

test('the same logs give the same file, packed or not', async () => {
  const log = honestLog({ people: 105, copiers: 4 })
  for (const [name, content] of [
    ['one.jsonl', log],
    ['other.jsonl.gz', gzipSync(log)],
  ] as const)
    await report([write(name, content)], { out: path(`${name}.json`) })
  assert.equal(readFileSync(path('one.jsonl.json'), 'utf8'), readFileSync(path('other.jsonl.gz.json'), 'utf8'))
})

test('whoever looks like a copier is named with what speaks against it, left out, and that is in the file', async () => {
  const out = path('without.json')
  const { code, out: text } = await calibrate([path('mixed.jsonl')], { out })
  assert.equal(code, 0)
  assert.match(text, /THESE LOGS DO NOT LOOK HONEST: 8 accounts would be asked/)
  assert.match(text, /key:zanzibar-copier-3 +at most 1 in .* templates that others use too \d/)
  const { source, segments } = written(out)
  assert.equal(source, 'own logs, 2026-06-01 to 2026-06-14: 110 accounts, 8 that look like copying left out')
  assert.equal(segments.get('pooled')?.scores.length, 110)
  const clean = path('clean.json')
  await report([write('clean.jsonl', withoutCopiers(path('mixed.jsonl')))], { out: clean })
  // As if the campaign had never been in the log.
  assert.deepEqual(written(clean).segments, segments)
  assert.deepEqual(written(clean).panel, written(out).panel)
})

const withoutCopiers = (file: string): string =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.includes('copier'))
    .join('\n')

test('--keep-suspects measures them too, and says so in the file', async () => {
  const out = path('with.json')
  const { suspects, segments } = await report([path('mixed.jsonl')], { out, keepSuspects: true })
  assert.deepEqual([suspects.left_out, suspects.accounts.length], [false, 8])
  assert.ok(suspects.accounts.every(({ account, evidence }) => account.includes('copier') && evidence >= 500))
  assert.deepEqual([segments[0]!.accounts, written(out).segments.get('pooled')?.scores.length], [118, 118])
  assert.match(written(out).source, /118 accounts, 8 that look like copying kept$/)
  // They have calibrated themselves away: nothing stands against anybody any more.
  assert.ok(segments[0]!.most_evidence < 100, `${segments[0]!.most_evidence}`)
})

test('too few accounts end with 1: nothing is written, and what was there stays', async () => {
  for (const [name, log] of [
    ['few', path('few.jsonl')],
    ['none', write('empty.jsonl', '')],
    ['silent', write('silent.jsonl', `{"time":1780272000000,"key":"k"}\n`.repeat(20))],
  ] as const) {
    const out = path(`${name}.json`)
    const { code, out: text } = await calibrate([log], { out })
    assert.equal(code, 1, name)
    assert.match(text, /nothing was written\./)
    assert.equal(existsSync(out), false)
  }
  const out = path('stays.json')
  await report([path('honest.jsonl')], { out })
  const before = readFileSync(out, 'utf8')
  const { code, out: text } = await calibrate([path('few.jsonl')], { out })
  assert.equal(code, 1)
  assert.match(text.replace(/\s+/g, ' '), /Find more honest accounts: 100 are the least/)
  assert.equal(readFileSync(out, 'utf8'), before)
})

test('each account’s own profile makes the segments, small ones are told, and all are pooled', async () => {
  const profileOf = (person: number): string | undefined => (person < 101 ? 'app' : person < 110 ? 'batch' : undefined)
  const log = write('profiles.jsonl', honestLog({ people: 120, profileOf }))
  const out = path('profiles.json')
  const { code, out: text } = await calibrate([log], { out })
  assert.equal(code, 0)
  const sizes = Object.fromEntries([...written(out).segments].map(([name, { scores }]) => [name, scores.length]))
  assert.deepEqual(sizes, { pooled: 120, app: 101, batch: 9 })
  const words = text.replace(/\s+/g, ' ')
  assert.match(words, /- batch: 9 accounts, and 100 are needed\./)
  assert.match(words, /- app: 101 accounts support an error of 1 in 102\./)
})

test('--segment says it of all of them, whatever the lines say', async () => {
  const log = write('declared.jsonl', honestLog({ seed: 'declared', people: 105, profileOf: () => 'app' }))
  const out = path('declared.json')
  await report([log], { out, segment: 'reseller' })
  const { segments, source } = written(out)
  assert.deepEqual([...segments.keys()].sort(), ['pooled', 'reseller'])
  assert.match(source, /: 105 accounts, all of them reseller$/)
})

test('--merge adds to the file, other segments stay, and the same logs do not count twice', async () => {
  const out = path('merged.json')
  await report([path('honest.jsonl')], { out, segment: 'app' })
  const { segments } = await report([path('few.jsonl')], { out, segment: 'agent', merge: true })
  assert.deepEqual(
    segments.map(({ segment, accounts, added, enough }) => [segment, accounts, added, enough]),
    [
      ['pooled', 150, 30, true],
      ['app', 120, 0, true],
      ['agent', 30, 30, false],
    ],
  )
  assert.equal(written(out).source.split('; ').length, 2)
  const before = readFileSync(out, 'utf8')
  const again = await calibrate([path('few.jsonl')], { out, segment: 'agent', merge: true })
  assert.deepEqual([again.code, again.out], [2, ''])
  assert.match(again.errors, /merged\.json: holds these logs already; an account must not count twice/)
  assert.equal(readFileSync(out, 'utf8'), before)
})

test('--merge without a file adds to the calibration that ships', async () => {
  const out = path('shipped.json')
  const { segments } = await report([path('few.jsonl')], { out, segment: 'app', merge: true })
  const [pooled, app] = segments
  assert.ok(pooled!.accounts > 1000 && pooled!.added === 30)
  assert.deepEqual([app!.segment, app!.accounts], ['app', 30])
  assert.ok(written(out).panel.accounts.length > 1000)
})

test('lines that cannot be read are counted and named, and change nothing for the others', async () => {
  const lines = readFileSync(path('honest.jsonl'), 'utf8').split('\n')
  const log = write('broken.jsonl', [...lines.slice(0, 3), 'not JSON', '{"key":"k"}', ...lines.slice(3)].join('\n'))
  const out = path('broken.json')
  const { code, out: text } = await calibrate([log], { out })
  assert.equal(code, 0)
  assert.match(text, /1 line skipped: not JSON: line 4\n/)
  assert.match(text, /1 line skipped: no time: line 5\n/)
  assert.deepEqual(written(out).segments, written(path('plain.json')).segments)
})

test('a short log and one without text are told', async () => {
  const log = write('short.jsonl', honestLog({ seed: 'short', people: 102, days: 2 }))
  const short = await calibrate([log], { out: path('short.json') })
  assert.match(short.out.replace(/\s+/g, ' '), /Take at least a week, better a month/)
  const silent = await calibrate([path('silent.jsonl')], { out: path('silent.json') })
  assert.match(silent.out, /Log prompts, if you may/)
})

test('wrong usage ends with 2 and one line that says why, and nothing is written', async () => {
  mkdirSync(path('sub'))
  const config = write('weir.yaml', 'upstreams: {}\n')
  const log = path('honest.jsonl')
  const files = readdirSync(folder)
  const none: Record<string, string> = {}
  for (const [args, options, told] of [
    [['-'], none, /^-: standard input cannot be read twice, .*: write them to a file/],
    [[path('none')], none, /none: there is no such file/],
    [[path('sub')], none, /sub: is a folder; name the files inside it/],
    [[log, log], none, /honest\.jsonl: is named twice/],
    [[log], { from: 'csv' }, /^--from csv: must be one of own, litellm, openai/],
    [
      [log],
      { segment: 'robots' },
      /^--segment robots: must be one of human_seat, agent, app, batch, research, reseller\n$/,
    ],
    [[log], { segment: 'unknown' }, /^--segment unknown: must be one of/],
    [[log], { out: path('sub') }, /sub: is a folder/],
    [[log], { out: path('no/where.json') }, /where\.json: cannot be written \(ENOENT\)/],
    [[log], { out: log }, /honest\.jsonl: is one of the files to be read/],
    [[log], { out: config }, /weir\.yaml: is there already and is not JSON; it is left as it is/],
    [[log], { out: '/dev/null' }, /\/dev\/null: is not a file/],
  ] as const) {
    const { code, out, errors } = await calibrate(args, { out: path('unwritten.json'), ...options })
    assert.deepEqual([code, out], [2, ''], String(told))
    assert.match(errors, told)
  }
  assert.deepEqual(readdirSync(folder), files)
})

test('from a shell: a pipe is refused, what is named is done, and nothing is shown on the way', () => {
  const weir = (shell: string): Ran => {
    const command = join(import.meta.dirname, '..', '..', 'bin', 'weir')
    const ran = spawnSync('/bin/sh', ['-c', shell.replaceAll('weir', command)], { cwd: folder, encoding: 'utf8' })
    return { code: ran.status ?? -1, out: ran.stdout, errors: ran.stderr }
  }
  const piped = weir('mkfifo pipe && weir calibrate pipe')
  assert.deepEqual([piped.code, piped.out], [2, ''])
  assert.match(piped.errors, /^pipe: is a pipe, which cannot be read twice/)
  const done = weir('weir calibrate honest.jsonl --keep-suspects')
  assert.deepEqual([done.code, done.errors], [0, ''])
  assert.match(done.out, /Put this line into weir\.yaml: detection: \{ calibration: calibration\.json \}/)
  assert.ok(existsSync(path('calibration.json')))
})
