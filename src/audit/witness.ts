import { err, ok, type Result } from '../core/result.ts'
import { Prover } from './proof.ts'
import { isSignedBy, parseNote, type Vkey } from './verify-note.ts'

/**
 * Asks a witness (C2SP tlog-witness) for its cosignature: it keeps the last checkpoint that it has seen of each log and
 * signs only what continues it. A log that was rolled back or split finds no witness.
 */
export type Post = (url: string, type: string, body: Uint8Array) => Promise<Answer>

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

export interface Witness {
  readonly url: string
  readonly key: Vkey
  /** The size that it cosigned last, as far as is known. */
  seen: number
}

/** The witness's signature lines for the checkpoint. The error is for the operator. */
export async function cosign(
  witness: Witness,
  folder: string,
  checkpoint: string,
  post: Post,
): Promise<Result<string, string>> {
  const size = Number(checkpoint.split('\n')[1])
  const prover = new Prover(folder, size)
  for (let tries = 0; tries < 2; tries++) {
    if (witness.seen > size) return err(`has seen ${witness.seen} entries, and the log has ${size}`)
    const proof = prover.consistency(witness.seen).map((hash) => `${hash.toString('base64')}\n`)
    const body = Buffer.from(`old ${witness.seen}\n${proof.join('')}\n${checkpoint}`)
    const answer = await post(`${witness.url.replace(/\/+$/, '')}/add-checkpoint`, 'text/plain', body)
    const text = answer.body.toString('utf8')
    if (answer.status === 200) return accepted(witness, checkpoint, size, text)
    // It names the size that it knows; any other conflict is that it knows another root.
    if (answer.status !== 409 || !/^\d{1,15}\n$/.test(text)) return err(`answered with status ${answer.status}`)
    if (Number(text) === witness.seen) return err(`knows another log of ${witness.seen} entries under this name`)
    witness.seen = Number(text)
  }
  return err('names another size each time')
}

function accepted(witness: Witness, checkpoint: string, size: number, lines: string): Result<string, string> {
  const note = parseNote(checkpoint + lines)
  if (!note.ok || isSignedBy(note.value, witness.key) !== 'yes') return err('answered without a signature that fits')
  witness.seen = size
  const { name } = witness.key
  return ok(lines.replaceAll(/^.*\n/gm, (line) => (line.startsWith(`— ${name} `) ? line : '')))
}
