import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../src/audit/journal.ts'
import * as mutate from '../src/audit/mutations.ts'
import { readFolder } from '../src/audit/verify-folder.ts'
import { verifyLog } from '../src/audit/verify.ts'

/** Tampering with a log's folder in every way that there is, and whether the verifier finds it. */
export interface Tally {
  readonly what: string
  readonly tried: number
  readonly missed: number
}

class Found extends Error {}

/** Stops at the first thing that does not hold: what `verifyLog` would report, without reading the rest. */
function isFound(folder: string, size: number, isOfCheckpoint: boolean): boolean {
  const stop = (): never => {
    throw new Found()
  }
  try {
    // Its size is what the folder would be read by.
    if (!isOfCheckpoint) readFolder(folder, { origin: '', size, root: Buffer.alloc(32) }, 0, [], stop, () => {})
  } catch (error) {
    if (error instanceof Found) return true
    throw error
  }
  return !verifyLog({ path: folder, key: null, since: null, witness: null, progress() {} }).holds
}

interface Tampering {
  readonly what: string
  readonly each: Iterable<() => mutate.Undo>
  readonly isOfCheckpoint?: boolean
}

/** `stride`: 1 takes every entry and hash, more every so manieth, each way of tampering from another one on. */
export function tamper(
  folder: string,
  size: number,
  stride: number,
  progress: (text: string) => void,
): readonly Tally[] {
  return tamperings(folder, stride).map(({ what, each, isOfCheckpoint = false }) => {
    let [tried, missed] = [0, 0]
    for (const act of each) {
      const undo = act()
      if (!isFound(folder, size, isOfCheckpoint)) missed++
      undo()
      if (++tried % 1000 === 0) progress(`${what}: ${tried}, missed ${missed}`)
    }
    return { what, tried, missed }
  })
}

function tamperings(folder: string, stride: number): readonly Tampering[] {
  const files = mutate.filesOf(folder)
  const bundles = files.filter((file) => file.startsWith('tile/entries/'))
  const tiles = files.filter((file) => /^tile\/\d/.test(file))
  const at = (file: string): string => join(folder, file)
  const which = stride === 1 ? 'every' : `every ${stride}th`
  return [
    { what: 'every bit of the checkpoint flipped', each: bits(at('checkpoint')), isOfCheckpoint: true },
    { what: 'every file removed', each: files.map((file) => () => mutate.removeFile(at(file))) },
    {
      what: 'every file cut by a byte',
      each: files.map((file) => () => mutate.changeBytes(at(file), (b) => b.subarray(0, -1))),
    },
    {
      what: 'every file longer by a byte',
      each: files.map((file) => () => mutate.changeBytes(at(file), (b) => Buffer.concat([b, Buffer.of(0)]))),
    },
    { what: `${which} hash of every tile with a bit flipped`, each: hashes(tiles.map(at), stride) },
    { what: `${which} entry with a bit flipped`, each: entries(bundles.map(at), stride, 0, flipped) },
    { what: `${which} entry removed`, each: entries(bundles.map(at), stride, 1, (all, i) => all.toSpliced(i, 1)) },
    {
      what: `${which} entry put in twice`,
      each: entries(bundles.map(at), stride, 2, (all, i) => all.toSpliced(i, 0, all[i]!)),
    },
    {
      what: `${which} entry swapped with the next`,
      each: entries(bundles.map(at), stride, 3, (all, i) => {
        const next = (i + 1) % all.length
        return all.with(i, all[next]!).with(next, all[i]!)
      }),
    },
  ]
}

export function* bits(path: string): Generator<() => mutate.Undo> {
  const count = readFileSync(path).length * 8
  for (let bit = 0; bit < count; bit++) yield () => mutate.flipBit(path, bit)
}

function* hashes(paths: readonly string[], stride: number): Generator<() => mutate.Undo> {
  for (const path of paths) {
    const count = readFileSync(path).length / 32
    for (let i = 0; i < count; i += stride) yield () => mutate.flipBit(path, i * 256 + Math.floor(Math.random() * 256))
  }
}

function* entries(
  paths: readonly string[],
  stride: number,
  offset: number,
  change: (all: Buffer[], i: number) => Buffer[],
): Generator<() => mutate.Undo> {
  for (const path of paths) {
    const count = entriesOf(readFileSync(path)).length
    for (let i = offset % stride; i < count; i += stride)
      yield () => mutate.changeEntries(path, (all) => change(all, i))
  }
}

function flipped(all: Buffer[], i: number): Buffer[] {
  const entry = Buffer.from(all[i]!)
  const bit = Math.floor(Math.random() * entry.length * 8)
  entry[bit >> 3] = entry[bit >> 3]! ^ (1 << (bit & 7))
  return all.with(i, entry)
}

/** Single bits of a long log, each looked for with the whole verifier. */
export function sample(folder: string, samples: number): Tally {
  const files = mutate.filesOf(folder)
  let missed = 0
  for (let i = 0; i < samples; i++) {
    const path = join(folder, files[Math.floor(Math.random() * files.length)]!)
    const undo = mutate.flipBit(path, Math.floor(Math.random() * readFileSync(path).length * 8))
    if (verifyLog({ path: folder, key: null, since: null, witness: null, progress() {} }).holds) missed++
    undo()
  }
  return { what: 'a bit flipped anywhere in the long log', tried: samples, missed }
}
