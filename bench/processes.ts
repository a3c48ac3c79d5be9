import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The processes of a run and its temporary folder; all of it is gone when this process ends, however it ends. */
export interface Stage {
  readonly folder: string
  start(command: string, args: readonly string[], options?: StartOptions): Started
  /** User and system time that a process has used so far. */
  cpuMs(pid: number): number
  stop(started: Started): Promise<void>
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Opens a channel for messages. */
  readonly ipc?: boolean
}

export interface Started {
  readonly pid: number
  readonly child: ChildProcess
  /** The URL that the process says it listens on. */
  readonly url: Promise<string>
}

const READY_MS = 15_000

export function openStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  const running = new Set<ChildProcess>()
  const tickMs = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(code))
  }
  return {
    folder,
    start(command, args, { env = {}, ipc = false } = {}) {
      // `bin/weir` looks for Node on PATH, and everything that is compared has to run on the same one; nginx is often
      // where only root looks.
      const PATH = `${dirname(process.execPath)}:${process.env['PATH']}:/usr/sbin`
      const child = spawn(command, args, {
        cwd: folder,
        env: { ...process.env, PATH, ...env },
        stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      })
      running.add(child)
      child.once('exit', () => running.delete(child))
      const url = urlOf(child, [command, ...args].join(' '))
      // Whoever never asks for the URL finds out otherwise that the process is gone.
      url.catch(() => {})
      return { pid: child.pid ?? 0, child, url }
    },
    cpuMs(pid) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name of a process can hold spaces and brackets: count from the last one. User is field 14, system 15.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * tickMs
    },
    stop({ child }) {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
      return new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
        setTimeout(() => child.kill('SIGKILL'), 5000).unref()
      })
    },
  }
}

function urlOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (why: string): void => reject(new Error(`${name} ${why}\n${said.slice(-4000)}`))
    const listen = (part: Buffer): void => {
      if (said.length < 65_536) said += part.toString()
      const found = /listening on (http:\S+)/.exec(said)
      if (found !== null) resolve(found[1]!)
    }
    child.stdout!.on('data', listen)
    child.stderr!.on('data', listen)
    child.once('error', (error) => fail(`cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`))
    setTimeout(() => fail('does not say where it listens'), READY_MS).unref()
  })
}

/** A port that was free a moment ago, for servers that cannot choose one themselves. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

export async function untilOpen(port: number, deadlineMs: number = Date.now() + READY_MS): Promise<void> {
  while (!(await isOpen(port))) {
    if (Date.now() > deadlineMs) throw new Error(`nothing listens on port ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
