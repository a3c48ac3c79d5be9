/*
 * Conditions in CEL, the Common Expression Language. They are read from the configuration and evaluated on every request
 * that their limit could hold for, over values that clients choose: so only functions are taken whose work is linear in
 * those values, and how much an expression can do is bounded when it is loaded. What cannot be evaluated holds.
 */
import { type ASTNode, type Context, Environment } from '@marcbachmann/cel-js'
import { type Facts, noFacts, type Numbers } from '../core/dimensions.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Condition } from './config.ts'
import { nearest } from './nearest.ts'
import { canRepeat, type Complaint } from './problem.ts'

const MAX_CHARS = 1024
/** Elements of a list that a macro goes over; lists to look something up in can be longer. */
const MAX_MACRO_ELEMENTS = 16
const limits = { maxAstNodes: 512, maxDepth: 24, maxListElements: 256, maxMapEntries: 1, maxCallArguments: 4 }

const numbers: Readonly<Record<keyof Numbers, 'int' | 'bool'>> = {
  input_tokens: 'int',
  max_tokens: 'int',
  choices: 'int',
  messages: 'int',
  body_bytes: 'int',
  images: 'int',
  tools: 'int',
  stream: 'bool',
  reputation: 'int',
  hour: 'int',
  weekday: 'int',
}

/**
 * Everything else is refused, above all `matches`: it backtracks, and 26 characters of a client's can keep it busy for
 * half a second. Lists are made by writing them out only.
 */
const functions: ReadonlySet<string> = new Set(
  (
    'size startsWith endsWith contains indexOf lastIndexOf substring lowerAscii upperAscii trim string int double ' +
    'all exists exists_one'
  ).split(' '),
)
const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one'])

const factNames = Object.keys(noFacts) as readonly (keyof Facts)[]
const numberNames = Object.keys(numbers) as readonly (keyof Numbers)[]
const hint = 'write for instance input_tokens > 2000 && stream'

/** Reads a condition as a whole: what it says, of what types, and how much work it can be. */
export function compileCondition(source: string): Result<Condition, Complaint> {
  if (source.length > MAX_CHARS) return err({ message: `longer than ${MAX_CHARS} characters`, hint })
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits })
  for (const name of factNames) environment.registerVariable(name, 'string')
  for (const name of numberNames) environment.registerVariable(name, numbers[name])
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = environment.parse(source)
  } catch (error) {
    return err(syntaxComplaint(error))
  }
  const reads = new Set<string>()
  const refused = walk(parsed.ast, reads, false)
  if (refused !== null) return err(refused)
  const { valid, type, error } = parsed.check()
  if (!valid) return err(typeComplaint(error))
  if (type === 'bool') return ok(new CelCondition(source, parsed, reads))
  return err({ message: `says a value of type ${type} and not whether it holds`, hint })
}

class CelCondition implements Condition {
  readonly source: string
  readonly #evaluate: (context: Context) => unknown
  readonly #facts: readonly (keyof Facts)[]
  readonly #numbers: readonly (keyof Numbers)[]

  constructor(source: string, evaluate: (context: Context) => unknown, reads: ReadonlySet<string>) {
    this.source = source
    this.#evaluate = evaluate
    this.#facts = factNames.filter((name) => reads.has(name))
    this.#numbers = numberNames.filter((name) => reads.has(name))
  }

  holds(facts: Facts, numbers: Numbers): boolean {
    try {
      const context: Record<string, string | boolean | bigint> = {}
      for (const name of this.#facts) context[name] = facts[name]
      for (const name of this.#numbers) {
        const value = numbers[name]
        context[name] = typeof value === 'boolean' ? value : BigInt(Math.trunc(value))
      }
      return this.#evaluate(context) !== false
    } catch {
      return true
    }
  }
}

/** Notes which names are read, and names the first thing that is not to be evaluated. */
function walk(node: ASTNode, reads: Set<string>, inMacro: boolean): Complaint | null {
  let isMacro = false
  if (node.op === 'id') reads.add(node.args)
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0]
    if (!functions.has(name)) return functionComplaint(name, node.start)
    isMacro = macros.has(name)
    if (isMacro && inMacro) return { message: `${name} inside of another one`, hint, within: node.start }
    if (isMacro && !(node.op === 'rcall' && isShortList(node.args[1]))) {
      const message = `${name} goes over lists of at most ${MAX_MACRO_ELEMENTS} entries, written out`
      return { message, hint: 'write for instance ["a", "b"].exists(x, user.startsWith(x))', within: node.start }
    }
  }
  for (const inner of nodesIn(node.args)) {
    const refused = walk(inner, reads, inMacro || isMacro)
    if (refused !== null) return refused
  }
  return null
}

const isShortList = (node: ASTNode): boolean => node.op === 'list' && node.args.length <= MAX_MACRO_ELEMENTS

function nodesIn(value: unknown): readonly ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  return typeof value === 'object' && value !== null && 'op' in value ? [value as ASTNode] : []
}

function functionComplaint(name: string, within: number): Complaint {
  const known = [...functions].join(', ')
  if (name === 'matches') {
    const message = 'matches is not evaluated here: a client could keep it busy'
    return { message, hint: 'use startsWith, endsWith or contains, or a glob of match', within }
  }
  const meant = nearest(name, functions)
  const message = canRepeat(name) ? `there is no function "${name}"` : 'there is no such function'
  return { message, hint: meant === null ? `known here: ${known}` : `did you mean "${meant}"?`, within }
}

interface CelFault {
  readonly code?: string
  readonly summary?: string
  readonly range?: { readonly start: number }
  readonly node?: { readonly args?: unknown }
}

/** Our own words: what the parser says repeats the text, and a text that lost its place can be a secret. */
function syntaxComplaint(error: unknown): Complaint {
  const { code, range } = error as CelFault
  const at = range === undefined ? {} : { within: range.start }
  if (code === 'limit_exceeded') return { message: 'too long, or nested too deeply', hint: 'split the limit', ...at }
  if (code?.startsWith('unterminated') === true) {
    return { message: 'CEL: text without its closing quote', hint: 'close every quote', ...at }
  }
  return { message: 'CEL: unexpected here', hint, ...at }
}

/** Of these the words name types, operators and functions only. */
const plain: ReadonlySet<string> = new Set(
  (
    'no_such_overload no_matching_overload incompatible_ternary_branches heterogeneous_list_element ' +
    'invalid_logical_operand invalid_condition_type invalid_index_type cannot_index_type'
  ).split(' '),
)

function typeComplaint(error: unknown): Complaint {
  const { code = '', summary = '', range, node } = error as CelFault
  const at = range === undefined ? {} : { within: range.start }
  if (code === 'unknown_variable') {
    const name = typeof node?.args === 'string' ? node.args : ''
    const known = [...factNames, ...numberNames]
    const meant = nearest(name, known)
    const message = canRepeat(name) ? `there is no variable "${name}"` : 'there is no such variable'
    return { message, hint: meant === null ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`, ...at }
  }
  const message = plain.has(code) ? `CEL: ${summary}` : 'CEL: does not fit together'
  return { message, hint: 'compare text with "text", numbers with whole numbers', ...at }
}
