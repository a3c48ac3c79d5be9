/**
 * Says by its words what a prompt asks for: a linear score over the hand-written cues of `prompt-cues.ts` and a few
 * features of structure. It looks at the beginning and the end of a text only, where people say what they want. A hint
 * and no proof: whoever wants another class can write another word.
 */
import { type PromptClass, promptClasses } from '../core/prompt-class.ts'
import { english } from './prompt-cues.ts'
import { latin } from './prompt-cues-latin.ts'
import { scripts } from './prompt-cues-scripts.ts'
import { PromptScan, WINDOW } from './prompt-scan.ts'
import { compileCues } from './prompt-table.ts'

/** One for all calls: nothing waits within a call, and a scan of its own would be most of a call's garbage. */
const scan = new PromptScan(compileCues([english, latin, scripts]))

/** The class of the latest user turn of a conversation; `other` when nothing in it speaks. */
export function classifyPrompt(asked: string): PromptClass {
  const scores = scorePrompt(asked)
  let best = OTHER
  for (let i = 0; i < OTHER; i++) if (scores[i]! > scores[best]!) best = i
  return promptClasses[best]!
}

/** The score of each class, in the order of `promptClasses`. */
export function scorePrompt(asked: string): readonly number[] {
  const total = asked.length
  scan.begin()
  if (total <= 2 * WINDOW) scan.read(asked, 0, total)
  else {
    scan.read(asked.slice(0, WINDOW), 0, total)
    scan.read(asked.slice(-WINDOW), total - WINDOW, total)
  }
  return weigh(scan)
}

const at = (name: PromptClass): number => promptClasses.indexOf(name)
const CODE = at('code')
const SUMMARIZATION = at('summarization')
const EXTRACTION = at('extraction')
const REASONING = at('reasoning')
const CHAT = at('chat')
const OTHER = at('other')

/** From here on a score says that there is a task, and pronouns and small words say less about talk. */
const TASK = 2.5

/** Adds structure to what the words have said. */
function weigh(scan: PromptScan): readonly number[] {
  const { symbols, numbers } = scan
  // Copied by hand: what the runtime does for a typed array takes as long as reading a short prompt.
  const sums: number[] = []
  for (let i = 0; i < scan.sums.length; i++) sums.push(scan.sums[i]!)
  // Two characters of a script without spaces are about as long as a word.
  const words = scan.words + scan.runs / 2
  if (symbols >= 2) sums[CODE]! += Math.min(9, symbols)
  if (scan.fences > 0) sums[CODE]! += 4

  // Numbers alone are a date or a price; with a question for a quantity they are its givens.
  if (sums[REASONING]! > 0 && words < 150) sums[REASONING]! += Math.min(3, numbers * 0.6)
  if (numbers > 1 && scan.questions > 0 && words < 80 && sums[CODE]! < 3) sums[REASONING]! += 1.5
  if (scan.equals > 0 && numbers > 1 && symbols < 3) sums[REASONING]! += 2
  // A long text counts and measures things without asking for it.
  if (words > 120) sums[REASONING]! *= 0.6

  if (words > 70 && scan.questions > 0) sums[EXTRACTION]! += 2.5
  if (words > 100) sums[SUMMARIZATION]! += 0.5

  let task = 0
  for (let i = 0; i < CHAT; i++) if (sums[i]! > task) task = sums[i]!
  if (scan.addressed) sums[CHAT]! += 2.5
  if (scan.startsSmall) sums[CHAT]! += 1
  if (scan.exclamations > 0) sums[CHAT]! += 1
  sums[CHAT]! *= (words <= 20 ? 1.2 : words <= 45 ? 0.8 : 0.3) * (task >= TASK ? 0.5 : 1)
  sums[OTHER]! += 1.5
  return sums
}
