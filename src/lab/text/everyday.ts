import { chance } from '../chance.ts'
import type { Random } from '../random.ts'
import type { Language } from './language.ts'
import { english } from './languages/english.ts'
import { phrases, type Phrase } from './phrase.ts'
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
    '{the|our} <job>',
    '{two|three} of my {friends|cousins|students}',
    'an {ex|uncle|agent}',
    '{the internet|a podcast|tiktok|the paper}',
    'my {girlfriend|boyfriend|wife|husband|ex}',
    '{people|kids} in <place>',
  ],
  said: [
    '{told me|says|keeps saying|swears|claims|wrote} {that |}',
    'is {sure|convinced|worried} {that |}',
    '{heard|read somewhere} {that |}',
    '{asked me|wants to know} {if|whether} ',
    '{insists|bets <n> euros|dreamt} {that |}',
    '{complained|posted|joked} {that |}',
    '{is not sure|forgot|won’t say} {if|whether} ',
    '{thinks|feels|guesses} ',
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
    'the <job> next door {sells|collects|hides} {a|every} <thing>',
    '{no one|everyone} in <place> {owns|wants} a <thing>',
    '<topic> {caused|ended|explains} {the mess in|the boom in|half of} <place>',
    'you {get|catch|lose} {a cold|weight|money} {from|by} <topic>',
    'the {old|new} <thing> {runs|lasts|works} {longer|better} {than mine|without power}',
    '{kids|cats|tourists|banks} {hate|love|ignore} <topic>',
    'I {owe|promised} <name> {a|my} <thing>',
    '{two|three} <adjective> {men|women|dogs} {live|work|wait} {upstairs|at the <place> office}',
    'a <thing> {should|must} {never cost|weigh} {more than|under} <n>',
    '<name> {faked|won|planned} the {whole trip|test|wedding}',
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
    "<name> and i {split the bill|share a <thing>|haven't talked} {since <place>|for <n> days}",
    'the {app|website|form} {logs me out|eats my {file|text}|wants a {code|password}} {every time|since <year>}',
    'they {sold|gave|lent} me the wrong <thing>{ twice|}',
    'there is {water|dust|a smell|smoke} {in|under|behind} the <thing>',
    '{the|our} {dog|cat|toddler} {ate|hid|broke} {half a|the} <thing>',
    'my {back|knee|tooth|eye} {hurts|twitches|is swollen} {when i run|after <topic>|at night}',
    'the deadline {is in <n> hours|was yesterday|moved to friday}',
    '{my sister in|the people from} <place> {arrive|call|leave} {in <n> minutes|at dawn}',
    'we {painted|flooded|rented out} the {kitchen|cellar|car}',
    'i {can’t sleep|keep dreaming|think too much} about <topic>',
    'the <job> {left|came late|charged <big>} and {the <thing> still leaks|nothing works|i paid}',
    '{half|most} of {my|the} <code> {tests|files} {are gone|turned red|won’t load}',
    'i {said yes to|signed|missed} a {meeting|contract|marathon} {in <place>|by mistake}',
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
    'how do {people|others|you} {deal with|avoid|notice} {this|that}',
    'is {there|that} {a law|a trick|an app} {against|for} {it|this}',
    'what would {happen|it take|you do} {if i {ignore it|say no|sell it}|instead}',
    'say it {like a {pirate|lawyer|poet}|in {five|ten} words|to a child}',
    'who is right{, {him|her|them} or me|}',
    'can it be {fixed|proved|cheaper} {by me|at home|at all}',
    'what is the {worst|first|usual} {case|step|price}',
    'pick {one|a colour|a name} for me',
    'where did {i|it|we} go wrong',
    'how would a <job> {do|solve|phrase} it',
    'when is {too late|a good time|the next one}',
    'do i {need|want} {a <job>|insurance|two of them}',
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
    '{size|weight|price|history} of a <adjective> <thing>',
    '<n> {percent|%} of <big>',
    '{famous|living|strange} {people|things} from <place>',
    '{lyrics|poem|tweet} {about|on} a <adjective> <job>',
    '{can|do} {cats|dogs|babies|vegans} eat {rice|honey|<n> eggs|mushrooms}',
    'convert <n> {miles|pounds|cups|inches} to {km|kilos|ml|cm}',
    '{regex|function|one liner} in <code> {to|that can} <operation> {strings|dates|<structure>}',
    '{cover letter|bio|review} for a <job> {in <place>|who changed careers|with no experience}',
    '{is it|was it} {raining|hot|a holiday} in <place> {in {may|winter}|yesterday|on sundays}',
    'what rhymes with {<adjective>|<thing>|orange}',
    '{first|last|worst} {film|book|song} about <topic>',
    '{rules|odds|strategy} {of|for} {the game with|} <n> {cards|dice|players}',
    'explain <topic> {like i am five|to my gran|with a drawing|backwards}',
    '<name> or <name>{ for a baby| for a cat|}?',
    '{train|bus|flight|boat} from <place> to <place>{, cheapest|, overnight|}',
    'my <thing>: {keep|sell|repair}?',
    '{capital|flag|currency|president} of {the country of |}<place>',
    '{spell|pronounce|define} {necessary|<adjective>|quinoa|rhythm}',
    '{how come|why} {do|does} {a <job>|my <thing>|<topic>} {need|make|cost} so {much|little|many} {noise|money|water}',
    '{opening|closing|middle} {line|scene} for a {novel|film|toast} about <topic>',
    '<year> in <place>, what {happened|was it like}',
    'vegan {<thing> cover|dinner|shoes} {ideas|near <place>|under <n>}',
    'git {undo|rebase|stash|blame} {the last <n> commits|one file|and keep my changes}',
    '{could|should|may} a <job> {keep|refuse|open} {a|my} <thing>',
    '{haiku|limerick|rap}: <thing>, <topic>, <place>',
    '{anything|something} {like|but not} <topic>?',
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

/**
 * Whose words they are: no pattern of honest people is one of a thief's, as no two people are the same people. What both
 * have in common is what slots are filled with.
 */
export type Side = 'honest' | 'thief'

const halfOf = <T>(list: readonly T[], side: Side): T[] => list.filter((_, i) => (i % 2 === 0) === (side === 'honest'))

function everydayOf(side: Side): Phrase {
  const slots: Record<string, Phrase> = {}
  for (const [name, patterns] of Object.entries(lists)) {
    const own = name === 'mood' || name === 'glue' ? patterns : halfOf(patterns, side)
    slots[name] = phrases(own, words)
  }
  const slot = (name: string, random: Random): string => slots[name]!(random)
  const shapes: readonly Phrase[] = [
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
  return (random) => random.pick(shapes)(random)
}

/**
 * People do not write in whole patterns: they hesitate, begin anew, soften and leave words out. A grammar's sentences are as
 * alike as their patterns, so without this its people would have more in common than any two people have.
 */
export const spoken =
  (phrase: Phrase): Phrase =>
  (random) => {
    const kept: string[] = []
    for (const word of phrase(random).split(' ')) {
      if (chance(random, HESITATES)) kept.push(random.pick(fillers))
      if (word.length > 4 || !chance(random, LOSES)) kept.push(word)
    }
    if (chance(random, TRAILS)) kept.push(random.pick(fillers))
    return kept.join(' ')
  }

const HESITATES = 0.34
const LOSES = 0.2
const TRAILS = 0.6
const fillers = (
  'uh like actually so basically honestly well maybe just kinda sorta really anyway somehow literally please btw also ' +
  'though still then again perhaps probably apparently suddenly currently usually obviously supposedly technically hmm ' +
  'ok right look listen sorry thanks yeah nope lol plus even only almost exactly roughly finally recently lately today now ' +
  'tbh imo idk fwiw ngl err wait hey man folks guys dear sir quickly briefly seriously frankly weirdly sadly luckily'
).split(' ')

const sides: Readonly<Record<Side, Phrase>> = {
  honest: spoken(everydayOf('honest')),
  thief: spoken(everydayOf('thief')),
}

export const everyday = (side: Side): Phrase => sides[side]

/** Somebody who writes English, asking in the wide ways above. */
export const everydayEnglish = (side: Side): Language => ({
  ...english,
  words: { ...english.words, everyday: sides[side] },
  asks: Array.from({ length: 24 }, () => '<everyday>'),
  follows: halfOf([...english.follows, ...follows], side),
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
  'i think you {mixed up|swapped} the {first|last} two',
  '{wow|ugh|hm}, {that much|that fast|not great}',
  'which {page|step|version} {is|was} that',
  '{start|begin} over{, slower|, with <n> points|}',
  "{that's|this is} {half of it|the wrong year|too {sweet|harsh|clever}}",
  'does <name> {know|need to know} {that|it}',
  'put <place> {first|last}',
  '{leave|cut} {everything|the jokes} after {the dash|line <n>}',
  'what if {i|we} only have <n>',
  'and {legally|in winter|for kids|without the <thing>}?',
  '{one|two} more {try|time|like that}',
  'why {not|only} {<n>|at night|the left one}',
  'is there {a picture|proof|a shorter word} {for that|of it|}',
  'ok {sold|deal|i give up}',
  '{say|write} "<adjective>" instead',
  'who {said|decided|measured} that',
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
