import { createRandom, type Random } from '../../src/lab/random.ts'

/** Recorded exchanges of made-up people, and of a campaign where one is asked for; marker words stand in every text and name. */
export const MARKER_WORD = 'quillwort'
export const MARKER_NAME = 'zanzibar'
const START_MS = Date.UTC(2026, 5, 1)
const MINUTE_MS = 60_000

interface LogOptions {
  readonly seed?: string
  readonly people?: number
  readonly prompts?: number
  /** Accounts that fill in one work list's templates. */
  readonly copiers?: number
  readonly days?: number
  readonly profileOf?: (person: number) => string | undefined
}

export function honestLog({
  seed = 'honest',
  people = 120,
  prompts = 12,
  copiers = 0,
  days = 14,
  profileOf = () => undefined,
}: LogOptions): string {
  const random = createRandom(seed)
  const lines: { readonly time: number; readonly text: string }[] = []
  const add = (key: string, prompt: string, profile?: string): void => {
    const time = START_MS + random.below(days * 1440) * MINUTE_MS
    lines.push({ time, text: JSON.stringify({ time, key, prompt, profile, input_tokens: 20, output_tokens: 100 }) })
  }
  for (let person = 0; person < people; person++) {
    const habit = habitOf(random)
    for (let i = 0; i < prompts; i++) {
      add(`${MARKER_NAME}-${seed}-${person}`, chat(random, habit), profileOf(person))
    }
  }
  for (let copier = 0; copier < copiers; copier++)
    for (let i = 0; i < 40; i++) add(`${MARKER_NAME}-copier-${copier}`, task(random))
  return lines
    .sort((a, b) => a.time - b.time)
    .map(({ text }) => `${text}\n`)
    .join('')
}

const common =
  'the of and to a in is i it that for you was with on as have but be they at not this what so can if from do me my we how make an or out about like just more get no up all there when which one would will some could know time see then now work need data file them want should think after code because into good way over use other test than first even new only people write does where thing long before too mean look much try back still right help every another between line point problem find idea question really change last never same name put list start might without part run always thanks maybe number left words second sure page read book house food water city music garden train kitchen summer teacher letter doctor weather window language story travel country price ticket morning computer history important different understand together difference information something everything'.split(
    ' ',
  )
const rare = 'ba ko ri tu men sal dor fi lan gre po shi ver nam el ou'.split(' ')

/** Mostly the common ones, as in any text; one in seven is somebody's own. */
const word = (random: Random): string =>
  random.below(7) > 0 ? common[Math.floor(common.length * random.next() ** 2)]! : rareWord(random)
const rareWord = (random: Random): string =>
  Array.from({ length: 2 + random.below(2) }, () => random.pick(rare)).join('')
const rareWords = (random: Random, count: number): string =>
  Array.from({ length: count }, () => rareWord(random)).join(' ')

/** As people write: from a word to a page, with and without capitals, figures, marks and lines. */
function chat(random: Random, habit: Habit): string {
  if (random.next() < habit.short) return `ok thanks ${word(random)}`
  const length = 1 + Math.floor(Math.exp(random.next() * habit.length))
  const parts = [random.next() < 0.5 ? MARKER_WORD : word(random)]
  for (let i = 0; i < length; i++) {
    const figure = random.next() < habit.figures
    parts.push(figure ? `${random.below(10 ** random.below(5))}` : word(random))
    if (random.next() < habit.marks) parts.push(random.pick([',', '.', '?', ':', '\n', ' -']))
  }
  const text = parts.join(' ').replace(/ ([,.?:])/g, '$1')
  const start = random.next() < habit.capitals ? `${text[0]!.toUpperCase()}${text.slice(1)}` : text
  return start + random.pick(['', '', '', '.', '?', '!', '...', ' :)'])
}

interface Habit {
  readonly short: number
  readonly length: number
  readonly figures: number
  readonly marks: number
  readonly capitals: number
}

const habitOf = (random: Random): Habit => ({
  short: 0.1 + random.next() / 4,
  length: 1 + 3 * random.next(),
  figures: random.next() ** 3 / 3,
  marks: random.next() ** 2 / 3,
  capitals: random.next(),
})

/** Tasks of one work list: much that stands in each of a kind, and two places that are filled in. */
const fixed = createRandom('templates')
const sentence = (length: number): string =>
  Array.from({ length }, () => fixed.pick(common))
    .join(' ')
    .replace(/^./, (first) => first.toUpperCase())
const templates = Array.from({ length: 12 }, () => [sentence(14), sentence(6), sentence(13)] as const)

function task(random: Random): string {
  const [opening, middle, closing] = random.pick(templates)
  return `${opening} ${rareWords(random, 2)}.\n${middle}: ${rareWords(random, 8 + random.below(12))}.\n${closing}.`
}
