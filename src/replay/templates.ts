import type { Example, KeyExamples } from './examples.ts'
import { type Token, tokensOf } from './tokens.ts'

/** What many texts have in common, with everything that differs between them left out. */
export interface Template {
  readonly text: string
  /** How many exchanges the most frequent of its keys was met in. */
  readonly exchanges: number
}

/** What fewer accounts have written would show what a client wrote. */
const MIN_ACCOUNTS = 3
/** A word is shown where it stands in so many of the texts. */
const SHARE_SHOWN = 0.6
const MIN_SHOWN = 2
const MAX_TEMPLATES = 5
const MAX_MERGED = 24
const GAP = '…'

/** Readable templates of a campaign, most frequent first: keys whose examples are largely the same make one. */
export function templatesOf(found: readonly KeyExamples[]): readonly Template[] {
  const groups: { exchanges: number; readonly examples: Set<Example> }[] = []
  for (const { exchanges, examples } of [...found].sort((a, b) => b.exchanges - a.exchanges)) {
    const group = groups.find((group) => isAlike(group.examples, examples))
    if (group === undefined) groups.push({ exchanges, examples: new Set(examples) })
    else for (const example of examples) if (group.examples.size < MAX_MERGED) group.examples.add(example)
  }
  const templates = new Map<string, Template>()
  for (const { exchanges, examples } of groups) {
    if (templates.size === MAX_TEMPLATES) break
    const template = templateOf([...examples])
    if (template !== null && !templates.has(template)) templates.set(template, { text: template, exchanges })
  }
  return [...templates.values()]
}

function isAlike(group: ReadonlySet<Example>, examples: readonly Example[]): boolean {
  const shared = examples.filter((example) => group.has(example)).length
  return shared * 2 >= examples.length
}

/** Each account counts once: what is shown was written by several. */
function templateOf(examples: readonly Example[]): string | null {
  const byAccount = new Map(examples.map(({ account, text }) => [account, text]))
  if (byAccount.size < MIN_ACCOUNTS) return null
  const texts = [...byAccount.values()].map(tokensOf)
  const spine = texts[0]!
  const counts = spine.map(() => 1)
  for (const other of texts.slice(1)) for (const at of common(spine, other)) counts[at]!++
  const isShown = counts.map((count) => count >= Math.max(MIN_ACCOUNTS, SHARE_SHOWN * texts.length))
  const words = spine.filter(({ text }, at) => isShown[at] && /[\p{L}\p{N}]/u.test(text))
  return words.length < MIN_SHOWN ? null : written(spine, isShown)
}

/** Where the longest common sequence of two texts stands in the first. */
function common(a: readonly Token[], b: readonly Token[]): readonly number[] {
  const width = b.length + 1
  const lengths = new Uint8Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j
      lengths[at] =
        a[i]!.text === b[j]!.text ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  }
  const found: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const at = i * width + j
    if (a[i]!.text === b[j]!.text) {
      found.push(i++)
      j++
    } else if (lengths[at + width]! >= lengths[at + 1]!) i++
    else j++
  }
  return found
}

function written(spine: readonly Token[], isShown: readonly boolean[]): string {
  let text = ''
  let wasGap = false
  for (const [at, token] of spine.entries()) {
    if (isShown[at]) text += (text !== '' && (token.isSpaced || wasGap) && !isClosing(token) ? ' ' : '') + token.text
    else if (!wasGap) text += `${text === '' ? '' : ' '}${GAP}`
    wasGap = !isShown[at]
  }
  return text
}

const isClosing = ({ text, isSpaced }: Token): boolean => !isSpaced && /^[.,;:!?)\]}。、，：；！？）]$/.test(text)
