import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint } from './verify-note.ts'
import { Story } from './verify-entries.ts'
import { Tiles } from './verify-tree.ts'

/** Part of the verifier: a folder of C2SP tlog-tiles, read from its first entry to its last. */
export interface Found {
  readonly story: Story
  readonly root: Buffer
  /** The roots at the sizes that were asked for, where the log is as long. */
  readonly roots: ReadonlyMap<number, Buffer>
}

const WIDTH = 256
const BYTES = 32

/** `tell` hears of everything that does not hold: where, and what. */
export function readFolder(
  folder: string,
  { size }: Checkpoint,
  rootsAt: readonly number[],
  tell: (where: string, what: string) => void,
  progress: (entries: number) => void,
): Found {
  const story = new Story((at, what) => tell(`entry ${at}`, what))
  const tiles = new Tiles((level, index, hashes) => {
    const path = tilePath(level, index, hashes.length / BYTES)
    const bytes = read(folder, path, tell)
    if (bytes !== null && !bytes.equals(hashes)) tell(path, differs(level, index, bytes, hashes))
  })
  const roots = new Map<number, Buffer>()
  const wanted = [...new Set(rootsAt)].filter((at) => at <= size).sort((a, b) => a - b)
  let done = 0
  const mark = (): void => {
    while (wanted[0] === done) roots.set(wanted.shift()!, tiles.root())
  }
  mark()
  for (let index = 0; index * WIDTH < size; index++) {
    const width = Math.min(WIDTH, size - index * WIDTH)
    const path = tilePath('entries', index, width)
    const bytes = read(folder, path, tell)
    // Nothing behind a bundle that is not there could be told apart any more.
    if (bytes === null) break
    const end = eachEntry(bytes, width, (entry) => {
      story.read(done, entry)
      tiles.add(entry)
      done++
      mark()
    })
    if (end !== null) {
      tell(path, end)
      break
    }
    progress(done)
  }
  tiles.end()
  strangers(folder, size, tell)
  return { story, root: tiles.root(), roots }
}

/** null where the bytes are exactly so many entries. */
function eachEntry(bytes: Buffer, width: number, take: (entry: Buffer) => void): string | null {
  let at = 0
  for (let count = 0; count < width; count++) {
    if (at + 2 > bytes.length) return `ends after ${count} of ${width} entries`
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) return `ends within entry ${count} of ${width}`
    take(bytes.subarray(at + 2, end))
    at = end
  }
  return at === bytes.length ? null : `goes on for ${bytes.length - at} bytes behind its ${width} entries`
}

function differs(level: number, index: number, bytes: Buffer, hashes: Buffer): string {
  if (bytes.length !== hashes.length) return `has ${bytes.length} bytes and should have ${hashes.length}`
  let at = 0
  while (bytes.subarray(at, at + BYTES).equals(hashes.subarray(at, at + BYTES))) at += BYTES
  const position = index * WIDTH + at / BYTES
  return level === 0
    ? `does not hold the hash of entry ${position} as it is in tile/entries`
    : `does not hold the hash of ${tilePath(level - 1, position, WIDTH)}`
}

function read(folder: string, path: string, tell: (where: string, what: string) => void): Buffer | null {
  try {
    return readFileSync(join(folder, path))
  } catch (error) {
    tell(path, problemOf(error))
    return null
  }
}

export const problemOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  return code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`
}

/** Every file that is not part of a log of this size. */
function strangers(folder: string, size: number, tell: (where: string, what: string) => void): void {
  const walk = (under: string): void => {
    let found: Dirent[]
    try {
      found = readdirSync(join(folder, under), { withFileTypes: true })
    } catch (error) {
      return tell(under === '' ? '.' : under, problemOf(error))
    }
    for (const item of found) {
      const path = under === '' ? item.name : `${under}/${item.name}`
      if (item.isDirectory()) walk(path)
      else if (!item.isFile()) tell(path, 'is not a file')
      else if (!belongs(path, size)) tell(path, 'is not covered by the checkpoint: put there, or left by a crash')
    }
  }
  walk('')
}

function belongs(path: string, size: number): boolean {
  if (path === 'checkpoint') return true
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (parts === null) return false
  const level = parts[1] === 'entries' ? 'entries' : Number(parts[1])
  const index = Number(parts[2]!.replaceAll(/[x/]/g, ''))
  const width = parts[3] === undefined ? WIDTH : Number(parts[3])
  const count = Math.floor(size / WIDTH ** (level === 'entries' ? 0 : level))
  return path === tilePath(level, index, width) && width === Math.min(WIDTH, count - index * WIDTH)
}

/** C2SP tlog-tiles: `1234067` is `x001/x234/067`. */
function tilePath(level: number | 'entries', index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  }
  return `tile/${level}/${groups.join('/')}${width === WIDTH ? '' : `.p/${width}`}`
}
