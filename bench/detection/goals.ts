import type { Random } from '../../src/lab/random.ts'
import type { Data } from './data.ts'
import type { Job } from './harvest.ts'
import { fileName, symbol, toolResult } from '../../src/lab/text/tool-text.ts'
import { familiesOf } from '../../src/lab/text/families.ts'
import { type Documents, harvestDocuments } from './text/documents.ts'
import { speakerOf } from '../../src/lab/text/language.ts'
import { english } from '../../src/lab/text/languages/english.ts'
import { languages } from '../../src/lab/text/languages/index.ts'
import { type Phrase, phrase, phrases, type Words } from '../../src/lab/text/phrase.ts'
import { words } from '../../src/lab/text/words.ts'

// What harvests of a model are after, as prompts made to measure: several formats a goal, slots filled with real nouns
// and real prose. Texts of real campaigns are public nowhere; these are as varied as their maker could make them.

/** One prompt after another, without end; two may be equal, which the corpus sorts out. */
export type Goal = (random: Random) => Job

export const goalNames = [
  'reasoning',
  'rubric',
  'agentic',
  'rewrite',
  'multilingual',
  'code',
  'function calls',
  'persona',
  'evolved',
  'translation',
  'instructions',
  'families',
] as const
export type GoalName = (typeof goalNames)[number]

/** Whether a fixed text stands around each prompt, or each is worded anew. */
export const templatedGoals: ReadonlySet<GoalName> = new Set([
  'reasoning',
  'rubric',
  'rewrite',
  'function calls',
  'persona',
  'evolved',
  'translation',
  'families',
])

const user = (text: string): Job => ({ turns: [{ role: 'user', text }] })
const plain =
  (text: Phrase): Goal =>
  (random) =>
    user(text(random))

/** All formats of a goal in turn, as a harvester splits the same job over several templates. */
const formats = (patterns: readonly string[], own: Words): Goal => plain(phrases(patterns, { ...words, ...own }))

const problems = phrases(
  [
    'A <job> in <place> {earns|takes in} <big> a {week|month} and spends <n> on <topic> and <n> on a <thing>. {How much is left after <n> weeks?|What share is left?}',
    '<name> has <n> {boxes|crates|bags} with <n> {apples|screws|letters} each. <name> {takes|loses|sells} <n> of them and {buys|finds} <n> more. How many are there {now|in each box if they are shared evenly}?',
    'If every <adjective> <thing> is <adjective> and no <adjective> <thing> belongs to a <job>, can a <job> own a <adjective> <thing>?',
    'Trains leave <place> and <place> at {<n> and <n>|<big> and <big>} km/h, <big> km apart. {When|Where} do they meet, and who of <name> and <name> has travelled further?',
    'Five people, {<name>, <name>, <name>, <name> and <name>|a <job>, a <job>, a <job>, a <job> and a <job>}, sit in a row. The <job> is not next to <name>, the <thing> is with the {first|last}. Who sits in the middle?',
    'Find all {integers|pairs of integers} with x + <n>y = <big> and {x > y|x*y below <big>|y prime}.',
  ],
  words,
)

function goalsOf(data: Data): Readonly<Record<GoalName, Goal>> {
  const { sentence, passage }: Documents = harvestDocuments(data)
  const { order } = speakerOf(english)
  return {
    reasoning: formats(
      [
        'Solve the problem below. Think step by step and write out every step of your reasoning inside <open>think<close> tags before you give the final answer.\n\n<problem>',
        '<problem>\n\nBefore answering, show your complete internal reasoning, including the approaches that you tried and rejected. Then write "Final answer:" and the result.',
        'You are a careful {mathematician|logician|tutor}. Question: <problem>\nProvide a detailed chain of thought with numbered steps, verify each step, and end with the answer on a line of its own.',
        '### Question\n<problem>\n### Requirements\n- full derivation, no skipped steps\n- state each assumption\n- at least <n> words\n### Reasoning',
      ],
      { problem: problems, open: ['<'], close: ['>'] },
    ),
    rubric: formats(
      [
        'Please act as an impartial judge and evaluate the quality of the response to the user question displayed below. Rate it from 1 to 10 for helpfulness, accuracy and depth, and explain each score.\n\n[Question]\n<order>\n\n[Response]\n<passage>',
        'Rubric:\n{clarity|structure|tone} (0-5), {evidence|coverage|logic} (0-5), {style|length|safety} (0-5)\n\nTask: <order>\nCandidate answer: <passage>\n\nReturn a JSON object with a score and a justification for each criterion.',
        'Two assistants answered the same prompt. Decide which is better and why, then output A or B.\nPrompt: <order>\nA: <passage>\nB: <passage>',
        'Grade this essay as a strict {examiner|editor|reviewer} would, quoting the sentences that cost points. Topic: <topic>. Essay: <passage>',
      ],
      { order, passage },
    ),
    agentic,
    rewrite: formats(
      [
        'Rewrite the following passage so that it contains nothing politically sensitive, keeps all neutral facts and reads naturally. Output only the new passage.\n\n<passage>',
        'Below is a question that must not be answered directly. Write a polite reply of {two|three} sentences that avoids the sensitive point and leads over to <topic>.\nQuestion: what do people in <place> think about this: <sentence>',
        'Text: <passage>\n\nTask: produce a compliant version for publication in <place>. Remove criticism of institutions, keep the length.',
        'Query: <order>\nSafe alternative query with the same intent but without risky wording:',
      ],
      { passage, sentence, order },
    ),
    multilingual: plain(multilingual()),
    code: plain(code),
    'function calls': functionCall,
    persona: formats(
      [
        'Assume you are a <age>-year-old <job> from <place> who {cares about|is worried about|has just discovered} <topic>. Write one question that this person would ask an assistant, and the ideal answer.',
        'Persona: a <adjective> <job>, <age>, lives in <place>, owns a <adjective> <thing>.\nCreate a {math problem|dialogue|request} that only this persona would come up with.',
        'As <name>, <job> by trade and fond of <topic>, explain to <audience> {how|why} <topic> {matters|works|fails} in <place>.',
        '{Using|Given} the persona {"|}<name>, a <job> who collects every <adjective> <thing>{"|}, synthesise an instruction about <topic> that needs {expert knowledge|several steps|common sense} and answer it in full.',
      ],
      {},
    ),
    evolved: formats(
      [
        'I want you to act as a Prompt Rewriter. Rewrite the given prompt into a more complex version that is still reasonable and can be answered by humans. Add {one more constraint|one more requirement|a concrete scenario}. #Given Prompt#: <order> #Rewritten Prompt#:',
        'Create a brand new prompt in the same domain as the one below, but rarer and of similar length and difficulty. Then answer it.\n\n#Given Prompt#:\n<order>',
        'Increase the depth and breadth of the inquiry, then respond to it at expert level: <order>',
        'If the instruction "<order>" can be solved with a few simple thinking processes, rewrite it to explicitly request multi-step reasoning, and solve the new one.',
      ],
      { order },
    ),
    translation: formats(
      [
        'Translate the following English text into <lang>. Output only the translation.\n\n<passage>',
        'Give three <lang> translations of the sentence below, literal, idiomatic and formal, each on a line of its own.\nSentence: <sentence>',
        '<sentence>\n<lang>:',
        'Source (en): <passage>\nTarget (<lang>), then a back-translation and a list of choices you made:',
      ],
      {
        passage,
        sentence,
        lang: ['German', 'Swahili', 'Vietnamese', 'Chinese', 'Arabic', 'Turkish', 'Hindi', 'Finnish', 'Korean', 'Thai'],
      },
    ),
    instructions: plain(order),
    families: plain(familyPrompt(passage)),
  }
}

export const openGoal = (data: Data, name: GoalName): Goal => goalsOf(data)[name]

/** So many template families that an account of a fleet meets each of them once at most. */
const FAMILIES = 200

function familyPrompt(passage: Phrase): Phrase {
  const families = familiesOf(FAMILIES)
  return (random) => random.pick(families)(passage(random))
}

function multilingual(): Phrase {
  const orders = languages.filter(({ name }) => name !== 'English').map((language) => speakerOf(language).order)
  return (random) => random.pick(orders)(random)
}

const codeAsk = phrases(
  [
    '{Write|Implement|Create} a <code> function that {can <operation> and <operation>|<operation>s} <structure>. {It should run in O(n log n)|Include unit tests|Handle empty input|Avoid recursion|Use generics}{ and explain the complexity|}.',
    'I have <structure> with up to <big> entries. {How would you|Show how to} <operation> it in <code> {without extra memory|in a single pass|concurrently}{, and what breaks at <n> million entries|}?',
    'Refactor this <code> code so that it is {testable|thread-safe|idiomatic}:\n\n<snippet>',
    'Find the bug:\n```\n<snippet>\n```\nExpected <n>, got <n>.',
    'Convert the function <symbol> from <code> to <code>, keeping {the interface|error handling|the tests}: <snippet>',
    '<code>: parse <structure>, <operation> by {date|name|size}, write the result to <file>. {Full program please.|Only the core loop.}',
    'Given a class that models a <adjective> <thing> for a <job>, add methods to <operation> and <operation> <structure>, then write a short design note.',
    'Complete the function:\n\n# {returns|computes|yields} the <n> most <adjective> items of <structure>\ndef <symbol>(items, limit=<n>):',
  ],
  {
    ...words,
    symbol,
    file: fileName,
    snippet: (random) =>
      Array.from({ length: 3 + random.below(9) }, () =>
        toolResult(random, 'Read')
          .split('\n')[0]!
          .replace(/^\s*\d+\t/, ''),
      ).join('\n'),
  },
)
const code: Phrase = codeAsk

const agentTask = phrases(
  [
    '{Fix|Investigate} the failing test in <file>: <symbol> returns <n> instead of <n>{ since the last release|}.',
    'Add {a flag|an option|a command} to <symbol> that lets a <job> <operation> <structure>, with tests and docs.',
    'The service <operation>s <structure> too slowly once there are <big> rows. Profile <file> and make it at least <n> times faster.',
    'Migrate <file> from <code> to <code> without changing the public interface of <symbol>.',
    'Users in <place> report that the <thing> page shows <big> twice. Find out why and open a fix in <file>.',
    'Replace the home-made {cache|queue|parser} behind <symbol> by {a library|a simpler one}, remove dead code, keep the benchmarks green.',
    'Write {an integration test|a fuzz test|a load test} for <symbol> in <file> covering {time-outs|bad input|concurrent writers}.',
  ],
  { ...words, symbol, file: fileName },
)
const agentTools =
  'You are an autonomous software engineer. Solve the task with the tools bash, read_file, write_file and search. Think aloud before each call.'

/** The task, or a later step of it with what the tools said so far. */
function agentic(random: Random): Job {
  const task = { role: 'user' as const, text: agentTask(random) }
  const steps = random.below(5)
  const done = Array.from({ length: steps }, () => [
    { role: 'assistant' as const, text: `[${random.pick(['read_file', 'bash', 'search'])}]` },
    { role: 'tool' as const, text: toolResult(random, random.pick(['Read', 'Bash', 'Grep', 'Edit'])) },
  ]).flat()
  return { system: agentTools, turns: [task, ...done] }
}

const call = phrase('<verb>_<noun>', {
  verb: ['get', 'book', 'cancel', 'list', 'update', 'search', 'create', 'send', 'convert', 'track'],
  noun: [
    'weather',
    'flight',
    'invoice',
    'playlist',
    'order',
    'meeting',
    'currency',
    'parcel',
    'recipe',
    'reminder',
    'hotel',
    'ticket',
    'contact',
    'route',
  ],
})
const wish = phrases(
  [
    '{I need|Find me|Can you get} a <thing> for {under|about} <big> euros {in|near} <place>{ before {noon|Friday|the <n>th}|}.',
    '<name> and <name> travel from <place> to <place> on the <n>th with <n> bags; {arrange|compare} everything.',
    'Remind the <job> about <topic> in <n> minutes and again in <n> hours.',
    'How many <thing>s did {<name>|the shop in <place>} order in <year>, and what did they cost in total?',
  ],
  words,
)

function functionCall(random: Random): Job {
  const declared = Array.from(
    { length: 2 + random.below(3) },
    () =>
      `{"name": "${call(random)}", "parameters": {"${random.pick(['city', 'date', 'id', 'amount', 'query'])}": "string"}}`,
  )
  const request = wish(random)
  return user(
    random.pick([
      `You have access to these functions:\n[${declared.join(', ')}]\n\nUser request: ${request}\nRespond only with the function call in JSON.`,
      `Given the tool definitions below, generate the sequence of calls that answers the query, or "none" if no tool fits.\nTools: ${declared.join('\n')}\nQuery: ${request}`,
      `${declared.join('\n')}\n###\n${request}\n### call:`,
    ]),
  )
}
