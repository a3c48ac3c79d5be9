import { createWriteStream } from 'node:fs'
import type { Config } from '../config/config.ts'
import { loadConfig, parseConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { systemClock } from '../core/clock.ts'
import { err, ok, type Result } from '../core/result.ts'
import { createJudge } from '../detect.ts'
import { DecisionWriter } from '../replay/decisions.ts'
import { type FormatName, formatNames, readers } from '../replay/formats.ts'
import type { CostOf, ReplayJudge } from '../replay/port.ts'
import { replay, type Replayed } from '../replay/replay.ts'
import { reportText } from '../replay/report-text.ts'
import { reportOf } from '../replay/report.ts'
import type { Source } from '../replay/source.ts'
import { exit, type CommandInput } from './command.ts'
import { loadState, openOutput, openSources, problemOf, saveState, STANDARD_STREAM } from './replay-files.ts'
import { pricesOf } from './replay-prices.ts'
import { Progress } from './replay-progress.ts'

/** What is judged by where nobody has written a configuration: nothing of it is served. */
const DEFAULT_CONFIG = `extends: [public-llm-api]
upstreams: { none: { dialect: openai, embedded: demo } }
models: { "*": { upstream: none } }
`

interface Prepared {
  /** Names the configuration in the report. */
  readonly policy: string
  readonly from: FormatName
  readonly sources: readonly Source[]
  readonly judge: ReplayJudge
  readonly costOf: CostOf
  readonly stateFolder: string | null
  readonly decisions: DecisionWriter | null
}

export async function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const prepared = prepare(args, options)
  if (!prepared.ok) {
    complain(prepared.error)
    return exit.usage
  }
  const { policy, sources, from, judge, costOf, stateFolder, decisions } = prepared.value
  const progress = new Progress(process.stderr, systemClock, sources)
  let replayed: Replayed
  try {
    replayed = await replay({
      sources,
      read: readers[from],
      judge,
      costOf,
      decisions,
      progress: (lines, bytes) => progress.show(lines, bytes),
    })
  } catch (error) {
    if (decisions === null || error !== decisions.failure) throw error
    complain(`${String(options['decisions'])}: ${problemOf(error, 'written')}`)
    return exit.usage
  } finally {
    progress.end()
  }
  const problem = stateFolder === null ? null : saveState(stateFolder, judge.snapshot())
  const report = reportOf(policy, replayed, judge.accounts(), judge.campaigns())
  const text = options['json'] === true ? JSON.stringify(report, null, 2) : reportText(report).trimEnd()
  // Decisions on standard output have it to themselves.
  if (options['decisions'] === STANDARD_STREAM) complain(text)
  else print(text)
  for (const { name, why } of replayed.broken) complain(`${name}: could not be read to its end (${why})`)
  if (problem === null) return exit.done
  complain(`${stateFolder}: ${problem}`)
  return exit.usage
}

/** Everything that can be wrong before the first line is read. */
function prepare(args: readonly string[], options: CommandInput['options']): Result<Prepared, string> {
  const option = (name: string): string | null => (options[name] as string | undefined) ?? null
  const from = option('from') ?? 'own'
  if (!isFormat(from)) return err(`--from ${from}: must be one of ${formatNames.join(', ')}`)
  const config = readConfig(option('config'))
  if (!config.ok) return config
  const costOf = pricesOf(config.value)
  if (!costOf.ok) return costOf
  const sources = openSources(args, process.stdin)
  if (!sources.ok) return sources
  const stateFolder = option('state')
  const judge = openJudge(config.value, stateFolder)
  if (!judge.ok) return judge
  const decisions = openDecisions(option('decisions'), args)
  if (!decisions.ok) return decisions
  return ok({
    policy: `${option('config') ?? 'pack public-llm-api'} (configuration ${config.value.hash})`,
    from,
    sources: sources.value,
    judge: judge.value,
    costOf: costOf.value,
    stateFolder,
    decisions: decisions.value,
  })
}

const isFormat = (name: string): name is FormatName => formatNames.some((known) => known === name)

function readConfig(file: string | null): Result<Config, string> {
  const loaded = file === null ? parseConfig(DEFAULT_CONFIG, 'built-in configuration', {}) : loadConfig(file)
  return loaded.ok ? loaded : err(formatProblems(loaded.error))
}

function openJudge(config: Config, stateFolder: string | null): Result<ReplayJudge, string> {
  const state = stateFolder === null ? ok(null) : loadState(stateFolder)
  const judge = state.ok ? createJudge(config, state.value) : state
  return judge.ok ? judge : err(`${stateFolder}: ${judge.error}`)
}

function openDecisions(path: string | null, inputs: readonly string[]): Result<DecisionWriter | null, string> {
  if (path === null) return ok(null)
  if (path === STANDARD_STREAM) return ok(new DecisionWriter(process.stdout))
  const fd = openOutput(path, inputs)
  return fd.ok ? ok(new DecisionWriter(createWriteStream(path, { fd: fd.value }))) : err(`${path}: ${fd.error}`)
}
