import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

export function machine(): Readonly<Record<string, string | number>> {
  const all = cpus()
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, system: `${process.platform} ${process.arch}` }
}

export function versions(): Readonly<Record<string, string>> {
  const undici = JSON.parse(readFileSync(join(root, 'node_modules/undici/package.json'), 'utf8')) as { version: string }
  const commit = output('git', ['rev-parse', '--short', 'HEAD']) ?? 'no commit'
  const changed = output('git', ['status', '--porcelain', '--', 'src', 'package.json']) !== ''
  return {
    node: process.versions.node,
    undici: undici.version,
    // It tells its version on standard error.
    nginx: output('sh', ['-c', 'PATH=$PATH:/usr/sbin nginx -v 2>&1'])?.replace(/^.*\//, '') ?? 'none',
    weir: changed ? `${commit}, changed` : commit,
  }
}

function output(command: string, args: readonly string[]): string | null {
  try {
    return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}
