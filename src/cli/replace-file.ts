import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

/** The new file takes the place of the old one whole: who reads it meanwhile finds either. Says what kept it from that. */
export function replaceFile(path: string, text: string): string | null {
  try {
    const target = existsSync(path) ? realpathSync(path) : path
    // A rename would put a file in the place of a device.
    if (existsSync(target) && !statSync(target).isFile()) return 'is not a file'
    const beside = `${target}.${process.pid}.new`
    try {
      writeFileSync(beside, text)
      renameSync(beside, target)
    } finally {
      rmSync(beside, { force: true })
    }
    return null
  } catch (error) {
    return `cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`
  }
}
