import type { Observation } from '../core/observation.ts'
import { mix } from '../sketch/hash.ts'
import { joinPart, joinTo, step32 } from '../sketch/hash32.ts'
import { type Answer, Answers, type Heard } from './answers.ts'
import { CELLS, writeCells } from './cells.ts'
import { behindOpening, isClientEvent } from './client-made.ts'
import { elicitationTable } from './elicitation.ts'
import { HashSet } from './hash-set.ts'
import { KeyMaker, KEYS } from './keys.ts'
import type { PhraseTable } from './phrase-table.ts'
import { kind, Scanner, type Scan } from './scan.ts'
import { deicticWords, signsOf } from './signs.ts'
import { keyOf } from './words.ts'

/**
 * The room of measurable facts: a prompt goes in, numbers and keyed hashes come out. It knows nothing of accounts, of what
 * is suspicious, or of what will be done. Bounded work whatever the text: see `scan.ts`.
 */
export interface Asked {
  /** The last message: what is new in this request. */
  readonly text: string
  readonly role: 'human' | 'tool'
  readonly turns: number
  /** Names of the request's settings, in any order. */
  readonly params: readonly string[]
  readonly system: string | null
}

export interface Answered {
  /** Text of the answer where it is known. */
  readonly text: string | null
  readonly finishReason: string | null
}

export class Extractor {
  readonly #scanner: Scanner
  readonly #keys = new KeyMaker()
  readonly #deictic: HashSet
  readonly #elicitation: PhraseTable
  /** For answers that stream: what they add to the observation comes after it. */
  readonly answers: Answers
  readonly #key: number

  /** `secret`: at least 4 bytes of this deployment's own. */
  constructor(secret: Uint8Array) {
    this.#key = keyOf(secret)
    this.answers = new Answers(secret)
    this.#scanner = new Scanner(this.#key)
    this.#elicitation = elicitationTable(this.#scanner)
    this.#deictic = new HashSet(deicticWords.map((word) => this.#scanner.read(word).lexical[0]!))
  }

  observe(asked: Asked, answered: Answered | null): Observation {
    // First, because a scan is overwritten by the next one.
    const system = asked.system === null ? 0 : this.#textOf(asked.system)
    const heard =
      answered === null ? unheard : this.answers.hear(answered.text, answered.finishReason, asked.system, system)
    const human = asked.role === 'human' && !isClientEvent(asked.text)
    const said = human ? behindOpening(asked.text) : asked.text
    const scan = this.#scanner.read(said)
    const cells = new Uint32Array(CELLS)
    const content = new Uint32Array(CONTENT_SLOTS)
    const keys = human ? new Uint32Array(KEYS) : noKeys
    if (human) {
      writeCells(scan, cells)
      this.#keys.write(scan, keys)
    }
    return {
      role: human ? 'human' : 'tool',
      turns: asked.turns,
      chars: said.length,
      keys,
      cells,
      text: contentOf(scan, this.#key, content),
      content,
      signs: human ? signsOf(scan, asked.turns, this.#deictic, this.#elicitation.isIn(scan.lexical, scan.count)) : 0,
      params: this.#setHash(asked.params),
      system,
      systemEcho: heard.systemEcho,
      refused: heard.refused,
    }
  }

  /** Listens to an answer under a system prompt; of one that asks for several, each is listened to apart. */
  listen(system: string): Answer {
    return this.answers.listen(system, this.#textOf(system))
  }

  #textOf(text: string): number {
    return textHash(this.#scanner.read(text), this.#key)
  }

  /** The same for every order of the names. */
  #setHash(names: readonly string[]): number {
    let sum = names.length
    for (const name of names) {
      let h = this.#key
      for (let i = 0; i < name.length && i < 40; i++) h = step32(h, name.charCodeAt(i))
      sum = (sum + mix(h)) >>> 0
    }
    return mix(sum) || 1
  }
}

const noKeys = new Uint32Array(0)
const unheard: Heard = { refused: false, systemEcho: null }

// Imported names are looked up at each use; see `scan.ts`.
const part = joinPart
const to = joinTo
const MASKED = kind.masked

function textHash({ count, lexical, chars }: Scan, key: number): number {
  let h = (key ^ chars) | 0
  for (let i = 0; i < count; i++) h = to(h, part(lexical[i]!))
  return h >>> 0 || 1
}

const CONTENT_SLOTS = 4
/** Fewer words than this are shared by chance: the content is 0. */
const LEAST_WORDS = 6
/** Turns the order of unsigned numbers into that of signed ones, which are compared without being widened. */
const SIGN = 0x80000000 | 0
const MOST = 0x7fffffff

/**
 * Least hash of the content words in each of four permutations: two texts agree in about their words' Jaccard share. The
 * text's hash as well, in the same pass: each waits for the multiplications of the other.
 */
function contentOf({ count, lexical, kinds, chars }: Scan, key: number, content: Uint32Array): number {
  let text = (key ^ chars) | 0
  let words = 0
  let a = MOST
  let b = MOST
  let c = MOST
  let d = MOST
  for (let i = 0; i < count; i++) {
    const h = lexical[i]! | 0
    text = to(text, part(h))
    // Without a branch, since nobody can foretell the next kind: all bits of `other` are set where it is not a content word.
    const other = -(kinds[i]! ^ MASKED) >> 31
    const not = other & MOST
    words += 1 + other
    // Odd factors permute; the tokens' hashes are well mixed as they are.
    const first = ((h ^ SIGN) & ~other) | not
    const second = ((Math.imul(h, 0x9e3779b1) ^ SIGN) & ~other) | not
    const third = ((Math.imul(h, 0x85ebca77) ^ SIGN) & ~other) | not
    const fourth = ((Math.imul(h, 0xc2b2ae3d) ^ SIGN) & ~other) | not
    if (first < a) a = first
    if (second < b) b = second
    if (third < c) c = third
    if (fourth < d) d = fourth
  }
  if (words >= LEAST_WORDS) {
    content[0] = a ^ SIGN
    content[1] = b ^ SIGN
    content[2] = c ^ SIGN
    content[3] = d ^ SIGN
  }
  return text >>> 0 || 1
}
