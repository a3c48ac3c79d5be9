import {
  close,
  closeSync,
  fdatasyncSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  open,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'

/** What the writer does to a disk, so that a test can hand it a full one. */
export interface Disk {
  /** Writes all of it at this place of the file, or throws. */
  write(file: number, bytes: Uint8Array, position: number): void
  truncate(file: number, bytes: number): void
  flush(file: number): void
  move(from: string, to: string): void
  remove(path: string): void
}

export const realDisk: Disk = {
  write(file, bytes, position) {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at)
  },
  truncate: ftruncateSync,
  flush: fdatasyncSync,
  move: renameSync,
  remove: unlinkSync,
}

/** Puts a file in its place from nothing; an older one of that name is overwritten. */
export function writeWhole(disk: Disk, path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w', 0o600)
  try {
    disk.write(file, bytes, 0)
  } finally {
    closeSync(file)
  }
}

/** Forces a file's bytes, or a folder's names, to the disk. */
export function forceToDisk(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The same without waiting. Where it fails, `done` is not called: whoever must be sure forces it once more. */
export function forceSoon(path: string, done: () => void): void {
  open(path, 'r', (problem, file) => {
    if (problem !== null) return
    fsync(file, (failure) => close(file, () => failure ?? done()))
  })
}
