import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a server that a test needs is; null, and a reason to skip by name, where this machine has none. */
export function findServer(name: string): { readonly path: string | null; readonly skip: string | false } {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate)) ?? null
  if (path === null && process.env['WEIR_REQUIRE_SERVICES'] === '1') {
    throw new Error(`${name} is not on this machine, and WEIR_REQUIRE_SERVICES=1 says that it must be`)
  }
  return { path, skip: path === null ? `needs ${name}, which is not on this machine` : false }
}
