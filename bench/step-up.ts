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
import { type Table, toText } from './table.ts'
import { writeResults } from './write-results.ts'

// How long a proof of work takes those who do it as they are shown: node bench/step-up.ts

/** How many challenges of each size are solved. */
const ROUNDS: Readonly<Record<number, number>> = { 18: 12, 20: 6, 22: 3 }

const method = [
  'Time is that of the processor, of all processes that work on it, so that what else the machine does is not in it. A browser with four free cores has the answer in a quarter of it.',
  'The work is a lottery: half of all proofs take less than 0.69 of the mean, one in ten more than 2.3 of it, one in a hundred more than 4.6. So the rate is measured, over 12 challenges of 18 bits, 6 of 20 and 3 of 22, and the mean for n bits is 2^n by the rate of that size.',
  'Chromium: the page under /weir/step-up/page, with its own workers. Node and Python: the loops of the examples in docs/step-up.md, as they stand there.',
]

interface Solved {
  readonly cpuMs: number
  readonly tries: number
}
type Solver = (challenge: string, bits: number) => Promise<Solved>

interface Row {
  readonly name: string
  readonly bits: number
  readonly perSecond: number
  readonly meanS: number
}

const challenges = new Challenges(new Uint8Array(32).fill(7))

async function measure(name: string, solve: Solver): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [size, rounds] of Object.entries(ROUNDS)) {
    const bits = Number(size)
    let cpuMs = 0
    let tries = 0
    for (let i = 0; i < rounds; i++) {
      const { text } = challenges.issue(`account-${i}`, bits, 600_000, new Set(), 1.8e12)
      const solved = await solve(text, bits)
      cpuMs += solved.cpuMs
      tries += solved.tries
    }
    const perSecond = tries / (cpuMs / 1000)
    rows.push({ name, bits, perSecond, meanS: 2 ** bits / perSecond })
  }
  return rows
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
    const before = process.cpuUsage()
    const solution = run(createHash, challenge, bits)
    const { user, system } = process.cpuUsage(before)
    return { cpuMs: (user + system) / 1000, tries: solution + 1 }
  }
}

/** The loop of the example for Python, in a process that says how long it took. */
function pythonSolver(path: string): Solver {
  const loop = /prefix = [\s\S]*?solution \+= 1\n/.exec(example('python'))![0].replaceAll(/^ {4}/gm, '')
  const run = promisify(execFile)
  return async (challenge, bits) => {
    const program = `import hashlib, time\nchallenge, bits = ${JSON.stringify(challenge)}, ${bits}\nstart = time.process_time()\n${loop}\nprint((time.process_time() - start) * 1000, solution + 1)`
    const { stdout } = await run(path, ['-c', program])
    const [cpuMs, tries] = stdout.trim().split(' ').map(Number)
    return { cpuMs: cpuMs!, tries: tries! }
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
      rows = await measure('Chromium, the page', async (challenge, bits) => {
        const before = await page.cpuMs()
        await page.evaluate(`solve({ challenge: ${JSON.stringify(challenge)}, bits: ${bits} })`)
        const cpuMs = (await page.cpuMs()) - before
        // What all workers have tried is shown; each tells it every 16,384 attempts and at its end.
        const shown = await page.evaluate<string>('document.getElementById("tries").textContent')
        return { cpuMs, tries: Number(/^[\d,]+/.exec(shown)![0].replaceAll(',', '')) }
      })
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
    head: ['who', 'bits', 'seconds of one core, mean', 'attempts a second'],
    rows: rows.map(({ name, bits, meanS, perSecond }) => [
      name,
      String(bits),
      meanS.toFixed(2),
      String(Math.round(perSecond / 1000) * 1000),
    ]),
  }
  console.log(toText([table]))
  const results = { at: new Date().toISOString(), machine: machine(), versions: versions(), method, rows }
  writeResults('step-up', 'What a proof of work takes', results, [table])
}

await main()
