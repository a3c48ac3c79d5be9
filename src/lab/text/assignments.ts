import { phrases, type Phrase } from './phrase.ts'
import { words } from './words.ts'

/** What teachers and testers set: honest, polished, and worded as no harvest's generator words it. */
export const assignment: Phrase = phrases(
  [
    'Read chapter <n> and answer in full sentences: which {two|three} causes of <topic> does the author name, and which does {he|she} leave out?',
    'Homework {1|2|3|4} ({10|15|20} points): a <job> mixes <n> g of salt into <big> ml of water. Find the concentration{ in percent| and sketch the graph}.',
    'Essay, <big> words: "<topic> changed <place> more than any war." Do you agree?',
    'Translate lines <n>-<n> of the poem and comment on {the metre|two images|the speaker}.',
    'Lab report: our measurement for the <thing> was off by <n> %. Discuss {three|four} sources of error.',
    'Prepare a {five|ten} minute talk on <topic>; your partner takes <topic>. Bring one slide.',
    'In <year>, who held power in <place>, and how did {peasants|merchants|women} live? Use the source on page <n>.',
    'Exercise <n>b: prove that the sum of {two|three} consecutive odd numbers is divisible by <n> or find a counterexample.',
    'Programming task: read <big> numbers from a file and print the {median|largest gap|mode}. No libraries.',
    'Group work: invent a {company|museum|festival} around <topic> and fill in the canvas for a <job>.',
    'Which word does not fit, and why: <thing>, <thing>, <adjective>, <thing>?',
    'Fill in the blanks: The <adjective> <job> from <place> ___ (buy) a <thing> before she ___ (leave).',
  ],
  words,
)
