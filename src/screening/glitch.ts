/**
 * Tokens that no honest prompt spells out. Control tokens of chat templates forge a role or end a turn where a server
 * tokenizes them as what they look like; glitch tokens are names that a tokenizer kept and training never showed, after
 * which older models lose their thread (Rumbelow and Watkins, "SolidGoldMagikarp", 2023).
 *
 * `Human:` and `Assistant:` at the start of lines are left out: pasted transcripts and examples in prompts have them in
 * just the same way, and no API of today takes them for roles.
 */

/** What the piped control tokens of public models are called, where an underscore does not give them away. */
const controls: ReadonlySet<string> = new Set(
  (
    'assistant bos call calls channel constrain context developer diff end endofchunk endofprompt endofreply ' +
    'endoftext eos eot im ipynb message observation pad refusal return sep start startoftext system tool unk user'
  ).split(' '),
)

/** The longest name of a piped control token that is read. */
const MAX_NAME = 40

/** Spelled as they are; case counts, as it does for tokenizers. */
const templates = [
  '<start_of_turn>',
  '<end_of_turn>',
  '<<SYS>>',
  '<</SYS>>',
  '[INST]',
  '[/INST]',
  '[AVAILABLE_TOOLS]',
  '[SYSTEM_PROMPT]',
  '[TOOL_CALLS]',
  '[TOOL_RESULTS]',
]

/**
 * Glitch tokens, each with two letters of it that hardly ever meet in honest text. Longer words and paths with one of them
 * inside do not count: some are beginnings of identifiers, some are names of people that stand in addresses.
 */
const names: readonly (readonly [name: string, rare: string])[] = [
  ['SolidGoldMagikarp', 'dG'],
  ['RandomRedditorWithNo', 'rW'],
  ['TheNitromeFan', 'eF'],
  ['StreamerBot', 'rB'],
  ['TPPStreamerBot', 'rB'],
  ['PsyNetMessage', 'yN'],
  ['guiActiveUn', 'eU'],
  ['externalToEVA', 'oE'],
  ['externalActionCode', 'lA'],
  ['isSpecialOrderable', 'lO'],
  ['quickShipAvailable', 'pA'],
  ['BuyableInstoreAndOnline', 'eI'],
  ['InstoreAndOnline', 'dO'],
  ['oreAndOnline', 'dO'],
  ['attRot', 'tR'],
  ['davidjl', 'dj'],
  ['petertodd', 'dd'],
  ['rawdownloadcloneembedreportprint', 'tp'],
  ['cloneembedreportprint', 'tp'],
  ['embedreportprint', 'tp'],
]

interface Spelling {
  readonly text: string
  /** Where in it the two units stand that the scan looks for. */
  readonly hook: number
  readonly whole: boolean
}

const pairAt = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)

const spellings: ReadonlyMap<number, readonly Spelling[]> = Map.groupBy(
  [
    ...templates.map((text): Spelling => ({ text, hook: 0, whole: false })),
    ...names.map(([text, rare]): Spelling => ({ text, hook: text.indexOf(rare), whole: true })),
  ],
  ({ text, hook }) => pairAt(text, hook),
)

/** A with tilde: the mojibake of mojibake, "ÃÂÃÂ...", is a family of glitch tokens. */
const A_TILDE = 0xc3
const A_CIRCUMFLEX = 0xc2
const MOJIBAKE_PAIRS = 8

const BAR = 0x7c
const FULLWIDTH_BAR = 0xff5c

/** Pairs of ASCII units, as `first * 128 + second`, at whose second one `isToken` must be asked. */
export const tokenPairs: readonly number[] = [...spellings.keys(), pairAt('<|', 0)]

/** Units beyond ASCII at which it must be asked. */
export const tokenUnits: readonly number[] = [A_TILDE, FULLWIDTH_BAR]

/** Whether a token is spelled around the unit at `at`. */
export function isToken(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit === A_TILDE) return isMojibake(text, at)
  if (at === 0) return false
  if (unit === BAR || unit === FULLWIDTH_BAR) return isPiped(text, at)
  for (const { text: spelled, hook, whole } of spellings.get(pairAt(text, at - 1)) ?? []) {
    const start = at - 1 - hook
    if (start < 0 || !text.startsWith(spelled, start)) continue
    if (!whole || (!isPartOfName(text, start - 1) && !isPartOfName(text, start + spelled.length))) return true
  }
  return false
}

/** <|im_start|> and the like, also with DeepSeek's fullwidth bars: <｜begin▁of▁sentence｜>; `at` is the first bar. */
function isPiped(text: string, at: number): boolean {
  if (text.charCodeAt(at - 1) !== 0x3c) return false
  const bar = text.charCodeAt(at)
  const start = at + 1
  let joined = false
  let end = start
  for (; end < start + MAX_NAME; end++) {
    const unit = text.charCodeAt(end)
    if (unit === 0x5f || unit === 0x2581) joined = true
    else if (!isLetterOrDigit(unit)) break
  }
  if (text.charCodeAt(end) !== bar || text.charCodeAt(end + 1) !== 0x3e || end - start < 2) return false
  return joined || bar === FULLWIDTH_BAR || controls.has(text.slice(start, end).toLowerCase())
}

function isMojibake(text: string, at: number): boolean {
  for (let i = 0; i < 2 * MOJIBAKE_PAIRS; i += 2) {
    if (text.charCodeAt(at + i) !== A_TILDE || text.charCodeAt(at + i + 1) !== A_CIRCUMFLEX) return false
  }
  return true
}

function isPartOfName(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  // _ / @ - of identifiers and addresses; beyond the text there is NaN, which is none of them.
  return isLetterOrDigit(unit) || unit === 0x5f || unit === 0x2f || unit === 0x40 || unit === 0x2d
}

const isLetterOrDigit = (unit: number): boolean =>
  (unit > 0x60 && unit < 0x7b) || (unit > 0x40 && unit < 0x5b) || (unit > 0x2f && unit < 0x3a)
