import { isObject } from './body.ts'
import type { Body } from './dialect.ts'
import {
  list,
  number,
  object,
  orNull,
  PartStates,
  rewriteBody,
  text,
  type Fields,
  type Lean,
  type LeanAnswer,
  type LeanStream,
  type Rule,
} from './lean-answer.ts'
import { leanError, leanErrorBody, leanUsage } from './openai-lean.ts'
import { ThoughtText, withoutThought } from './thought-text.ts'

const toolCall = object({
  index: number,
  id: text,
  type: text,
  function: object({ name: text, arguments: text }),
  custom: object({ name: text, input: text }),
})

/** Some servers give content in parts, and reasoning in some of them. */
const contentOf =
  (said: (text: string) => string): Rule =>
  (value) => {
    if (typeof value === 'string') return said(value)
    if (!Array.isArray(value)) return value === null ? null : undefined
    const part = object({ type: text, text: (inner) => (typeof inner === 'string' ? said(inner) : undefined) })
    return (value as unknown[]).filter((one) => isObject(one) && one['type'] === 'text').map(part)
  }

const besideContent: Fields = {
  refusal: orNull(text),
  tool_calls: list(toolCall),
  function_call: object({ name: text, arguments: text }),
  audio: object({ id: text, data: text, transcript: text, expires_at: number }),
}

const answerHead: Fields = { id: text, object: text, created: number, model: text }

/** How the choices of an endpoint differ. */
interface ChoiceKind {
  readonly whole: Rule
  /** What leaves of a streamed choice, without its text. */
  readonly delta: (choice: Body) => Lean | undefined
  /** The text of a streamed choice: read from the upstream's, written into what leaves. */
  readonly read: (choice: Body) => unknown
  readonly write: (lean: Lean, content: unknown) => void
}

const pickDelta = object({ role: text, ...besideContent })
const deltaOf = (choice: Body): Body => (isObject(choice['delta']) ? choice['delta'] : {})

const chat: ChoiceKind = {
  whole: object({
    index: number,
    message: object({ role: text, content: contentOf(withoutThought), ...besideContent }),
    finish_reason: orNull(text),
  }),
  delta: (choice) => pickDelta(deltaOf(choice)),
  read: (choice) => deltaOf(choice)['content'],
  write: (lean, content) => {
    lean['content'] = content
  },
}

const completion: ChoiceKind = {
  whole: object({
    index: number,
    text: (value) => (typeof value === 'string' ? withoutThought(value) : undefined),
    finish_reason: orNull(text),
  }),
  delta: () => ({}),
  read: (choice) => choice['text'],
  write: (lean, content) => {
    lean['text'] = content
  },
}

function leanChoices(kind: ChoiceKind): LeanAnswer {
  const whole = object({ ...answerHead, choices: list(kind.whole), usage: leanUsage })
  return {
    whole: (body) => rewriteBody(body, ({ choices }) => Array.isArray(choices), whole),
    error: leanErrorBody,
    stream: () => new LeanChunks(kind),
  }
}

interface ChoiceState {
  readonly thought: ThoughtText
  role: boolean
}

const head = object(answerHead)
const usageOrNull = orNull(leanUsage)

class LeanChunks implements LeanStream {
  readonly #kind: ChoiceKind
  readonly #choices = new PartStates<ChoiceState>(() => ({ thought: new ThoughtText(), role: false }))

  constructor(kind: ChoiceKind) {
    this.#kind = kind
  }

  rewrite(event: unknown, data: string): string | null {
    if (data.startsWith('[DONE]')) return 'data: [DONE]\n\n'
    if (!isObject(event)) return null
    if (event['error']) return `data: ${JSON.stringify(leanError(event))}\n\n`
    const { choices, usage, obfuscation } = event
    if (!Array.isArray(choices)) return null
    const kept = (choices as unknown[]).map((choice) => this.#choice(choice)).filter((choice) => choice !== null)
    // Nothing is left of it, and how often that happens would tell how long the model thought.
    if (kept.length === 0 && (choices.length > 0 || !isObject(usage))) return null
    const lean: Lean = { ...head(event), choices: kept }
    const used = usageOrNull(usage)
    if (used !== undefined) lean['usage'] = used
    if (typeof obfuscation === 'string') lean['obfuscation'] = obfuscation
    return `data: ${JSON.stringify(lean)}\n\n`
  }

  #choice(choice: unknown): Lean | null {
    if (!isObject(choice)) return null
    const { index: at, finish_reason: finishReason } = choice
    const index = typeof at === 'number' ? at : 0
    const state = this.#choices.of(index)
    const delta = this.#kind.delta(choice) ?? {}
    if ('role' in delta) {
      if (state.role) delete delta['role']
      state.role = true
    }
    const ends = typeof finishReason === 'string'
    this.#say(delta, choice, state, ends)
    if (!ends && !Object.values(delta).some(saysSomething)) return null
    const lean: Lean = { index }
    if (this.#kind === chat) lean['delta'] = delta
    else Object.assign(lean, delta)
    if (ends || finishReason === null) lean['finish_reason'] = finishReason
    return lean
  }

  #say(delta: Lean, choice: Body, { thought }: ChoiceState, ends: boolean): void {
    let said = contentOf((piece) => thought.push(piece))(this.#kind.read(choice))
    const rest = ends ? thought.end() : ''
    if (rest !== '')
      said = Array.isArray(said)
        ? [...said, { type: 'text', text: rest }]
        : (typeof said === 'string' ? said : '') + rest
    if (said !== undefined) this.#kind.write(delta, said)
  }
}

const saysSomething = (value: unknown): boolean =>
  value !== '' && value !== null && !(Array.isArray(value) && value.length === 0)

export const leanChat: LeanAnswer = leanChoices(chat)
export const leanCompletion: LeanAnswer = leanChoices(completion)
