import { mkdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Disk, forceSoon, forceToDisk, writeWhole } from './disk.ts'
import { framed, type Journal } from './journal.ts'
import { type Level, partialTiles, TILE_WIDTH, tilePath } from './layout.ts'
import { checkpointText, type Signer, signNote } from './note.ts'
import { Tree } from './tree.ts'

/** Where the parts of a log are. Only `log` is for outsiders, and holds nothing that its checkpoint does not cover. */
export interface Places {
  readonly log: string
  readonly journal: string
  /** A file that is being written; in the same file system as the log. */
  readonly staged: string
}

/** Past this the log's files are forced to the disk and the journal starts anew. A restart reads at most about this much. */
const MAX_JOURNAL_BYTES = 64 * 1024 * 1024

/**
 * The writer of one log. An append is in the journal, forced to the disk, before anything is signed; then the log's files
 * and the checkpoint follow at once, so that whoever was told "done" finds it under a signature. Everything here blocks:
 * it runs in a thread of its own.
 */
export class Log {
  readonly origin: string
  readonly #places: Places
  readonly #disk: Disk
  readonly #journal: Journal
  readonly #tree: Tree
  /** Entries of the bundle that is not full yet. */
  #tail: Uint8Array[] = []
  #signer: Signer
  /** Who signed the checkpoint in place: whoever knows that one's key knows what is announced. */
  #announcer: Signer
  #signedSize: number
  /** Full tiles and bundles that are not in their place yet. */
  readonly #unwritten = new Map<string, Buffer>()
  /** Written, but maybe not on the disk yet. */
  readonly #unforced = new Set<string>()
  #partials: ReadonlySet<string> = new Set()
  #isPublished = false
  #checkpoint = ''
  readonly #made = new Set<string>()

  constructor(start: {
    readonly origin: string
    readonly places: Places
    readonly disk: Disk
    readonly journal: Journal
    readonly signer: Signer
    readonly announcer: Signer
    /** Entries under the checkpoint in place. */
    readonly signedSize: number
    readonly base: number
    readonly edges: readonly Buffer[]
  }) {
    this.origin = start.origin
    this.#places = start.places
    this.#disk = start.disk
    this.#journal = start.journal
    this.#signer = start.signer
    this.#announcer = start.announcer
    this.#signedSize = start.signedSize
    this.#tree = new Tree(start.base, start.edges, (level, index, hashes) => {
      this.#unwritten.set(tilePath(level, index), hashes)
    })
  }

  get size(): number {
    return this.#tree.size
  }

  get checkpoint(): string {
    return this.#checkpoint
  }

  get signer(): Signer {
    return this.#signer
  }

  /** Signs with another key from the next checkpoint on. */
  set signer(signer: Signer) {
    this.#signer = signer
  }

  root(): Buffer {
    return this.#tree.root()
  }

  /** Takes what the journal holds already. */
  replay(entry: Uint8Array): void {
    this.#tree.append(entry)
    this.#tail.push(entry)
    if (this.#tail.length < TILE_WIDTH) return
    this.#unwritten.set(tilePath('entries', this.size / TILE_WIDTH - 1), framed(this.#tail))
    this.#tail = []
  }

  /**
   * The entries are on the disk when it returns. When it throws, nothing was appended, and the same entries can be handed
   * over again.
   */
  append(entries: readonly Uint8Array[]): void {
    // What could not be put in place must not pile up behind what is acknowledged.
    if (!this.#isPublished) this.publish()
    if (entries.length === 0) return
    this.#journal.append(entries)
    this.#isPublished = false
    for (const entry of entries) this.replay(entry)
  }

  /** Puts the log's files in place and signs. Throws when the disk fails; what was appended is safe, and it can be tried again. */
  publish(): void {
    const text = checkpointText(this.origin, this.size, this.root())
    // Whoever looks while files are put in place, or after a process died over it, must know them from strangers.
    const next = join(this.#places.log, 'checkpoint.next')
    const isGrown = this.size > this.#signedSize
    if (isGrown) this.#place(signNote(text, this.#announcer), 'checkpoint.next')
    for (const [path, bytes] of this.#unwritten) {
      this.#write(path, bytes)
      this.#unwritten.delete(path)
    }
    const partials = new Set<string>()
    for (const [level, index, width] of partialTiles(this.size)) {
      const path = tilePath(level, index, width)
      partials.add(path)
      if (!this.#partials.has(path)) this.#write(path, this.#partialOf(level))
    }
    for (const path of this.#partials) if (!partials.has(path)) this.#remove(path)
    this.#partials = partials
    this.#checkpoint = signNote(text, this.#signer)
    if (isGrown && this.#announcer === this.#signer) this.#disk.move(next, join(this.#places.log, 'checkpoint'))
    else {
      this.#place(this.#checkpoint, 'checkpoint')
      if (isGrown) this.#disk.remove(next)
    }
    this.#announcer = this.#signer
    this.#signedSize = this.size
    this.#isPublished = true
    if (this.#journal.bytes > MAX_JOURNAL_BYTES) this.settle()
  }

  /** Forces the log's own files to the disk, so that the journal can forget what they hold. */
  settle(): void {
    const folders = new Set([this.#places.log])
    for (const path of [...this.#unforced, ...this.#partials, 'checkpoint']) {
      forceToDisk(join(this.#places.log, path))
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
        folders.add(join(this.#places.log, folder))
      }
    }
    for (const folder of folders) forceToDisk(folder)
    this.#unforced.clear()
    this.#journal.restart(this.origin, this.size - this.#tail.length, this.#tail)
  }

  close(): void {
    try {
      this.publish()
      this.settle()
    } finally {
      this.#journal.close()
    }
  }

  #place(note: string, name: string): void {
    this.#put(join(this.#places.log, name), Buffer.from(note))
  }

  /** Beside the log first: nobody sees half a file. */
  #put(target: string, bytes: Uint8Array): void {
    writeWhole(this.#disk, this.#places.staged, bytes)
    this.#disk.move(this.#places.staged, target)
  }

  #partialOf(level: Level): Buffer {
    return level === 'entries' ? framed(this.#tail) : this.#tree.partial(level)
  }

  #write(path: string, bytes: Buffer): void {
    const target = join(this.#places.log, path)
    const folder = dirname(target)
    if (!this.#made.has(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (this.#made.size > 64) this.#made.clear()
      this.#made.add(folder)
    }
    this.#put(target, bytes)
    // Partial ones are rebuilt from the journal.
    if (path.includes('.p/')) return
    this.#unforced.add(path)
    // Begun now, beside other work, so that little is left when the journal starts anew.
    forceSoon(target, () => this.#unforced.delete(path))
  }

  #remove(path: string): void {
    const target = join(this.#places.log, path)
    try {
      this.#disk.remove(target)
    } catch (error) {
      // A publication that failed half-way is made once more.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    try {
      rmdirSync(dirname(target))
      this.#made.delete(dirname(target))
    } catch (error) {
      // The next partial tile is in it already.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error
    }
  }
}
