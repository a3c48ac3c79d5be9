import assert from 'node:assert/strict'
import type { DialectName } from '../../src/dialects/dialect.ts'

/** Error bodies of each vendor, taken apart strictly. */
export interface GeminiError {
  readonly code: number
  readonly message: string
  readonly status: string
  readonly details: readonly {
    readonly '@type': string
    readonly reason?: string
    readonly retryDelay?: string
    readonly metadata?: { readonly requestId: string }
  }[]
}

interface ErrorShape {
  readonly code: string
  readonly type: string
  readonly message: string
  readonly requestId: string
}

/** Takes an error body apart, strictly: exactly the members that the vendor's own errors have, and ours. */
export const shapes: Readonly<Record<DialectName, (body: unknown) => ErrorShape>> = {
  openai(body) {
    const { error, ...rest } = body as { error: Record<string, string> }
    assert.deepEqual([rest, Object.keys(error)], [{}, ['message', 'type', 'param', 'code', 'request_id']])
    return { code: error['code']!, type: error['type']!, message: error['message']!, requestId: error['request_id']! }
  },
  anthropic(body) {
    const { type, error, request_id, ...rest } = body as {
      type: string
      request_id: string
      error: { type: string; message: string; details: { error_code: string } }
    }
    assert.deepEqual([type, rest, Object.keys(error)], ['error', {}, ['type', 'message', 'details']])
    return { code: error.details.error_code, type: error.type, message: error.message, requestId: request_id }
  },
  gemini(body) {
    const { error, ...rest } = body as { error: GeminiError }
    assert.deepEqual([rest, Object.keys(error)], [{}, ['code', 'message', 'status', 'details']])
    const { reason, metadata } = error.details.find((one) => one['@type'].endsWith('google.rpc.ErrorInfo'))!
    return { code: reason!, type: error.status, message: error.message, requestId: metadata!.requestId }
  },
}

const idHeader = { openai: 'x-request-id', anthropic: 'request-id', gemini: 'x-request-id' } as const

/** An error body of ours, with the header that goes with it. */
export async function shapeOf(response: Response, dialect: DialectName): Promise<ErrorShape> {
  assert.equal(response.headers.get('content-type'), 'application/json')
  const text = await response.text()
  assert.ok(!text.includes('<'), 'no HTML')
  const shape = shapes[dialect](JSON.parse(text))
  assert.ok(shape.message.length > 10)
  assert.equal(response.headers.get(idHeader[dialect]), shape.requestId)
  return shape
}
