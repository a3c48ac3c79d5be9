import { readFileSync, renameSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A file that is replaced as a whole: after a crash it is the old one or the new one, and never a part of either. */
export interface StateFile {
  /** null: there is none. */
  load(): Uint8Array | null
  save(bytes: Uint8Array): Promise<void>
  /** Moves it out of the way and says where to. */
  setAside(): string
}

export const openStateFile = (path: string): StateFile => ({
  load() {
    try {
      return readFileSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  },
  async save(bytes) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      // Before the name changes: a power cut must not leave an empty file under it.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  },
  setAside() {
    renameSync(path, `${path}.broken`)
    return `${path}.broken`
  },
})
