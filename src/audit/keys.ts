import { randomBytes } from 'node:crypto'
import { chmodSync, fsyncSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { forceToDisk } from './disk.ts'
import { type Signer, signerOf } from './note.ts'

/**
 * The log's own keys, one file each, in a folder beside the log: a seed and the origin it signs for. A key that was
 * handed over is kept, because a crash can leave the log at a checkpoint that it signed.
 */
const SEED_BYTES = 32
const NAME = /^audit-[0-9a-f]{8}\.key$/

/** Throws what is wrong with a file, for the operator. */
export function readSigners(folder: string, origin: string): readonly Signer[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name)
      const [seed = '', of = ''] = readFileSync(path, 'utf8').split('\n')
      const bytes = Buffer.from(seed, 'base64')
      if (bytes.length !== SEED_BYTES) throw new Error(`${path} is not a key of a log`)
      return of === origin ? [signerOf(origin, bytes)] : []
    })
}

/** The new key is on the disk before anything is signed with it. */
export function makeSigner(folder: string, origin: string): Signer {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const seed = randomBytes(SEED_BYTES)
  const signer = signerOf(origin, seed)
  const path = join(folder, `audit-${signer.keyId.toString('hex')}.key`)
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${seed.toString('base64')}\n${origin}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  // Whatever the process's mask allows.
  chmodSync(path, 0o600)
  forceToDisk(folder)
  return signer
}
