import { profiles, type Profile } from '../core/principal.ts'
import { systemClock } from '../core/clock.ts'
import { err, ok, type Result } from '../core/result.ts'
import { defaultCalibration } from '../detect.ts'
import { calibrationOf, HonestLogs, supportsOf, writeCalibration, type Calibration } from '../honest-logs.ts'
import { type FormatName, formatNames, readers } from '../replay/formats.ts'
import type { ReplayJudge } from '../replay/port.ts'
import { replay, type Replayed } from '../replay/replay.ts'
import { reportOf } from '../replay/report.ts'
import type { Source } from '../replay/source.ts'
import { openOut } from './calibrate-files.ts'
import { calibrateReport, isEnough, sourceOf } from './calibrate-report.ts'
import { calibrateText } from './calibrate-text.ts'
import { exit, type CommandInput } from './command.ts'
import { openSources, STANDARD_STREAM } from './replay-files.ts'
import { Progress } from './replay-progress.ts'
import { replaceFile } from './replace-file.ts'

/** Beside `weir.yaml`, which is looked for here too. */
const DEFAULT_OUT = 'calibration.json'

interface Prepared {
  readonly from: FormatName
  readonly sources: readonly Source[]
  readonly segment: Profile | null
  readonly out: string
  readonly base: Calibration | null
  readonly keepSuspects: boolean
}

export async function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const prepared = prepare(args, options)
  if (!prepared.ok) {
    complain(prepared.error)
    return exit.usage
  }
  const { base, out, segment, keepSuspects } = prepared.value
  const logs = new HonestLogs({ segment, base, keepSuspects })
  const first = await read(prepared.value, logs.firstReading(), 'first of two readings: ')
  const suspects = logs.endFirstReading()
  const second = logs.secondReading()
  const again = await read(prepared.value, second.judge, 'second of two readings: ')
  if (again.lines !== first.lines) {
    complain('the logs have changed while they were read: make a copy of them and calibrate from that')
    return exit.usage
  }
  const measured = second.end()
  const read1 = reportOf('', first, [], [])
  const source = sourceOf(read1.read, measured, { segment, suspects: suspects.length, keepSuspects })
  if (base !== null && base.source.split('; ').includes(source)) {
    complain(`${out}: holds these logs already; an account must not count twice`)
    return exit.usage
  }
  const calibration = calibrationOf(measured, base, source)
  const supports = supportsOf(calibration)
  const enough = isEnough(measured, supports)
  const problem = enough ? replaceFile(out, writeCalibration(calibration)) : null
  const written = enough && problem === null
  const report = calibrateReport({ read: read1, measured, supports, suspects, keepSuspects, source, out, written })
  if (problem === null) print(options['json'] === true ? JSON.stringify(report, null, 2) : calibrateText(report))
  for (const { name, why } of first.broken) complain(`${name}: could not be read to its end (${why})`)
  if (problem !== null) complain(`${out}: ${problem}`)
  return problem !== null ? exit.usage : enough ? exit.done : exit.checkFailed
}

async function read({ sources, from }: Prepared, judge: ReplayJudge, label: string): Promise<Replayed> {
  const progress = new Progress(process.stderr, systemClock, sources, label)
  try {
    return await replay({
      sources,
      read: readers[from],
      judge,
      costOf: () => null,
      decisions: null,
      progress: (lines, bytes) => progress.show(lines, bytes),
    })
  } finally {
    progress.end()
  }
}

/** Everything that can be wrong before the first line is read. */
function prepare(args: readonly string[], options: CommandInput['options']): Result<Prepared, string> {
  const option = (name: string): string | null => (options[name] as string | undefined) ?? null
  const from = option('from') ?? 'own'
  if (!isFormat(from)) return err(`--from ${from}: must be one of ${formatNames.join(', ')}`)
  const named = option('segment')
  const segment = segments.find((one) => one === named) ?? null
  if (named !== null && segment === null) return err(`--segment ${named}: must be one of ${segments.join(', ')}`)
  const sources = openLogs(args)
  if (!sources.ok) return sources
  const out = option('out') ?? DEFAULT_OUT
  const there = openOut(out, args)
  if (!there.ok) return err(`${out}: ${there.error}`)
  const base = options['merge'] === true ? (there.value ?? defaultCalibration()) : null
  return ok({ from, sources: sources.value, segment, out, base, keepSuspects: options['keepSuspects'] === true })
}

/** Of nobody is it known that he is unknown. */
const segments = profiles.filter((name) => name !== 'unknown')

const isFormat = (name: string): name is FormatName => formatNames.some((known) => known === name)

function openLogs(paths: readonly string[]): Result<readonly Source[], string> {
  const twice =
    'cannot be read twice, and a calibration reads its logs twice: write them to a file (gzip is read as it is)'
  if (paths.includes(STANDARD_STREAM)) return err(`-: standard input ${twice}`)
  const repeated = paths.find((path, i) => paths.indexOf(path) !== i)
  if (repeated !== undefined) return err(`${repeated}: is named twice; an account must not count twice`)
  const sources = openSources(paths, process.stdin)
  if (!sources.ok) return sources
  const pipe = sources.value.find(({ sizeBytes }) => sizeBytes === null)
  return pipe === undefined ? sources : err(`${pipe.name}: is a pipe, which ${twice}`)
}
