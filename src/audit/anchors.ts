import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { checkReply, QUERY_TYPE, timestampQuery } from './timestamp.ts'
import { parseVkey, type Vkey } from './verify-note.ts'
import { type Post, type Witness, cosign } from './witness.ts'

/**
 * Puts checkpoints where the log's owner cannot take them back: cosigned by witnesses, time stamped by an authority,
 * copied to a second folder. Whoever has one can show with `--since` that nothing before it was rolled back.
 */
export interface AnchorOptions {
  readonly log: string
  /** Where they are kept here, beside the log. */
  readonly folder: string
  /** The second folder; null: none. */
  readonly copyTo: string | null
  readonly timestampUrl: string | null
  readonly witnesses: readonly { readonly url: string; readonly key: string }[]
  readonly post: Post
  say(level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>): void
}

export interface Anchors {
  /** Does everything that is asked for once; what fails is said, counted, and tried at the next round. */
  round(): Promise<void>
  readonly stats: AnchorStats
}

export interface AnchorStats {
  /** Entries under the last checkpoint that everything was done for. */
  readonly anchored: number
  readonly failures: number
}

/** The error names a witness whose key is none. */
export function startAnchors(options: AnchorOptions): Result<Anchors, string> {
  const witnesses: Witness[] = []
  for (const { url, key } of options.witnesses) {
    const vkey = parseVkey(key)
    if (!vkey.ok || vkey.value.type !== 'cosignature')
      return err(`witness ${url}: ${vkey.ok ? 'not a key to cosign with' : vkey.error}`)
    witnesses.push({ url, key: vkey.value, seen: seenBy(options.folder, vkey.value) })
  }
  const stats = { anchored: 0, failures: 0 }
  let isBusy = false
  return ok({
    stats,
    async round() {
      if (isBusy) return
      isBusy = true
      try {
        await anchor(options, witnesses, stats)
      } finally {
        isBusy = false
      }
    },
  })
}

async function anchor(
  options: AnchorOptions,
  witnesses: readonly Witness[],
  stats: { anchored: number; failures: number },
): Promise<void> {
  const { log, folder, copyTo, timestampUrl, post, say } = options
  const checkpoint = readFileSync(join(log, 'checkpoint'), 'utf8')
  const size = Number(checkpoint.split('\n')[1])
  if (size === stats.anchored) return
  const failures = stats.failures
  const attempt = async (what: string, act: () => Promise<Result<unknown, string>>): Promise<void> => {
    const done = await act().catch((error: unknown) => err(error instanceof Error ? error.message : String(error)))
    if (done.ok) return
    stats.failures++
    say('warn', 'audit_anchor_failed', { what, problem: done.error })
  }
  let note = checkpoint
  for (const witness of witnesses) {
    await attempt(witness.url, async () => {
      const lines = await cosign(witness, log, checkpoint, post)
      if (lines.ok) note += lines.value
      return lines
    })
  }
  const name = nameFor(folder, size, note)
  const files = new Map<string, Buffer>([[name, Buffer.from(note)]])
  if (timestampUrl !== null) {
    await attempt(timestampUrl, async () => {
      const reply = await stamp(timestampUrl, Buffer.from(note), post)
      if (reply.ok) files.set(`${name}.tsr`, reply.value)
      return reply
    })
  }
  for (const place of copyTo === null ? [folder] : [folder, copyTo]) {
    await attempt(place, () => Promise.resolve(keep(place, files)))
  }
  if (stats.failures === failures) stats.anchored = size
}

async function stamp(url: string, content: Buffer, post: Post): Promise<Result<Buffer, string>> {
  const nonce = randomBytes(16)
  const { status, body } = await post(url, QUERY_TYPE, timestampQuery(content, nonce))
  if (status !== 200) return err(`answered with status ${status}`)
  const checked = checkReply(body, content, nonce)
  return checked.ok ? ok(body) : checked
}

/** A later round can bring more signatures under the same checkpoint: they get a file of their own. */
function nameFor(folder: string, size: number, note: string): string {
  for (let count = 1; ; count++) {
    const name = `checkpoint-${size}${count === 1 ? '' : `-${count}`}`
    const path = join(folder, name)
    if (!existsSync(path) || readFileSync(path, 'utf8') === note) return name
  }
}

/** What is there stays. */
function keep(folder: string, files: ReadonlyMap<string, Buffer>): Result<null, string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [name, bytes] of files) {
    let file: number
    try {
      file = openSync(join(folder, name), 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    try {
      writeSync(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
  return ok(null)
}

/** The largest size among the checkpoints kept here that the witness has signed. */
function seenBy(folder: string, { name, keyId }: Vkey): number {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return 0
  }
  const sizes = names.flatMap((file) => {
    const size = /^checkpoint-(\d{1,15})(?:-\d+)?$/.exec(file)?.[1]
    return size === undefined ? [] : [{ file, size: Number(size) }]
  })
  for (const { file, size } of sizes.sort((a, b) => b.size - a.size).slice(0, 64)) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    const own = lines.find((line) => line.startsWith(`— ${name} `))
    if (
      own !== undefined &&
      Buffer.from(own.split(' ')[2] ?? '', 'base64')
        .subarray(0, 4)
        .equals(keyId)
    )
      return size
  }
  return 0
}
