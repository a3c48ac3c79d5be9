import type { Random } from '../random.ts'
import { phrases, type Phrase } from './phrase.ts'
import { words } from './words.ts'

/** Prose for documents: news, reviews, tickets and minutes, a sentence at a time. */
const news = phrases(
  [
    'The council of <place> {voted|decided} on {monday|tuesday|friday} to {close|widen|sell} the {bridge|market|library} {after|despite} <n> years.',
    '{Shares of|Prices for} {the airline|a <thing> maker|the grid operator} {fell|rose} by <n> percent {after|before} the {report|storm|election}.',
    'A <job> from <place> has {won|lost|returned} <big> {euros|dollars} that {were meant for|came from} a study of <topic>.',
    'According to <name>, who {runs|founded|left} the institute in <year>, <topic> {is|has become} {a|no} {priority|danger|business}.',
    'Drivers {will be|were} sent over the {northern|old|coastal} road, and buses {run|ran} every <n> minutes.',
    '{Residents|Neighbours|Traders} {complained|reported} that the {noise|smell|traffic} had {doubled|stopped} {overnight|since spring}.',
    'The {new wing|old mill|harbour} will {open|reopen} in {June|autumn|<year>}, {two years|a month} later than planned.',
    '<topic> {remains|became} a matter for <audience>, {as|because} nobody had {measured|funded|asked for} it before.',
  ],
  words,
)
const review = phrases(
  [
    'I {wanted|expected|tried} to {love|like|return} this <thing>, but {it broke|the handle gets hot|nobody answers} after <n> {days|weeks}.',
    'For <n> {euros|dollars} {you cannot|one should not} {complain|expect more}, {although|and} the <thing> {smells|rattles|is <adjective>}.',
    '{Delivery|Assembly|The manual} was {quick|a joke|fine}, {the colour|the size} {less so|is as shown}.',
    '{Bought|Ordered} it for my <job> {friend|sister} in <place>, who {uses it daily|gave it back}.',
    '{Two|Three|Four} stars {because|although} the <adjective> {button|lid|strap} {came off|held}.',
    'It {does|did} what it says, so {I will keep it|no complaints|why not}.',
  ],
  words,
)
const ticket = phrases(
  [
    'Customer <name> {writes|called} that order <big> {has not arrived|came twice|was charged <n> euros too much}.',
    '{Asked|Was told} to {restart|send photos|wait <n> days}, {refused|did so}, {no change|works now}.',
    '{Contract|Invoice|Meter} number <big>, {due|read} on {the <n>th|12 May|Friday}, {amount|value} <big>.<n>.',
    'The <thing> {shows|shows no} error <n>, {serial|firmware} <big>, bought in <place> in <year>.',
    'Please {call back|refund|replace} {before noon|this week}, {line is bad|speaks only French|very angry}.',
  ],
  words,
)
const minutes = phrases(
  [
    '<name> {presented|withdrew|defended} the {budget|plan|draft} for <topic>; <n> in favour, {two|three} against.',
    'Open: who {pays|signs} for the <thing> in <place>? <name> {asks|will ask} the <job>.',
    'The {date|room|supplier} was moved {to thursday|from <place>}, {since|as} the {heating|contract} {failed|ends}.',
    'Decided: {no|one} more {trial|round} with <audience> before <year>.',
    '<name> {reminds|warns} that <topic> was {left out|promised} {last time|in <year>}.',
  ],
  words,
)

const kinds = ['news', 'review', 'ticket', 'minutes'] as const
export type DocumentKind = (typeof kinds)[number]

const sentences: Readonly<Record<DocumentKind, Phrase>> = { news, review, ticket, minutes }

/** Two to six sentences of one kind. */
export function passage(random: Random, kind: DocumentKind): string {
  const sentence = sentences[kind]
  return Array.from({ length: 2 + random.below(5) }, () => sentence(random)).join(' ')
}

/** A template that somebody has written for all of their documents: what to do, for whom, in which form. */
export const instruction: Phrase = phrases(
  [
    '{Extract|Pull out|Find} {all dates|every name|the amounts|places and people} {from|in} the {text|document|note}{ below|}, {as JSON|one per line|in a table}.',
    '{Summarize|Sum up|Condense} {this|the following} {for <audience>|in one sentence|in {30|50|80} words}{, neutral in tone|, no adjectives|}.',
    '{Translate|Put} {this|the text} into {French|German|Spanish|Polish|Dutch}{, keep names as they are|, formal address|}.',
    '{Rewrite|Rephrase} {it|the text} {so that <audience> understand it|in the past tense|without passive voice}.',
    '{Draft|Write} {a reply|an answer|a short note} to {this|the sender}, {polite and short|in our name|with an apology}.',
    '{Give|Suggest} {a headline|three keywords|a file name} for {this|the text}{, max <n> characters|}.',
    '{Answer yes or no|Decide}: does {this|the text} {mention a price|need a human|hold a promise}?',
    '{Check|Correct} spelling and {commas|grammar}, {change nothing else|mark changes}.',
  ],
  words,
)

export const anyKind = (random: Random): DocumentKind => random.pick(kinds)
