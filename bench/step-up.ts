import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Challenges } from '../src/stepup/challenge.ts'
import { stepUpPageAnswer } from '../src/stepup/page.ts'
import { withChromium } from '../test/support/chromium.ts'
import { findServer } from '../test/support/needs.ts'
import { machine, versions } from './environment.ts'
import { spreadOf } from './stats.ts'
import { type Table, toText } from './table.ts'
import { writeResults } from './write-results.ts'

// How long a proof of work takes those who do it as they are shown: node bench/step-up.ts

const BITS = [18, 20, 22] as const
const ROUNDS = 20

const method = [
  `${ROUNDS} challenges of each size, one after the other, over whatever else the machine does. The work is a lottery: half of all proofs take less than 0.69 of the mean, one in ten more than 2.3 of it, one in a hundred more than 4.6.`,
  'Chromium: the page under /weir/step-up/page, its own workers (as many as there are cores, four at most), from the click to the solution. Node and Python: the examples of docs/step-up.md, without the two calls and the start of the process.',
  'Attempts a second are those of all rounds together, and say more than the times: the mean time for n bits is 2^n by this rate.',
]

interface Solved {
  readonly ms: number
  readonly tries: number
}
type Solver = (challenge: string, bits: number) => Promise<Solved>

const challenges = new Challenges(new Uint8Array(32).fill(7))

async function measure(name: string, solve: Solver): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const bits of BITS) {
    const solved: Solved[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const { text } = challenges.issue(`account-${i}`, bits, 600_000, new Set(), 1.8e12)
      solved.push(await solve(text, bits))
    }
    const { median, max } = spreadOf(solved.map(({ ms }) => ms / 1000))
    const sum = (pick: (one: Solved) => number): number => solved.reduce((all, one) => all + pick(one), 0)
    const perSecond = sum(({ tries }) => tries) / (sum(({ ms }) => ms) / 1000)
    rows.push({ name, bits, median, slowest: max, perSecond, mean: 2 ** bits / perSecond })
  }
  return rows
}

interface Row {
  readonly name: string
  readonly bits: number
  readonly median: number
  readonly slowest: number
  readonly perSecond: number
  /** By the rate. */
  readonly mean: number
}

const docs = readFileSync(join(import.meta.dirname, '..', 'docs', 'step-up.md'), 'utf8')
const example = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(docs)![1]!

/** The loop of the example for Node, word for word. */
function nodeSolver(): Solver {
  const text = example('js')
  const loop = /const isSolved[\s\S]*?while [^\n]*\n/.exec(text)![0]
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the example as it is published is what is measured
  const run = new Function('createHash', 'challenge', 'bits', `${loop}\nreturn solution`) as (
    createHash: unknown,
    challenge: string,
    bits: number,
  ) => number
  return async (challenge, bits) => {
    const { createHash } = await import('node:crypto')
    const startMs = performance.now()
    const solution = run(createHash, challenge, bits)
    return { ms: performance.now() - startMs, tries: solution + 1 }
  }
}

/** The loop of the example for Python, in a process that says how long it took. */
function pythonSolver(path: string): Solver {
  const loop = /prefix = [\s\S]*?solution \+= 1\n/.exec(example('python'))![0].replaceAll(/^ {4}/gm, '')
  const run = promisify(execFile)
  return async (challenge, bits) => {
    const program = `import hashlib, time\nchallenge, bits = ${JSON.stringify(challenge)}, ${bits}\nstart = time.monotonic()\n${loop}\nprint((time.monotonic() - start) * 1000, solution + 1)`
    const { stdout } = await run(path, ['-c', program])
    const [ms, tries] = stdout.trim().split(' ').map(Number)
    return { ms: ms!, tries: tries! }
  }
}

async function chromiumRows(path: string): Promise<readonly Row[]> {
  const { status, headers, body } = stepUpPageAnswer()
  const server = createServer((_request, response) => void response.writeHead(status, headers).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let rows: readonly Row[] = []
  try {
    await withChromium(path, async (page) => {
      await page.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/weir/step-up/page`)
      rows = await measure('Chromium, the page', (challenge, bits) =>
        page.evaluate<Solved>(`(async () => {
          const start = performance.now()
          const solution = await solve({ challenge: ${JSON.stringify(challenge)}, bits: ${bits} })
          return { ms: performance.now() - start, tries: Number(solution) }
        })()`),
      )
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return rows
}

async function main(): Promise<void> {
  const chromium = findServer('chromium').path
  const python = findServer('python3').path
  for (const [name, path] of Object.entries({ chromium, python3: python })) {
    if (path === null) console.log(`SKIPPED: ${name} is not on this machine, and is not in the results.`)
  }
  const rows = [
    ...(chromium === null ? [] : await chromiumRows(chromium)),
    ...(await measure('Node, the example', nodeSolver())),
    ...(python === null ? [] : await measure('Python, the example', pythonSolver(python))),
  ]
  const table: Table = {
    title: 'Seconds for a proof',
    head: ['who', 'bits', 'median s', 'slowest of 20 s', 'mean by the rate s', 'attempts a second'],
    rows: rows.map(({ name, bits, median, slowest, mean, perSecond }) => [
      name,
      String(bits),
      median.toFixed(2),
      slowest.toFixed(2),
      mean.toFixed(2),
      String(Math.round(perSecond / 1000) * 1000),
    ]),
  }
  console.log(toText([table]))
  const results = { at: new Date().toISOString(), machine: machine(), versions: versions(), method, rows }
  writeResults('step-up', 'What a proof of work takes', results, [table])
}

await main()
