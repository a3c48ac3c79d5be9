import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killOnce } from '../test/faults/audit-kills.ts'
import { build, proofTimes, recorderRate, requestPathCost, verifyRate, writerRate } from './audit-speed.ts'
import { bits, sample, tamper, type Tally } from './audit-tampering.ts'
import { machine, versions } from './environment.ts'
import { type Spread, spreadOf } from './stats.ts'
import { type Table, toMarkdown, toText } from './table.ts'

// What the log is measured by: node bench/audit.ts [--part speed] [--long 10000000] [--kills 200] [--samples 5] [--stride 1]
// It writes about 3 GB into the folder for temporary files and takes half an hour; each part can be run by itself.

const method = [
  'Appends: decisions as refused exchanges make them, with five sealed values each out of 500 accounts and 250 addresses, in groups of 4096; sealing, canonical form, hashing, the journal with its flush, tiles and a signed checkpoint for each group. "In the thread" is that work alone; "end to end" is from append() over the queue to the last signature.',
  'CPU on the request path: the CPU time of the thread that serves, for handing over events of about 1 kB in bursts of 500, posting to the other thread included.',
  'Long log: entries of about 140 bytes. A proof is timed with a new prover each time, so every tile is read from its file again (the page cache is warm); half are inclusion proofs, half consistency proofs. Verification is the whole verifier in one thread.',
  'Tampering with a log of 10,000 entries: each change is made on the disk, the verifier reads the folder from its start and stops at the first thing that does not hold, and the change is undone. The long log is sampled with the whole verifier.',
  'Kills: a process appends without a pause, and acts that are acknowledged are printed; it gets SIGKILL at a random moment. Each time the log is verified as it was left, opened, verified again against the checkpoint before, and searched for every act that was ever acknowledged.',
  'The machine has two cores and other work on it.',
]

interface Figure {
  readonly what: string
  readonly unit: string
  readonly value: Spread
  readonly target: string
  readonly isMet: boolean
}

const option = (name: string, other: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? other : Number(process.argv[at + 1])
}
const long = option('long', 10_000_000)
const kills = option('kills', 200)
const samples = option('samples', 5)
const stride = option('stride', 1)
const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

const root = mkdtempSync(join(tmpdir(), 'weir-bench-audit-'))
const folder = (name: string): string => {
  const path = join(root, name)
  mkdirSync(path)
  return path
}

const atLeast = (least: number) => (value: number) => value >= least
const atMost = (most: number) => (value: number) => value <= most
function figure(
  what: string,
  unit: string,
  rounds: readonly number[],
  target = '',
  fits: (n: number) => boolean = () => true,
): Figure {
  const value = spreadOf(rounds)
  say(`${what}: ${value.median.toFixed(2)} ${unit}`)
  return { what, unit, value, target, isMet: fits(value.median) }
}

async function speed(): Promise<readonly Figure[]> {
  const written = [1, 2, 3, 4, 5].map((i) => writerRate(folder(`writer-${i}`), 102_400, 4096))
  const through: number[] = []
  for (const i of [1, 2, 3]) {
    const { perSecond, lost } = await recorderRate(folder(`recorder-${i}`), 100_000)
    if (lost > 0) throw new Error(`${lost} entries were lost`)
    through.push(perSecond)
  }
  const costs = []
  for (const i of [1, 2, 3]) costs.push(await requestPathCost(folder(`cost-${i}`), 25_000))
  const perSecond = written.map((rate) => rate.perSecond)
  const perCpuSecond = written.map((rate) => rate.perCpuSecond)
  const target = '>= 50000'
  return [
    figure(
      'bytes of a decision',
      'B',
      written.map(({ bytes }) => bytes),
    ),
    figure('decisions in the thread', '/s', perSecond, target, atLeast(50_000)),
    figure('decisions in the thread, by CPU time', '/s', perCpuSecond, target, atLeast(50_000)),
    figure('decisions end to end', '/s', through, target, atLeast(50_000)),
    figure(
      'request path, ordinary exchange',
      'us',
      costs.map(({ exchange }) => exchange),
      '<= 10',
      atMost(10),
    ),
    figure(
      'request path, decision',
      'us',
      costs.map(({ decision }) => decision),
      '<= 10',
      atMost(10),
    ),
  ]
}

function longLog(): { readonly figures: readonly Figure[]; readonly sampled: Tally } {
  const built = build(folder('long'), long)
  say(`a log of ${long} entries is built`)
  const proofs = [1, 2, 3].map(() => proofTimes(built.folder, long, 400))
  const verified = [1, 2, 3].map(() => verifyRate(built.folder))
  const [proofTarget, rateTarget] = ['< 10', '>= 200000']
  const perSecond = verified.map((rate) => rate.perSecond)
  const perCpuSecond = verified.map((rate) => rate.perCpuSecond)
  return {
    figures: [
      figure('entries of 140 bytes appended', '/s', [long / built.seconds], '>= 50000', atLeast(50_000)),
      figure(
        'proof, p50',
        'ms',
        proofs.map(({ p50 }) => p50),
        proofTarget,
        atMost(10),
      ),
      figure(
        'proof, p99',
        'ms',
        proofs.map(({ p99 }) => p99),
        proofTarget,
        atMost(10),
      ),
      figure(
        'proof, slowest',
        'ms',
        proofs.map(({ max }) => max),
        proofTarget,
        atMost(10),
      ),
      figure('verification', '/s', perSecond, rateTarget, atLeast(200_000)),
      figure('verification, by CPU time', '/s', perCpuSecond, rateTarget, atLeast(200_000)),
    ],
    sampled: sample(built.folder, samples),
  }
}

function tampering(): readonly Tally[] {
  const short = build(folder('short'), 10_000)
  const tallies = tamper(short.folder, 10_000, stride, say)
  const tiny = build(folder('tiny'), 40)
  const files = ['tile/entries/000.p/40', 'tile/0/000.p/40']
  return [...tallies, ...files.map((file) => everyBit(tiny.folder, file))]
}

/** What was measured so far; a part that is run again takes the place of what it was. */
interface Results {
  readonly at?: Readonly<Record<string, string>>
  readonly speed?: readonly Figure[]
  readonly long?: ReturnType<typeof longLog>
  readonly tampering?: readonly Tally[]
  readonly kills?: Kills
}

const parts = {
  speed: async () => ({ speed: await speed() }),
  long: () => Promise.resolve({ long: longLog() }),
  tampering: () => Promise.resolve({ tampering: tampering() }),
  kills: async () => ({ kills: await killed() }),
} satisfies Record<string, () => Promise<Results>>

const path = join(import.meta.dirname, 'results', 'audit.json')

async function main(): Promise<void> {
  const at = process.argv.indexOf('--part')
  const chosen = Object.entries(parts).filter(([name]) => at === -1 || process.argv[at + 1] === name)
  for (const [name, run] of chosen) {
    const found = await run()
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : {}
    const when = { ...before.at, [name]: `${new Date().toISOString()}, commit ${versions()['weir']}` }
    report({ ...before, ...found, at: when })
  }
}

function everyBit(log: string, file: string): Tally {
  let [tried, missed] = [0, 0]
  const path = join(log, file)
  for (const act of bits(path)) {
    const undo = act()
    tried++
    try {
      verifyRate(log)
      missed++
    } catch {
      // It was found.
    }
    undo()
  }
  return { what: `every bit of ${file} of a log of 40`, tried, missed }
}

interface Kills {
  readonly kills: number
  readonly acknowledged: number
  readonly lost: number
  readonly leftWithProblems: number
  readonly reopenedWithProblems: number
}

async function killed(): Promise<Kills> {
  let [acknowledged, lost, leftWithProblems, reopenedWithProblems, fresh] = [0, 0, 0, 0, 0]
  let dataDir = folder('kills-0')
  let since: string | null = null
  let total = 0
  for (let i = 0; i < kills; i++) {
    const killed = await killOnce(dataDir, acknowledged, Math.random() * 200, since)
    acknowledged = killed.acknowledged
    lost += killed.missing.length
    if (!killed.untouched.holds) leftWithProblems++
    if (!killed.reopened.holds) reopenedWithProblems++
    since = readFileSync(join(dataDir, 'audit', 'checkpoint'), 'utf8')
    if (i % 25 === 24) {
      say(`${i + 1} kills`)
      // A log of its own for each 25, so that a first start is among the moments.
      total += acknowledged
      ;[acknowledged, since, dataDir] = [0, null, folder(`kills-${++fresh}`)]
    }
  }
  return { kills, acknowledged: total + acknowledged, lost, leftWithProblems, reopenedWithProblems }
}

function report(results: Results): void {
  const show = (n: number): string => (n >= 1000 ? n.toFixed(0) : n.toFixed(2))
  const figures = [...(results.speed ?? []), ...(results.long?.figures ?? [])]
  const tallies = [...(results.tampering ?? []), ...(results.long === undefined ? [] : [results.long.sampled])]
  const killed = results.kills === undefined ? [] : [results.kills]
  const tables: Table[] = [
    {
      title: 'Speed',
      head: ['figure', 'median', 'min .. max', 'target', ''],
      rows: figures.map(({ what, unit, value, target, isMet }) => [
        what,
        `${show(value.median)} ${unit}`,
        `${show(value.min)} .. ${show(value.max)}`,
        target,
        target === '' ? '' : isMet ? 'pass' : 'MISS',
      ]),
    },
    {
      title: 'Tampering',
      head: ['what', 'tried', 'not found', ''],
      rows: tallies.map(({ what, tried, missed }) => [
        what,
        String(tried),
        String(missed),
        missed === 0 ? 'pass' : 'MISS',
      ]),
    },
    {
      title: 'kill -9 under load',
      head: ['kills', 'acts acknowledged', 'acts lost', 'problems as it was left', 'problems when opened again', ''],
      rows: killed.map(({ kills, acknowledged, lost, leftWithProblems, reopenedWithProblems }) => [
        String(kills),
        String(acknowledged),
        String(lost),
        String(leftWithProblems),
        String(reopenedWithProblems),
        lost + reopenedWithProblems === 0 ? 'pass' : 'MISS',
      ]),
    },
  ]
  const facts = { ...machine(), node: process.versions.node, 'entries of the long log': long }
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
  const json = JSON.stringify({ facts, method, ...results }, rounded, 2)
  writeFileSync(
    path,
    `${json.replaceAll(/\[[\s\d.,-]+\]/g, (list) => list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`,
  )
  const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
  const named = (all: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(all).map(([name, value]) => `${name}: ${String(value)}`)
  const md = [
    '# Bench of the log',
    bullets([...named(facts), ...named(results.at ?? {}).map((line) => `run of ${line}`)]),
    bullets(method),
    toMarkdown(tables),
  ]
  writeFileSync(path.replace(/json$/, 'md'), `${md.join('\n\n')}\n`)
  console.log(toText(tables))
}

try {
  await main()
} finally {
  rmSync(root, { recursive: true, force: true })
}
