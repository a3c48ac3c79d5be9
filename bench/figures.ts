import { paced } from './answers.ts'
import type { CpuMeasure } from './cpu.ts'
import { difference, type FirstByteMeasure } from './first-byte.ts'
import { labelOf, type MemoryMeasure } from './memory.ts'
import { ratio, type Spread, spreadOf } from './stats.ts'
import type { Measured, TargetName } from './targets.ts'

/** One number that a reader takes away, with what it is held against. */
export interface Figure {
  readonly group: string
  readonly what: string
  readonly unit: 'x' | 'us' | 'ms' | 'MB' | 'B' | '%'
  readonly value: number
  readonly min: number | null
  readonly max: number | null
  /** Null: told for comparison only. */
  readonly budget: number | null
}

export const isMissed = ({ value, budget }: Figure): boolean => budget !== null && !(value <= budget)

const weirs = ['weir', 'weir-durable'] as const

/** Gates of the whole, absolute and therefore of this machine: CPU of a request, of a stream of 64 events. */
const GATE_REQUEST_US = 300
const GATE_STREAM_US = 1000

const figure = (
  group: string,
  what: string,
  unit: Figure['unit'],
  { median, min, max }: Spread,
  budget: number | null,
): Figure => ({ group, what, unit, value: median, min, max, budget })

export function requestFigures(cpu: Measured<CpuMeasure>): readonly Figure[] {
  const group = 'non-streamed request, CPU'
  const of = (name: TargetName): Spread => cpu.get(name)!.cpuUs
  return [
    ...weirs.map((name) => figure(group, `${name} / bare pass-through`, 'x', ratio(of(name), of('bare')), 1.6)),
    ...weirs.map((name) => figure(group, `${name} / nginx`, 'x', ratio(of(name), of('nginx')), null)),
    figure(group, 'bare pass-through / nginx', 'x', ratio(of('bare'), of('nginx')), null),
    ...weirs.map((name) => figure(group, `${name}, gate P1`, 'us', of(name), GATE_REQUEST_US)),
  ]
}

export function streamFigures(cpu: Measured<CpuMeasure>): readonly Figure[] {
  const group = 'streamed chunk, CPU'
  const of = (name: TargetName): Spread => cpu.get(name)!.cpuUs
  const versus = (name: TargetName, base: TargetName, budget: number | null): Figure =>
    figure(group, `${name} / ${base}`, 'x', ratio(of(name), of(base)), budget)
  return [
    ...weirs.map((name) => versus(name, 'parsing', 1.15)),
    ...weirs.map((name) => versus(name, 'nginx', null)),
    versus('parsing', 'nginx', null),
    versus('parsing', 'bare', null),
    ...weirs.map((name) => {
      const stream = spreadOf(of(name).rounds.map((cpuUs) => cpuUs * paced.parts.length))
      return figure(group, `${name}, stream of ${paced.parts.length} chunks, gate P2`, 'us', stream, GATE_STREAM_US)
    }),
  ]
}

export function firstByteFigures(measured: Measured<FirstByteMeasure>): readonly Figure[] {
  const group = 'added time to first byte'
  const direct = measured.get('direct')!
  return [...measured].flatMap(([name, { p50Ms, p99Ms }]) => {
    if (name === 'direct') return []
    const held = name === 'weir' || name === 'weir-durable'
    return [
      figure(group, `${name} - direct, p50`, 'ms', difference(p50Ms, direct.p50Ms), held ? 1 : null),
      figure(group, `${name} - direct, p99`, 'ms', difference(p99Ms, direct.p99Ms), held ? 5 : null),
    ]
  })
}

export function memoryFigures({ run, bytesPerIdentity, bytesPerConfiguredKey }: MemoryMeasure): readonly Figure[] {
  const group = 'memory'
  const plain = (what: string, unit: Figure['unit'], value: number, budget: number | null): Figure => ({
    group,
    what,
    unit,
    value,
    min: null,
    max: null,
    budget,
  })
  const last = run.at(-1)!
  // The first passes over all keys fill what is bounded; from the third on it has to hold.
  const from = run.filter(({ at }) => typeof at === 'number')[2] ?? last
  const growth = (last.rssBytes / from.rssBytes - 1) * 100
  return [
    ...run.map(({ at, rssBytes }) => plain(`resident at ${labelOf(at)}`, 'MB', rssBytes / 1e6, null)),
    plain('resident, most in the run, gate P3', 'MB', Math.max(...run.map(({ rssBytes }) => rssBytes)) / 1e6, 150),
    plain(`growth from ${labelOf(from.at)} to the end`, '%', growth, 10),
    ...bytesPerIdentity.map(({ from, to, bytes }) =>
      plain(`live state of each identity, ${from} to ${to}`, 'B', bytes, 4096),
    ),
    plain('live bytes of each configured key, before it calls', 'B', bytesPerConfiguredKey, null),
  ]
}
