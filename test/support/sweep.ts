/** A sweep: many keys send prompts made from a dozen templates, each with words of its own, while others chat. */
const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ')

/** A word that stands nowhere else: what is filled in is new each time. */
const word = (n: number): string =>
  [n, n * 7 + 3, n * 13 + 5].map((part) => syllables[part % syllables.length]! + (part % 3 === 0 ? 'r' : '')).join('') +
  syllables[Math.floor(n / 20) % 20]! +
  syllables[Math.floor(n / 400) % 20]!

const templates: readonly ((a: string, b: string) => string)[] = [
  (a, b) => `Explain step by step how the ${b} of a ${a} is measured, and end with the result on a line of its own.`,
  (a, b) => `Write a function that sorts a list of ${a} records by their ${b} and returns the first three of them.`,
  (a, b) => `Translate this sentence into French and German: the ${b} of the ${a} was never written down by anybody.`,
  (a, b) => `Give five questions with answers that test whether a student has understood the ${b} of any ${a} at all.`,
  (a, b) =>
    `Summarize what an engineer should know about the ${b} of a ${a} before it is built, in three short points.`,
  (a, b) => `Classify the following complaint as minor or major and say why: my ${a} has the wrong ${b} since Monday.`,
  (a, b) => `Prove or refute the claim that the ${b} of a ${a} doubles when two of them are put beside one another.`,
  (a, b) => `Rewrite the following for a child of eight years: experts still debate the ${b} of the common ${a} today.`,
  (a, b) =>
    `List the causes for which the ${b} of a ${a} changes over the years, from the most to the least usual one.`,
  (a, b) => `Compose a dialogue between a seller and a customer about the ${b} of the ${a} that stands in the window.`,
]
const WORDS = 12

const chats = [
  (a: string) => `hey what is a ${a}`,
  () => 'ok thanks',
  (a: string) => `and the ${a}?`,
  () => 'no the other one please',
  () => 'hm why',
  () => 'shorter',
  (a: string, b: string) => `i meant its ${b}, not the ${a} itself`,
]

export interface SweepPrompt {
  /** Number of the key: the sweep's first, then those who chat. */
  readonly key: number
  readonly sweeps: boolean
  readonly text: string
}

/** In order, key by key in turns; the same every time. */
export function sweep(fleet: number, others: number, each: number): readonly SweepPrompt[] {
  const prompts: SweepPrompt[] = []
  for (let turn = 0; turn < each; turn++) {
    for (let key = 0; key < fleet + others; key++) {
      const at = prompts.length * WORDS
      const [a, b] = [word(at), word(at + 1)]
      // What is to be worked on is most of the prompt, or it would be one text that goes round.
      const matter = Array.from({ length: WORDS - 2 }, (_, i) => word(at + 2 + i)).join(' ')
      const sweeps = key < fleet
      const made = sweeps ? templates[(turn + key) % templates.length]! : chats[(turn * 3 + key) % chats.length]!
      prompts.push({ key, sweeps, text: sweeps ? `${made(a, b)}\nMatter: ${matter}.` : made(a, b) })
    }
  }
  return prompts
}
