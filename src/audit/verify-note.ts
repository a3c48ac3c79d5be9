import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { err, ok, type Result } from '../core/result.ts'

/** Part of the verifier: C2SP signed notes, their keys and checkpoints, read strictly. */
export interface Vkey {
  readonly text: string
  readonly name: string
  readonly keyId: Buffer
  readonly type: 'ed25519' | 'cosignature'
  readonly key: KeyObject
}

export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

interface NoteSignature {
  readonly name: string
  readonly keyId: Buffer
  readonly bytes: Buffer
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

const types = { 1: 'ed25519', 4: 'cosignature' } as const
/** DER in front of a raw Ed25519 public key, RFC 8410. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const MAX_NOTE_CHARS = 100_000
const MAX_SIGNATURES = 64

/** `name+key id+base64 of the type and the key`. */
export function parseVkey(text: string): Result<Vkey, string> {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text)
  if (parts === null) return err('not a key: it has the form name+8 hex digits+base64')
  const [, name = '', id = '', encoded = ''] = parts
  const bytes = decodeBase64(encoded)
  const type = bytes === null || bytes.length !== 33 ? undefined : types[bytes[0] as 1 | 4]
  if (bytes === null || type === undefined) return err('not an Ed25519 key')
  const keyId = keyIdOf(name, bytes)
  if (keyId.toString('hex') !== id) return err('its key id does not belong to its name and key: a part was mistyped')
  const key = createPublicKey({ key: Buffer.concat([SPKI, bytes.subarray(1)]), format: 'der', type: 'spki' })
  return ok({ text, name, keyId, type, key })
}

const keyIdOf = (name: string, typed: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(0, 4)

export function parseNote(note: string): Result<Note, string> {
  if (note.length > MAX_NOTE_CHARS) return err('is too long for a signed note')
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f\ufffd]/.test(note)) return err('holds characters that a signed note cannot hold')
  const end = note.lastIndexOf('\n\n')
  if (end === -1 || !note.endsWith('\n')) return err('is not a signed note')
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return err('has too many signatures')
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const parts = /^— ([^+\s]+) ([A-Za-z0-9+/]+=*)$/u.exec(line)
    const bytes = parts === null ? null : decodeBase64(parts[2]!)
    if (parts === null || bytes === null || bytes.length < 5) return err('has a line that is no signature')
    signatures.push({ name: parts[1]!, keyId: bytes.subarray(0, 4), bytes: bytes.subarray(4) })
  }
  return ok({ text: note.slice(0, end + 1), signatures })
}

/** Whether this key has signed. A signature under its name and id that does not fit spoils the note. */
export function isSignedBy({ text, signatures }: Note, vkey: Vkey): 'yes' | 'no' | 'forged' {
  const own = signatures.filter(({ name, keyId }) => name === vkey.name && keyId.equals(vkey.keyId))
  if (own.length === 0) return 'no'
  return own.every(({ bytes }) => fits(text, bytes, vkey)) ? 'yes' : 'forged'
}

function fits(text: string, signature: Buffer, { type, key }: Vkey): boolean {
  if (type === 'ed25519') return verify(null, Buffer.from(text), key, signature)
  // C2SP tlog-cosignature: a time, then a signature over the time and the checkpoint.
  if (signature.length !== 72) return false
  const message = `cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`
  return verify(null, Buffer.from(message), key, signature.subarray(8))
}

/** When a witness saw the checkpoint, in epoch seconds; null where it has not signed. */
export function witnessedAt({ signatures }: Note, vkey: Vkey): number | null {
  const own = signatures.find(({ name, keyId }) => name === vkey.name && keyId.equals(vkey.keyId))
  return own === undefined || own.bytes.length !== 72 ? null : Number(own.bytes.readBigUInt64BE(0))
}

export function parseCheckpoint(text: string): Result<Checkpoint, string> {
  const lines = text.split('\n')
  const [origin = '', size = '', root = ''] = lines
  const bytes = decodeBase64(root)
  if (lines.length !== 4 || lines[3] !== '' || origin === '') return err('is not a checkpoint of three lines')
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return err('names no size')
  if (bytes?.length !== 32) return err('holds no root of 32 bytes')
  return ok({ origin, size: Number(size), root: bytes })
}

/** null for what is no base64, or not as its encoder would have written it. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
