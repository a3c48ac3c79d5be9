import type { Random } from '../random.ts'
import type { Language } from './language.ts'
import { phrase, type Phrase } from './phrase.ts'
import { words } from './words.ts'

/**
 * What people at keyboards ask in English, made wide on purpose: whoever writes honest text by few patterns has written a
 * template. A question is put together from a mood, a situation and a wish that are drawn apart from each other.
 */
const lists: Readonly<Record<string, readonly string[]>> = {
  who: [
    'my {boss|manager|old manager}',
    'my {sister|brother|cousin|aunt|dad|mum|gran}',
    'my {landlord|neighbour|flatmate|roommate}',
    '{the|our} {teacher|coach|trainer}',
    'a {friend|colleague|client|guy at work|customer}',
    'the {doctor|vet|dentist|pharmacist}',
    '{someone|somebody} {online|on the bus|at the gym|in my class}',
    'my {kid|son|daughter|{4|7|9|12} year old}',
    'the {bank|council|insurance|tax office|school|shop}',
    '<name>',
    'this <job> {i know|i met|down the road}',
  ],
  said: [
    '{told me|says|keeps saying|swears|claims|wrote} {that |}',
    'is {sure|convinced|worried} {that |}',
    '{heard|read somewhere} {that |}',
    '{asked me|wants to know} {if|whether} ',
  ],
  claim: [
    '<topic> is {a scam|overrated|{really |}dangerous|mostly marketing|easy once you start}',
    '{you|one|we} {should|can|must} never {mix|store|use} a <thing> {with|near|without} a <thing>',
    '<place> is {cheaper|nicer|colder|safer} than <place>',
    'a <job> {earns|makes|needs} {more|less} than a <job>',
    'the <thing> {was|is} {broken|fine|too <adjective>|not ours}',
    'I {forgot|lost|broke} the <thing>',
    '{they|we} {already|never} {paid|called|agreed}',
    'nobody {does|cares about|understands} <topic> {any more|these days|here}',
  ],
  mess: [
    'the <thing> {stopped working|fell|got wet|is gone|makes {a|this} noise} {yesterday|after <n> days|twice this week|again}',
    '{i have|there are|we got} <n> {people|kids|guests|boxes} {coming|here} {on friday|tonight|next week}',
    "it's {{too |}cold|raining|noisy|late} {here|outside|in <place>}",
    '{i moved|we moved} to <place> {last month|in <year>|a week ago}',
    'i {quit|lost|started} my job as a <job>',
    '{the|my} {train|flight|bus} to <place> was {late|cancelled|full}',
    'my <thing> is <n> {months|years} old',
    "we {can't|couldn't} {agree|decide} {about|on} <topic>",
    'i {spent|paid|owe} <big> {euros|dollars|quid} {on|for} {a|this} <thing>',
    'i have {an exam|an interview|a presentation|a date} {tomorrow|in <n> hours|on monday} {about|on} <topic>',
    '{somebody|they} {put|left} a <thing> {in|by|behind} the {hall|garage|yard}',
    "i'm {stuck|lost|bored|behind} with my {<code> homework|thesis on <topic>|tax return|garden}",
  ],
  wish: [
    'what {do|should|can} i {do|say|try}{ first| now| about it|}',
    '{is|was} {that|it} {true|normal|legal|fair|my fault}',
    'how {much|long|often|bad} {is|would} {that|it} {be|cost|take}{ roughly|}',
    'who {do i|should i|would you} {call|ask|write to}',
    '{any|got any} {idea|tips|advice}{ for a beginner| for someone like me|}',
    'where {can|do} i {get|find|buy} {one|a <thing>|a good <job>}',
    'can you {explain|check|help me with|tell me about} {that|it|this}',
    'should i {wait|worry|complain|just leave it|ask for my money back}',
    '{would|do} you {buy|keep|fix|trust} it',
    'which one is {better|cheaper|less work}, {this|the <thing>} or the <thing>',
    'write {me |}{a text|a {short |}note|an email|something {nice|polite|firm}} {to <name>|to them|about it}',
    'what does {it|that|"<adjective> <topic>"} {even |}mean',
    'give me {a few|<n>|some} {ideas|names|titles|reasons}',
    'make {a list|a plan|it sound better}',
  ],
  bare: [
    '<topic>{?|}',
    'how {do|does} <topic> {work|even work|happen}',
    '{best|cheap|good} <thing> {under <big>|for <audience>|in <year>}',
    '{recipe|dinner|something} with <n> eggs and {rice|beans|leftover chicken|a {sad|old} carrot}',
    'what to {see|eat|avoid} in <place> with {kids|no car|<n> euros|my parents}',
    '{name|slogan|title} for a {blog|band|shop|team} about <topic>',
    '<code> {error|warning|question}: {index out of range|undefined is not a function|unexpected indent|cannot borrow|segfault|null}',
    'how to <operation> <structure> in <code>',
    'why is my <code> {script|query|build|test} so slow',
    'difference between <topic> and <topic>{ in simple words|}',
    'translate "{where is the <thing>|i am {late|allergic|lost}|thank you for the <thing>}" to {spanish|german|french|polish|japanese}',
    '<big> {usd|eur|gbp} in {yen|pounds|pesos|kroner}',
    '{is|are} <topic> {bad for you|worth it|a thing in <place>}',
    'tell me {a joke|a story|something} about a <job> and a <thing>',
    'what {time|day} is it in <place> when {its|it is} noon in <place>',
    '{synonym|another word|a nicer word} for <adjective>',
    '{can|could} you {shorten|fix|proofread} this: "{dear|hi|hello} <name>, {i wanted to ask|sorry about|thanks for} the <thing>, {it is still <adjective>|see you in <place>|i will pay on monday}."',
    'how {old|big|far|deep|high} is {<place>|the <thing> tower|the sea near <place>}',
    "i {don't get|hate|love|need to learn} <topic>",
    '{quiz|test} me on <topic>',
    'pros and cons of {renting|owning|borrowing} a <thing>',
    'what would a <job> {say|think|do} about {that|<topic>}',
    'happy birthday {poem|text} for <name> who {likes <topic>|is a <job>|just turned <n>}',
    '{i need|we need} a {gift|present} for a <job> {under <n>|who has everything}',
    'when {did|was} <topic> {start|invented|popular} in <place>',
  ],
  mood: [
    '',
    '',
    '',
    '',
    'hi, ',
    'hey ',
    'ok so ',
    'so ',
    'um ',
    'sorry, ',
    'quick question: ',
    'hello! ',
    'help. ',
    'well ',
  ],
  glue: [', ', '. ', ', and ', ' - ', ' and now ', ' because ', ', so ', '... '],
}

/** Every list is a slot of the others. */
const slots: Record<string, Phrase> = {}
for (const [name, patterns] of Object.entries(lists)) {
  const made = patterns.map((pattern) => phrase(pattern, words))
  slots[name] = (random) => random.pick(made)(random)
}

const slot = (name: string, random: Random): string => slots[name]!(random)

const shapes: readonly ((random: Random) => string)[] = [
  (r) => slot('bare', r),
  (r) => slot('bare', r),
  (r) => slot('mood', r) + slot('bare', r),
  (r) => `${slot('mood', r)}${slot('mess', r)}${slot('glue', r)}${slot('wish', r)}?`,
  (r) =>
    `${slot('mood', r)}${slot('who', r)} ${slot('said', r)}${slot('claim', r)}${slot('glue', r)}${slot('wish', r)}?`,
  (r) => `${slot('wish', r)}? ${slot('mess', r)}`,
  (r) => `${slot('mood', r)}${slot('mess', r)}${slot('glue', r)}${slot('mess', r)}. ${slot('wish', r)}`,
  (r) => `${slot('mood', r)}${slot('who', r)} ${slot('said', r)}${slot('claim', r)}`,
  (r) => `${slot('wish', r)} ${slot('bare', r)}`,
]

export const everyday: Phrase = (random) => random.pick(shapes)(random)

/** Asked by this language's own patterns or by the wide ones above. */
export const everydayEnglish = (english: Language): Language => ({
  ...english,
  words: { ...english.words, everyday },
  asks: Array.from({ length: 24 }, () => '<everyday>'),
  follows: [...english.follows, ...follows],
  tiny: [...english.tiny, ...tiny],
})

const follows = [
  'and if {it|that} {rains|fails|costs more|takes longer}',
  '{ok|right|sure} but {why|how|when|since when}',
  'can you {say|put} {that|it} {in one sentence|differently|more simply|as a list}',
  'that is not what i {meant|asked|wanted}',
  '{not|less} so {formal|long|technical} please',
  'what about <place>',
  '{how|what} {sure|certain} are you about {that|the <thing>}',
  'i {tried|did} that{ already| twice|}, {same thing|no luck|it got worse}',
  '{add|mention|drop} the {bit|part} about <topic>',
  "{she|he|they} won't {like|accept|believe} {it|that}",
  'is there a {cheaper|faster|safer} way',
  '{now|then} {do|write} {one|it} for <name>',
  'so {the second one|the first|neither|both}?',
  "what's {that|the last word} in {german|spanish|plain english}",
  'could it be the <thing> instead',
  '{let me|i will} try {that|it} and come back',
  'and the {price|date|name|colour}?',
  'you said <n> {before|earlier}, now it is <n>',
  'continue {from there|the list|with number <n>}',
  'forget {it|that}, {other question|never mind|new topic}: <topic>',
]

const tiny = [
  'hmm ok',
  'sure',
  'cool',
  'perfect',
  'nope',
  'huh',
  'wait',
  'really?',
  'oh',
  'k',
  'ty',
  'and?',
  'how come',
  'same',
  'done',
  'stop',
  'next',
  'not bad',
  'whats that',
  'fair enough',
  'haha',
  'got it thanks',
  'works now',
  'still no',
]
