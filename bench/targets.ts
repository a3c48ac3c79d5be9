import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeNginxConfig } from './nginx.ts'
import { freePort, type Stage, type Started, untilOpen } from './processes.ts'
import { weirConfig, writeBenchFiles } from './weir-config.ts'

/** `direct` is the mock model itself: what is measured there is the model's own time. */
export const targetNames = ['direct', 'bare', 'parsing', 'nginx', 'weir', 'weir-durable'] as const
export type TargetName = (typeof targetNames)[number]

export interface Target {
  readonly name: TargetName
  readonly url: string
  readonly pid: number
  /** The bearer token of requests. */
  readonly credential: string
  readonly started: Started
}

export type Targets = Readonly<Record<TargetName, Target>>

export type Measured<T> = ReadonlyMap<TargetName, T>

export const describe: Readonly<Record<TargetName, string>> = {
  direct: 'no proxy: the mock model itself',
  bare: 'node:http + undici, bytes only',
  parsing: 'node:http + undici, every event and its JSON parsed',
  nginx: 'nginx, buffering off',
  weir: 'Weir with everything on, state in memory',
  'weir-durable': 'Weir with a data_dir',
}

/** Starts the mock model and everything that can stand before it, each in a process of its own. */
export async function startTargets(stage: Stage): Promise<Targets> {
  const script = (name: string, ...args: string[]): Started =>
    stage.start(process.execPath, [join(import.meta.dirname, name), ...args])
  const direct = script('upstream.ts')
  const upstream = await direct.url
  const files = await writeBenchFiles(stage.folder)
  const weir = (name: string, dataDir: string | null): Started => {
    const file = join(stage.folder, `${name}.yaml`)
    writeFileSync(file, weirConfig({ upstream, dataDir, files }))
    return stage.start(join(import.meta.dirname, '..', 'bin', 'weir'), ['serve', '--config', file])
  }
  const started = {
    direct,
    bare: script('passthrough.ts', 'bare', upstream),
    parsing: script('passthrough.ts', 'parsing', upstream),
    nginx: await startNginx(stage, upstream),
    weir: weir('weir', null),
    'weir-durable': weir('weir-durable', mkdtempSync(join(stage.folder, 'data-'))),
  } satisfies Record<TargetName, Started>
  const ready = async (name: TargetName): Promise<Target> => ({
    name,
    url: await started[name].url,
    pid: started[name].pid,
    credential: files.token,
    started: started[name],
  })
  return {
    direct: await ready('direct'),
    bare: await ready('bare'),
    parsing: await ready('parsing'),
    nginx: await ready('nginx'),
    weir: await ready('weir'),
    'weir-durable': await ready('weir-durable'),
  }
}

async function startNginx(stage: Stage, upstream: string): Promise<Started> {
  const port = await freePort()
  const config = writeNginxConfig(stage.folder, port, upstream)
  const started = stage.start('nginx', ['-e', 'stderr', '-p', stage.folder, '-c', config])
  await Promise.race([untilOpen(port), started.url])
  return { ...started, url: Promise.resolve(`http://127.0.0.1:${port}`) }
}
