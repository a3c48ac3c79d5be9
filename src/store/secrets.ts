import { hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'

/** Secrets that Weir makes for itself: one for each purpose, so that what one leaks says nothing of the others. */
export interface OwnSecrets {
  readonly tokens: Uint8Array
  readonly fingerprints: Uint8Array
  readonly detection: Uint8Array
  readonly stepUp: Uint8Array
  readonly decoys: Uint8Array
}

const ROOT_BYTES = 32

/** Reads the root secret of a data folder, or makes it on the first start. The error is for the operator. */
export function openSecrets(path: string): Result<OwnSecrets, string> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const root = readRoot(path) ?? makeRoot(path)
    if (root.length !== ROOT_BYTES) {
      return err(`${path} is not a secret of ${ROOT_BYTES} bytes; move it away to have a new one made`)
    }
    return ok({
      tokens: derive(root, 'tokens'),
      fingerprints: derive(root, 'fingerprints'),
      detection: derive(root, 'detection'),
      stepUp: derive(root, 'step_up'),
      decoys: derive(root, 'decoys'),
    })
  } catch (error) {
    return err(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readRoot(path: string): Uint8Array | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function makeRoot(path: string): Uint8Array {
  const root = randomBytes(ROOT_BYTES)
  writeFileSync(path, root, { mode: 0o600, flag: 'wx' })
  // Whatever the process's mask allows.
  chmodSync(path, 0o600)
  return root
}

/** HKDF, RFC 5869. */
const derive = (root: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', root, new Uint8Array(), `weir ${purpose} 1`, 32))
