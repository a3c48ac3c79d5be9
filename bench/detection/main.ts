import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/lab/random.ts'
import { machine, versions } from '../environment.ts'
import { toMarkdown, toText } from '../table.ts'
import { createBaselines } from './baselines.ts'
import { calibratedWith, realClasses } from './calibrate.ts'
import { absent, type Data, openData } from './data.ts'
import { method } from './method.ts'
import { createPopulation } from './population.ts'
import { holds, type Ran, SUBJECT, tablesOf } from './report.ts'
import { run } from './run.ts'
import { type Scenario, scenarios } from './scenario.ts'
import { scale } from './scale.ts'
import type { Subject } from './subject.ts'
import { merge } from './traffic.ts'
import { createWorld } from './world.ts'

// How much of a harvest Weir answers, and how many honest accounts it touches: npm run bench:detection -- --help

const help = `usage: node bench/detection/main.ts [--quick] [--json] [--seeds N] [--subject FILE] [--write [--left-out]] [NAME...]
  NAME       scenarios whose names begin so; "scale" runs only when named; --list shows all
  --quick    some scenarios of each kind, and no leave-one-out
  --seeds N  each scenario with the seeds 1 to N; 1 unless said
  --subject  a module with createSubject(), instead of bench/detection/subject.ts
  --json     results as JSON on standard output
  --write    results of the named scenarios to bench/results, which all of them do anyway
  --left-out leave-one-out beside the named scenarios
Results go to bench/results/detection.{json,md} where no NAME is given. Exit 1: a target was missed.`

/** What a subject was made without is what it may not have been calibrated or tuned on. */
type CreateSubject = (options?: { readonly without?: string }) => Subject

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'left-out': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '1' },
      subject: { type: 'string', default: join(import.meta.dirname, 'subject.ts') },
    },
  })
  const all = [...scenarios, scale]
  if (values.help) return console.log(help)
  if (values.list) return console.log(all.map(({ name }) => name).join('\n'))
  const data = openData()
  if (data === null) return console.log(absent)
  const { createSubject } = (await import(pathToFileURL(resolve(values.subject)).href)) as {
    readonly createSubject: CreateSubject
  }
  const named = (one: Scenario): boolean =>
    positionals.length > 0
      ? positionals.some((name) => one.name.startsWith(name))
      : one !== scale && (one.quick || !values.quick)
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)
  const ran = [
    ...runPlain(data, all.filter(named), seeds, createSubject),
    ...((positionals.length === 0 && !values.quick) || values['left-out']
      ? runLeftOut(data, seeds, createSubject)
      : []),
  ]
  const results = {
    at: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    seeds,
    method,
    ran: ran.map(({ scenario, without, outcomes }) => ({
      without,
      outcomes: outcomes.map((one) => ({ ...one, scores: one.scores.filter(isTold(scenario)) })),
    })),
  }
  const tables = tablesOf(ran)
  console.log(values.json ? JSON.stringify(results, rounded) : toText(tables))
  if (positionals.length === 0 || values.write) {
    const folder = join(import.meta.dirname, '../results')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'detection.json'), `${JSON.stringify(results, rounded)}\n`)
    const facts = Object.entries({ ...results.machine, ...results.versions }).map(
      ([name, value]) => `- ${name}: ${value}`,
    )
    const md = [
      '# Bench of the detection',
      `Run at ${results.at}, seeds 1 to ${seeds.length}.`,
      facts.join('\n'),
      method.map((line) => `- ${line}`).join('\n'),
      toMarkdown(tables),
    ]
    writeFileSync(join(folder, 'detection.md'), `${md.join('\n\n')}\n`)
  }
  process.exitCode = holds(ran) ? 0 : 1
}

/**
 * Honest classes differ little from run to run: they stand in the file once, and in the tables of every run. Those of the big run are
 * others.
 */
const isTold =
  ({ name }: Scenario) =>
  ({ kind }: Ran['outcomes'][number]['scores'][number]): boolean =>
    kind !== 'honest' || name === 'honest' || name === scale.name

function runPlain(
  data: Data,
  chosen: readonly Scenario[],
  seeds: readonly number[],
  createSubject: CreateSubject,
): readonly Ran[] {
  const baselines = chosen.some(({ quick }) => quick) ? createBaselines(calibrationOf(data)) : []
  return chosen.map((scenario) => {
    const subjects = new Map<string, () => Subject>([
      [SUBJECT, () => createSubject()],
      ...(scenario.quick ? baselines : []),
    ])
    return { scenario, without: null, outcomes: outcomesOf(data, scenario, seeds, subjects) }
  })
}

/**
 * Each harvest and each honest class that the calibration is made with, to a subject whose calibration was made without it.
 * The other harvests and classes are in no calibration at all: for them every run leaves them out.
 */
function runLeftOut(data: Data, seeds: readonly number[], createSubject: CreateSubject): readonly Ran[] {
  const quarter = scenarios
    .filter(({ name }) => /^[^/]+\/0\.25\/40\/human\/nothing$/.test(name))
    .map((scenario) => ({ scenario, without: scenario.name.split('/')[0]! }))
    .filter(({ without }) => (calibratedWith as readonly string[]).includes(without))
  const honest = scenarios.find(({ name }) => name === 'honest')!
  return [...quarter, ...realClasses.map((without) => ({ scenario: honest, without }))].map(
    ({ scenario, without }) => ({
      scenario,
      without,
      outcomes: outcomesOf(data, scenario, seeds, new Map([[SUBJECT, () => createSubject({ without })]])),
    }),
  )
}

function outcomesOf(
  data: Data,
  scenario: Scenario,
  seeds: readonly number[],
  subjects: ReadonlyMap<string, () => Subject>,
): Ran['outcomes'] {
  return seeds.flatMap((seed) => {
    const outcomes = run(data, scenario, seed, subjects)
    const [{ exchanges, seconds }] = outcomes as [Ran['outcomes'][number]]
    console.error(`${scenario.name}, seed ${seed}: ${exchanges} exchanges in ${seconds.toFixed(1)} s`)
    return outcomes
  })
}

const calibrationOf = (data: Data): Parameters<typeof createBaselines>[0] => [
  ...merge(createPopulation(createWorld(data, { part: 'calibration' }), createRandom('detection/calibration'))),
]

const rounded = (_key: string, value: unknown): unknown => (typeof value === 'number' ? +value.toPrecision(5) : value)

await main()
