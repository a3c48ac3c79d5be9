import { readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fold, HASH_BYTES } from './hash.ts'
import { entriesOf } from './journal.ts'
import { type Level, partialTiles, TILE_WIDTH, tilePath } from './layout.ts'

/** What a writer needs of a log that is there: its right edge. All of these throw what is wrong, for the operator. */

/** The hashes of the unfinished tiles from level 1 up, taken from the full tiles below them. `base` is a multiple of 256. */
export function readEdges(log: string, base: number): readonly Buffer[] {
  const edges: Buffer[] = []
  for (let count = base / TILE_WIDTH; count > 0; count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    const hashes = Buffer.alloc(width * HASH_BYTES)
    for (let at = 0; at < width; at++) {
      fold(readTile(log, edges.length, count - width + at), TILE_WIDTH).copy(hashes, at * HASH_BYTES)
    }
    edges.push(hashes)
  }
  return edges
}

function readTile(log: string, level: number, index: number): Buffer {
  const path = join(log, tilePath(level, index))
  const bytes = readFileSync(path)
  if (bytes.length !== TILE_WIDTH * HASH_BYTES) throw new Error(`${path} is not a full tile`)
  return bytes
}

/** The entries of the bundle that holds the last of `size` entries, or none where that bundle is full. */
export function readTail(log: string, size: number): readonly Buffer[] {
  const width = size % TILE_WIDTH
  if (width === 0) return []
  return readBundle(log, (size - width) / TILE_WIDTH, width)
}

export function readBundle(log: string, index: number, width: number): readonly Buffer[] {
  const path = join(log, tilePath('entries', index, width))
  const entries = entriesOf(readFileSync(path))
  if (entries.length !== width) throw new Error(`${path} does not hold ${width} entries`)
  return entries
}

/** Partial tiles that a dead process left behind while it went from one size to another. */
export function removeLeftovers(log: string, from: number, to: number): void {
  const current = new Set(partialTiles(to).map(([level, index, width]) => tilePath(level, index, width)))
  const clean = (level: Level, index: number): void => {
    const folder = dirname(join(log, tilePath(level, index, 1)))
    const names = namesIn(folder)
    const stale = names.filter((name) => !current.has(`${dirname(tilePath(level, index, 1))}/${basename(name)}`))
    for (const name of stale) unlinkSync(join(folder, name))
    if (names.length > 0 && stale.length === names.length) rmdirSync(folder)
  }
  for (let level = 0, span = TILE_WIDTH; level === 0 || span <= to * TILE_WIDTH; level++, span *= TILE_WIDTH) {
    for (let index = Math.floor(from / span); index <= Math.floor(to / span); index++) {
      clean(level, index)
      if (level === 0) clean('entries', index)
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
