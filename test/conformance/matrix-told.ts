import assert from 'node:assert/strict'
import { ApiError } from '@google/genai'
import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { APIError as OpenAIError } from 'openai'
import type { DialectName } from '../../src/dialects/dialect.ts'

/** How an error of the libraries is told: their class, the status, and the words that programs branch on. */
export interface Told {
  readonly library: DialectName | null
  readonly status: number | undefined
  /** The class's own name, such as `RateLimitError`. */
  readonly name: string
  readonly code: string | null
  readonly type: string | null
  readonly headers: Headers | null
}

export function toldBy(error: unknown): Told {
  if (error instanceof OpenAIError) {
    const { status, code, type, headers } = error
    const told = { code: code ?? null, type: type ?? null, headers: headers ?? null }
    return { library: 'openai', status, name: error.constructor.name, ...told }
  }
  if (error instanceof AnthropicError) {
    const { status, errorCode, type, headers } = error
    const told = { code: errorCode ?? null, type: type as string | null, headers: headers ?? null }
    return { library: 'anthropic', status, name: error.constructor.name, ...told }
  }
  if (error instanceof ApiError) {
    // The library has no fields for these: its message is the body, in a stream behind a word of its own.
    const body = JSON.parse(error.message.slice(error.message.indexOf('{'))) as {
      error: { status: string; details?: { reason?: string }[] }
    }
    const code = body.error.details?.find(({ reason }) => reason !== undefined)?.reason ?? null
    return { library: 'gemini', status: error.status, name: error.name, code, type: body.error.status, headers: null }
  }
  return { library: null, status: undefined, name: String(error), code: null, type: null, headers: null }
}

/** What a library has to make of an error; in mid-stream there is no status any more. */
export interface Expected {
  readonly status: number
  readonly code: string | null
  readonly openaiType: string
  readonly anthropicType: string
  readonly geminiStatus: string
}

export const overQuota = (resource: string): Expected => ({
  status: 429,
  code: 'rate_limit_exceeded',
  openaiType: resource.includes('token') ? 'tokens' : 'requests',
  anthropicType: 'rate_limit_error',
  geminiStatus: 'RESOURCE_EXHAUSTED',
})

export const upstreamFaults: Readonly<Record<'dropped' | 'timeout', Expected>> = {
  dropped: {
    status: 502,
    code: 'upstream_lost',
    openaiType: 'server_error',
    anthropicType: 'api_error',
    geminiStatus: 'UNAVAILABLE',
  },
  timeout: {
    status: 504,
    code: 'upstream_timeout',
    openaiType: 'server_error',
    anthropicType: 'timeout_error',
    geminiStatus: 'DEADLINE_EXCEEDED',
  },
}

/** Other statuses from 500 on are an `InternalServerError`. */
const classes: Readonly<Record<'openai' | 'anthropic', Readonly<Record<number, string>>>> = {
  openai: { 400: 'BadRequestError', 429: 'RateLimitError' },
  anthropic: { 400: 'BadRequestError', 429: 'RateLimitError', 504: 'GatewayTimeoutError', 529: 'OverloadedError' },
}

export function assertTold(error: unknown, dialect: DialectName, expected: Expected, midStream: boolean): Told {
  const told = toldBy(error)
  const { status, code } = expected
  assert.equal(told.library, dialect, `an error of the vendor's own library, not: ${String(error)}`)
  if (dialect === 'gemini') {
    const { status: given, code: reason, type } = told
    assert.deepEqual({ given, reason, type }, { given: status, reason: code, type: expected.geminiStatus })
    return told
  }
  const type = dialect === 'openai' ? expected.openaiType : expected.anthropicType
  const name = midStream ? 'APIError' : (classes[dialect][status] ?? 'InternalServerError')
  const { status: given, ...words } = { status: told.status, name: told.name, code: told.code, type: told.type }
  assert.equal(given, midStream ? undefined : status)
  assert.deepEqual(words, { name, code, type })
  return told
}
