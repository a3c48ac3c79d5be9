import type { Call } from '../core/call.ts'
import type { Clock, Cancel } from '../core/clock.ts'
import type { Upstream, UpstreamCall, UpstreamSink } from '../core/upstream.ts'
import type { Pace } from './pace.ts'
import type { Said } from './said.ts'
import { shapes } from './shapes.ts'

/**
 * Weir in the place of a model that does not exist: it politely says no, as a model does, in the shape of the vendor's answer
 * and at the tempo of the real ones. The one thing that it says is true, and nobody can learn anything from it.
 */
export interface AskedOfDecoy {
  readonly endpoint: string
  readonly call: Call
  /** The parsed body: some answers repeat what was asked for. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface DecoyWorld {
  readonly clock: Clock
  readonly pace: Pace
  /** A whole number from 0 to below its argument. */
  random(below: number): number
}

const texts: readonly string[] = [
  "I'm sorry, but I can't help with that.",
  "I'm not able to help with this request.",
  "I can't help with that. Is there something else that I can do for you?",
  "I'm sorry, I can't assist with that request.",
]

/** null: what is asked for there is no text, and any answer would be a false one. */
export function decoyAnswer(asked: AskedOfDecoy, world: DecoyWorld): Upstream | null {
  const shape = shapes.get(asked.endpoint)
  if (shape === undefined) return null
  const { call } = asked
  return {
    name: 'weir',
    send(_request, sink) {
      const said = sayNo(asked, world)
      const { firstMs, perChunkMs } = world.pace.draw(call.stream, world.random)
      const pieces = call.stream ? shape.events(said) : [JSON.stringify(shape.whole(said))]
      const type = call.stream ? 'text/event-stream; charset=utf-8' : 'application/json'
      return new Playing(world.clock, sink, type, pieces, firstMs, perChunkMs)
    },
    close: () => Promise.resolve(),
  }
}

/** As vendors count on average. */
const CHARS_PER_TOKEN = 4

function sayNo({ call, body }: AskedOfDecoy, { clock, random }: DecoyWorld): Said {
  const whole = texts[random(texts.length)]!
  const most = call.maxOutputTokens === null ? Infinity : Math.floor(call.maxOutputTokens / call.choices)
  const tokens = Math.ceil(whole.length / CHARS_PER_TOKEN)
  const text = tokens <= most ? whole : whole.slice(0, most * CHARS_PER_TOKEN)
  return {
    model: call.model,
    text,
    isCut: tokens > most,
    choices: call.choices,
    inputTokens: Math.ceil(call.promptBytes / CHARS_PER_TOKEN) + call.promptExtraTokens,
    outputTokens: Math.min(tokens, most) * call.choices,
    createdS: Math.floor(clock.now() / 1000),
    id: Array.from({ length: 24 }, () => random(36).toString(36)).join(''),
    body,
  }
}

/** An answer on its way, piece by piece. */
class Playing implements UpstreamCall {
  readonly #clock: Clock
  readonly #sink: UpstreamSink
  readonly #pieces: readonly string[]
  readonly #perChunkMs: number
  #at = 0
  #cancel: Cancel
  #isPaused = false
  #isWaiting = false

  constructor(
    clock: Clock,
    sink: UpstreamSink,
    type: string,
    pieces: readonly string[],
    firstMs: number,
    perChunkMs: number,
  ) {
    this.#clock = clock
    this.#sink = sink
    this.#pieces = pieces
    this.#perChunkMs = perChunkMs
    this.#cancel = clock.after(firstMs, () => {
      sink.onHead(200, { 'content-type': type })
      this.#next()
    })
  }

  #next(): void {
    if (this.#isPaused) {
      this.#isWaiting = true
      return
    }
    this.#sink.onData(Buffer.from(this.#pieces[this.#at++]!))
    this.#cancel = this.#clock.after(this.#at < this.#pieces.length ? this.#perChunkMs : 0, () => {
      if (this.#at < this.#pieces.length) this.#next()
      else this.#sink.onEnd()
    })
  }

  abort(): void {
    this.#cancel()
    this.#isPaused = true
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#next()
  }
}
