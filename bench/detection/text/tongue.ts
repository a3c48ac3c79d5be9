import { hash32 } from '../../../src/lab/random.ts'

/**
 * A language that nobody has calibrated for: what people really wrote, with every word replaced by one of its own. Who says
 * what to whom, how often and how long stays as it was; how words look and how many letters they have is another language's.
 */
export interface Tongue {
  readonly name: string
  readonly consonants: readonly string[]
  readonly vowels: readonly string[]
  /** Letters of a word here for each letter there. */
  readonly stretch: number
  /** Whether words stand apart. */
  readonly spaced: boolean
  /** Share of longer words that begin with a capital wherever they stand, as nouns do in German. */
  readonly capitals: number
}

const list = (letters: string): readonly string[] => letters.split(' ')
const latin = list('b c d g k l m n p r s t v z sz cz kk tt ž')

export const tongues: readonly Tongue[] = [
  {
    name: 'long',
    consonants: latin,
    vowels: list('a e i o u y ä ą ę ö aa ie'),
    stretch: 1.5,
    spaced: true,
    capitals: 0,
  },
  {
    name: 'short',
    consonants: latin.slice(0, 14),
    vowels: list('a e i o u y'),
    stretch: 0.7,
    spaced: true,
    capitals: 0,
  },
  {
    name: 'capital',
    consonants: list('b d f g h k l m n p r s t w z sch ch st'),
    vowels: list('a e i o u ü ö e ei'),
    stretch: 1.3,
    spaced: true,
    capitals: 0.4,
  },
  {
    name: 'Cyrillic',
    consonants: list('б в г д ж з к л м н п р с т ф х ц ч ш щ'),
    vowels: list('а е и о у ы э ю я ё'),
    stretch: 1.2,
    spaced: true,
    capitals: 0,
  },
  {
    name: 'unspaced',
    consonants: list('ก ข ค จ ช ด ต ท น บ ป ม ย ร ล ว ส ห'),
    vowels: list('า ิ ี ุ ู เ แ โ ะ'),
    stretch: 1,
    spaced: false,
    capitals: 0,
  },
]

const LONGER = 3

/** The same text in the same language is always the same. */
export function inTongue(tongue: Tongue, text: string): string {
  const said = text.replace(/[A-Za-z]+(?:'[a-z]+)?/g, (word) => wordOf(tongue, word))
  if (tongue.spaced) return said
  // A sentence is broken here and there, as those scripts do for breath.
  return said.replace(/ (?=[^ -~])/g, (_, at: number) => (hash32(`${at}`, 3) % 5 === 0 ? ' ' : ''))
}

function wordOf({ name, consonants, vowels, stretch, capitals }: Tongue, word: string): string {
  const lower = word.toLowerCase()
  const letters = Math.max(1, Math.round(word.length * stretch))
  let said = ''
  for (let i = 0; said.length < letters; i++) {
    const from = i % 2 === 0 ? consonants : vowels
    said += from[hash32(`${name} ${lower} ${i}`, 5) % from.length]!
  }
  const isNoun = word.length > LONGER && hash32(lower, 6) % 100 < 100 * capitals
  return isNoun || word[0] !== lower[0] ? said[0]!.toUpperCase() + said.slice(1) : said
}
