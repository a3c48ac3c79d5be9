import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unparsableAnswer } from './unparsable.ts'

test('bytes that are no HTTP request get an error in a dialect, with the status of what was wrong', () => {
  for (const [fault, status, code] of [
    ['HPE_HEADER_OVERFLOW', 431, 'headers_too_large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'],
    ['HPE_INVALID_METHOD', 400, 'invalid_http'],
    ['HPE_INVALID_CONTENT_LENGTH', 400, 'invalid_http'],
    ['unknown', 400, 'invalid_http'],
  ] as const) {
    const answer = unparsableAnswer(fault, 'req_1')
    assert.equal(answer.status, status)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.headers['content-length'], String(answer.body.length))
    const { error } = JSON.parse(Buffer.from(answer.body).toString()) as { error: Record<string, unknown> }
    assert.equal(error['code'], code)
    assert.equal(error['request_id'], 'req_1')
    assert.ok(!JSON.stringify(error).includes('HPE_'), 'the parser is nobody else’s business')
  }
})
