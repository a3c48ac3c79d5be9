import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** Signing of C2SP signed notes and checkpoints with Ed25519; reading and verifying them is the verifier's own. */
export interface Signer {
  readonly name: string
  readonly keyId: Buffer
  /** What an outsider verifies with: name, key id and public key in one line. */
  readonly vkey: string
  readonly key: KeyObject
}

const ED25519 = 0x01
/** DER in front of a raw Ed25519 seed, RFC 8410. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function signerOf(name: string, seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const typed = Buffer.concat([Buffer.of(ED25519), raw])
  const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(0, 4)
  return { name, keyId, vkey: `${name}+${keyId.toString('hex')}+${typed.toString('base64')}`, key }
}

/** `text` ends with a newline. */
export const signNote = (text: string, signer: Signer): string => `${text}\n${signatureLine(text, signer)}`

export function signatureLine(text: string, { name, keyId, key }: Signer): string {
  const signature = sign(null, Buffer.from(text), key)
  return `— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`
}

export const checkpointText = (origin: string, size: number, root: Uint8Array): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`

/** Whether a signature of this key stands under a note, and fits. */
export function hasSigned({ name, keyId, key }: Signer, note: string): boolean {
  const end = note.indexOf('\n\n') + 1
  const bytes = Buffer.from(note.slice(0, end))
  return note
    .slice(end + 1)
    .split('\n')
    .filter((line) => line.startsWith(`— ${name} `))
    .map((line) => Buffer.from(line.split(' ')[2]!, 'base64'))
    .some(
      (signature) =>
        signature.subarray(0, 4).equals(keyId) && verify(null, bytes, createPublicKey(key), signature.subarray(4)),
    )
}
