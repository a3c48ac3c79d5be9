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

/**
 * `tell` hears of everything that does not hold: where, and what. `nextSize`: the size that is announced where the writer
 * was, or is, putting files in place; 0 where it is not.
 */
export function readFolder(
  folder: string,
  { size }: Checkpoint,
  nextSize: number,
  rootsAt: readonly number[],
  tell: (where: string, what: string) => void,
  progress: (entries: number) => void,
): Found {
  const story = new Story((at, what) => tell(`entry ${at}`, what))
  const files = new Files(folder, nextSize, tell)
  const tiles = new Tiles((level, index, hashes) => {
    const { path, bytes, isLonger } = files.read(level, index, hashes.length / BYTES)
    const own = isLonger ? bytes?.subarray(0, hashes.length) : bytes
    if (own !== undefined && own !== null && !own.equals(hashes)) tell(path, differs(level, index, own, hashes))
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
    const { path, bytes, isLonger } = files.read('entries', index, width)
    // Nothing behind a bundle that is not there could be told apart any more.
    if (bytes === null) break
    const end = eachEntry(bytes, width, isLonger, (entry) => {
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
  strangers(folder, size, nextSize, tell)
  return { story, root: tiles.root(), roots }
}

/** null where the bytes are exactly so many entries. */
function eachEntry(bytes: Buffer, width: number, isLonger: boolean, take: (entry: Buffer) => void): string | null {
  let at = 0
  for (let count = 0; count < width; count++) {
    if (at + 2 > bytes.length) return `ends after ${count} of ${width} entries`
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) return `ends within entry ${count} of ${width}`
    take(bytes.subarray(at + 2, end))
    at = end
  }
  return isLonger || at === bytes.length ? null : `goes on for ${bytes.length - at} bytes behind its ${width} entries`
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

interface Read {
  readonly path: string
  /** null: it cannot be read, and that was told. */
  readonly bytes: Buffer | null
  /** It is the next size's, which starts with this one's. */
  readonly isLonger: boolean
}

class Files {
  readonly #folder: string
  readonly #nextSize: number
  readonly #tell: (where: string, what: string) => void

  constructor(folder: string, nextSize: number, tell: (where: string, what: string) => void) {
    this.#folder = folder
    this.#nextSize = nextSize
    this.#tell = tell
  }

  read(level: number | 'entries', index: number, width: number): Read {
    const path = tilePath(level, index, width)
    const next = widthOf(level, index, this.#nextSize)
    try {
      return { path, bytes: readFileSync(join(this.#folder, path)), isLonger: false }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && next > width) {
        return { ...this.read(level, index, next), isLonger: true }
      }
      this.#tell(path, problemOf(error))
      return { path, bytes: null, isLonger: false }
    }
  }
}

export const problemOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  return code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`
}

/** Every file that is not part of a log of this size. */
function strangers(folder: string, size: number, nextSize: number, tell: (where: string, what: string) => void): void {
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
      else if (!belongs(path, size) && !(nextSize > 0 && belongs(path, nextSize)))
        tell(path, 'is not covered by the checkpoint: put there, or left by a crash')
    }
  }
  walk('')
}

function belongs(path: string, size: number): boolean {
  // An announcement is checked, or told of, by whoever reads it.
  if (path === 'checkpoint' || path === 'checkpoint.next') return true
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (parts === null) return false
  const level = parts[1] === 'entries' ? 'entries' : Number(parts[1])
  const index = Number(parts[2]!.replaceAll(/[x/]/g, ''))
  const width = parts[3] === undefined ? WIDTH : Number(parts[3])
  return path === tilePath(level, index, width) && width === widthOf(level, index, size)
}

/** How many hashes or entries a tile has in a log of this size. */
const widthOf = (level: number | 'entries', index: number, size: number): number =>
  Math.min(WIDTH, Math.floor(size / WIDTH ** (level === 'entries' ? 0 : level)) - index * WIDTH)

/** C2SP tlog-tiles: `1234067` is `x001/x234/067`. */
function tilePath(level: number | 'entries', index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  }
  return `tile/${level}/${groups.join('/')}${width === WIDTH ? '' : `.p/${width}`}`
}
