import { LRUCache } from 'lru-cache'
import type { Usage } from '../core/usage.ts'

/**
 * Learns how many tokens a byte is, and how long answers get, from what providers report. No tokenizer runs on client
 * text: byte-pair encoding is quadratic on crafted input, and a provider's own count settles every request anyway.
 */
export interface PromptText {
  readonly bytes: number
  readonly extraTokens: number
}

/** What passed of an answer; `deltas` is 0 where it was not streamed. */
export interface Passed {
  readonly textBytes: number
  readonly deltas: number
  readonly choices: number
}

export interface Estimate {
  readonly expected: number
  /** Expected and a margin of two deviations: what a hold takes. */
  readonly margined: number
}

interface Stats {
  mean: number
  /** Mean absolute deviation, a cheap and robust spread. */
  deviation: number
  seen: number
}

interface Learned {
  readonly inputPerByte: Stats
  /** Of a tiny prompt: tokens beyond its text, of the template around a conversation. */
  readonly inputFixed: Stats
  readonly output: Stats
  readonly outputPerByte: Stats
  readonly outputPerDelta: Stats
}

/**
 * Before anything was seen. English prose has about 0.23 tokens a byte under current tokenizers, code about 0.3, and
 * scripts without spaces up to 0.4; the deviation makes the first hold cover all of these.
 */
const prior = {
  inputPerByte: { mean: 0.25, deviation: 0.08 },
  inputFixed: { mean: 0, deviation: 0 },
  output: { mean: 256, deviation: 128 },
  outputPerByte: { mean: 0.25, deviation: 0.08 },
  outputPerDelta: { mean: 1, deviation: 0.25 },
}

/** Weight of a new value once enough have been seen; before that it is a plain mean. */
const SMOOTHING = 1 / 16

/** Below this a ratio says more about rounding and templates than about the text. */
const MIN_BYTES = 16

export class Estimates {
  readonly #byAccount: LRUCache<string, Learned>
  readonly #byModel: LRUCache<string, Learned>

  constructor(maxIdentities: number) {
    this.#byAccount = new LRUCache({ max: maxIdentities })
    this.#byModel = new LRUCache({ max: 1024 })
  }

  /** What is known of an account's use of a model: its own ratios, else the model's, else the priors. */
  of(account: string, model: string): Estimator {
    const key = `${model}\n${account}`
    return new Estimator(this, key, model, this.#byAccount.get(key), this.#byModel.get(model))
  }

  /** What an answer teaches about: made where nothing was known. */
  toTeach(key: string, model: string): readonly Learned[] {
    return [known(this.#byAccount, key), known(this.#byModel, model)]
  }

  /** Accounts and models remembered. */
  get size(): number {
    return this.#byAccount.size
  }
}

/** Estimates for one exchange: looked up once when it starts. */
export class Estimator {
  readonly #estimates: Estimates
  readonly #key: string
  readonly #model: string
  readonly #own: Learned | undefined
  readonly #shared: Learned | undefined

  constructor(estimates: Estimates, key: string, model: string, own: Learned | undefined, shared: Learned | undefined) {
    this.#estimates = estimates
    this.#key = key
    this.#model = model
    this.#own = own
    this.#shared = shared
  }

  /** Input tokens of a prompt. */
  input(prompt: PromptText): Estimate {
    const { mean, deviation } = this.#best('inputPerByte')
    const fixed = prompt.bytes < MIN_BYTES ? this.#best('inputFixed') : prior.inputFixed
    return {
      expected: Math.ceil(prompt.bytes * mean + fixed.mean) + prompt.extraTokens,
      margined:
        Math.ceil(prompt.bytes * (mean + 2 * deviation) + fixed.mean + 2 * fixed.deviation) + prompt.extraTokens,
    }
  }

  /** Output tokens that each choice of the answer is likely to stay under. */
  output(): number {
    const { mean, deviation } = this.#best('output')
    return Math.ceil(mean + deviation)
  }

  /** Output tokens of text that has passed: by events or by bytes, whichever has been the steadier guide. */
  count(textBytes: number, deltas: number): number {
    const byDelta = this.#best('outputPerDelta')
    return count(this.#best('outputPerByte'), byDelta, byDelta === prior.outputPerDelta, textBytes, deltas)
  }

  /** Takes in what a provider reported of the answer. */
  learn(prompt: PromptText, usage: Usage, { textBytes, deltas, choices }: Passed): void {
    // Whether reasoning was shown or hidden nobody says, so such answers teach nothing about text.
    const visible = usage.reasoningTokens > 0 ? 0 : usage.outputTokens - usage.imageTokens - usage.audioOutputTokens
    for (const learned of this.#estimates.toTeach(this.#key, this.#model)) {
      const text = usage.inputTokens - prompt.extraTokens
      if (prompt.bytes < MIN_BYTES) {
        update(learned.inputFixed, Math.max(0, text - prompt.bytes * prior.inputPerByte.mean))
      } else if (text > 0) {
        // Every token is a byte at least: what is beyond that, or below none, was an image that was guessed wrong.
        update(learned.inputPerByte, Math.min(1, text / prompt.bytes))
      }
      update(learned.output, usage.outputTokens / choices)
      if (textBytes >= MIN_BYTES && visible > 0) {
        update(learned.outputPerByte, visible / textBytes)
        if (deltas > 0) update(learned.outputPerDelta, visible / deltas)
      }
    }
  }

  #best(what: keyof Learned): Ratio {
    const own = this.#own?.[what]
    if (own !== undefined && own.seen >= 3) return own
    const shared = this.#shared?.[what]
    // The first answers of a model say little about its spread.
    return shared !== undefined && shared.seen >= 3 ? shared : prior[what]
  }
}

interface Ratio {
  readonly mean: number
  readonly deviation: number
}

function count(byByte: Ratio, byDelta: Ratio, unlearned: boolean, textBytes: number, deltas: number): number {
  if (textBytes === 0) return 0
  // Until it has learned better, an event is a token, unless that many bytes cannot be so few tokens.
  const byEvents = unlearned
    ? deltas >= textBytes * (byByte.mean - 2 * byByte.deviation)
    : byDelta.deviation / byDelta.mean <= byByte.deviation / byByte.mean
  return Math.max(1, Math.round(deltas > 0 && byEvents ? deltas * byDelta.mean : textBytes * byByte.mean))
}

function known(cache: LRUCache<string, Learned>, key: string): Learned {
  const found = cache.get(key)
  if (found !== undefined) return found
  const empty = (): Stats => ({ mean: 0, deviation: 0, seen: 0 })
  const fresh = {
    inputPerByte: empty(),
    inputFixed: empty(),
    output: empty(),
    outputPerByte: empty(),
    outputPerDelta: empty(),
  }
  cache.set(key, fresh)
  return fresh
}

function update(stats: Stats, value: number): void {
  stats.seen = Math.min(stats.seen + 1, 1024)
  const weight = Math.max(1 / stats.seen, SMOOTHING)
  const off = Math.abs(value - stats.mean)
  stats.deviation = stats.seen === 1 ? value / 4 : stats.deviation + weight * (off - stats.deviation)
  stats.mean += weight * (value - stats.mean)
}
