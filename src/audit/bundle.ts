import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { readBundle } from './edge.ts'
import { canonical } from './canonical.ts'
import { TILE_WIDTH, tilePath } from './layout.ts'
import { Prover } from './proof.ts'
import type { Opening } from './salts.ts'

/**
 * Takes entries out of a log, with the proof that each is in it, into one file that verifies offline. Reads the log's
 * folder only, so it can run beside the process that writes it, or on a copy.
 */
export interface BundleOptions {
  readonly folder: string
  /** Which entries; those that tell of the log's keys come along. */
  readonly pick: (entry: Buffer, index: number) => boolean
  readonly from: number
  /** Up to before this one; null: the end of the log. */
  readonly to: number | null
  /** Checkpoints that others may have kept: the bundle proves that the log still starts with what they cover. */
  readonly sinceSizes: readonly number[]
  openings(seals: ReadonlySet<string>): readonly Opening[]
}

const MAX_ENTRIES = 100_000

/** The error is for the operator. */
export function makeBundle(options: BundleOptions): Result<{ text: string; entries: number; picked: number }, string> {
  try {
    return make(options)
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

function make(options: BundleOptions): Result<{ text: string; entries: number; picked: number }, string> {
  const { folder, from, to, pick, sinceSizes, openings } = options
  const { checkpoint, size, signer } = readHead(folder)
  const prover = new Prover(folder, size)
  const picked = new Map<number, string>()
  const keep = (index: number, entry: Buffer): void => void picked.set(index, entry.toString('utf8'))
  for (const [index, entry] of entriesOf(folder, size, from, Math.min(to ?? size, size))) {
    if (pick(entry, index)) keep(index, entry)
    if (picked.size > MAX_ENTRIES)
      return err(`more than ${MAX_ENTRIES} entries: choose fewer, or copy the whole folder`)
  }
  const count = picked.size
  if (count === 0) return err('the log holds no such entry')
  for (const [index, entry] of keyEntries(folder, size, signer)) keep(index, entry)
  const seals = new Set([...picked.values()].flatMap((entry) => [...entry.matchAll(SEAL)].map(([, seal]) => seal!)))
  const value = {
    format: 'weir-audit-bundle-1',
    checkpoint,
    entries: [...picked]
      .sort(([a], [b]) => a - b)
      .map(([index, entry]) => ({ index, entry, proof: texts(prover.inclusion(index)) })),
    consistency: sinceSizes.map((size) => ({
      size,
      root: prover.root(size).toString('base64'),
      proof: texts(prover.consistency(size)),
    })),
    openings: openings(seals),
  }
  return ok({ text: `${canonical(value)}\n`, entries: value.entries.length, picked: count })
}

const SEAL = /"seal":"([A-Za-z0-9+/=]{44})"/g

const texts = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('base64'))

interface LogHead {
  readonly checkpoint: string
  readonly size: number
  /** Name and key id of the signature. */
  readonly signer: string
}

function readHead(folder: string): LogHead {
  const checkpoint = readFileSync(join(folder, 'checkpoint'), 'utf8')
  const [name = '', size = '', , , line = ''] = checkpoint.split('\n')
  const id = Buffer.from(line.split(' ')[2] ?? '', 'base64')
    .subarray(0, 4)
    .toString('hex')
  if (!/^[1-9]\d*$/.test(size)) throw new Error(`${folder}/checkpoint is not a checkpoint`)
  return { checkpoint, size: Number(size), signer: `${name}+${id}` }
}

/** Those that name or hand over the log's key. Only a log whose key was handed over has to be searched for them. */
function* keyEntries(folder: string, size: number, signer: string): Generator<[number, Buffer]> {
  const [first] = readBundle(folder, 0, Math.min(TILE_WIDTH, size))
  yield [0, first!]
  if (first!.includes(`"vkey":"${signer}+`)) return
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    if (!readFileSync(join(folder, tilePath('entries', index, width))).includes(ROTATED)) continue
    for (const [at, entry] of readBundle(folder, index, width).entries()) {
      if (entry.includes(ROTATED)) yield [index * TILE_WIDTH + at, entry]
    }
  }
}

const ROTATED = ',"type":"key_rotated","v":1,'

function* entriesOf(folder: string, size: number, from: number, to: number): Generator<[number, Buffer]> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    for (const [at, entry] of readBundle(folder, index, width).entries()) {
      const position = index * TILE_WIDTH + at
      if (position >= from && position < to) yield [position, entry]
    }
  }
}
