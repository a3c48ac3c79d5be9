import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokens } from '../core/usage.ts'
import { anyCall } from './testing.ts'
import { geminiBlocked } from './fixtures/gemini-streams.ts'
import { geminiGenerate } from './gemini-generate.ts'

const answer = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))

test('an answer counts what the model wrote over all candidates, and usage is the vendor’s', () => {
  const parts = [
    { text: 'é' },
    { functionCall: { id: 'x', name: 'get', args: { city: 'Rome' } } },
    { executableCode: { language: 'PYTHON', code: 'abc' } },
  ]
  const usageMetadata = {
    promptTokenCount: 10,
    toolUsePromptTokenCount: 5,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 1300,
    thoughtsTokenCount: 30,
    totalTokenCount: 1345,
    promptTokensDetails: [
      { modality: 'AUDIO', tokenCount: 3 },
      { modality: 'TEXT', tokenCount: 7 },
    ],
    candidatesTokensDetails: [
      { modality: 'IMAGE', tokenCount: 1290 },
      { modality: 'AUDIO', tokenCount: 2 },
    ],
  }
  const candidates = [
    { content: { parts }, finishReason: 'STOP', groundingMetadata: { webSearchQueries: ['a', 'b'] } },
    { content: { parts: [{ text: 'abc' }] }, finishReason: 'MAX_TOKENS' },
  ]
  assert.deepEqual(geminiGenerate.readAnswer(answer({ candidates, usageMetadata }), anyCall), {
    usage: {
      ...tokens(15, 1330),
      cachedTokens: 4,
      audioInputTokens: 3,
      reasoningTokens: 30,
      audioOutputTokens: 2,
      imageTokens: 1290,
      toolCalls: 2,
    },
    textBytes: 2 + 3 + 8 + 9 + 3,
    choices: 2,
    finishReasons: ['STOP', 'MAX_TOKENS'],
  })
})

test('an image or a sound counts like the text that costs as much, not by its bytes', () => {
  const bytesOf = (mimeType: string, chars: number): number =>
    geminiGenerate.readAnswer(
      answer({ candidates: [{ content: { parts: [{ inlineData: { mimeType, data: 'A'.repeat(chars) } }] } }] }),
      anyCall,
    )!.textBytes
  assert.equal(bytesOf('image/png', 2_000_000), 5160)
  assert.equal(bytesOf('audio/L16;rate=24000', 64_000), 100)
  assert.ok(bytesOf('text/plain', 64_000) >= 64_000)
})

test('zeros that proto JSON leaves out are zeros, and half a report is none', () => {
  const usageOf = (usageMetadata: unknown): unknown =>
    geminiGenerate.readAnswer(answer({ candidates: [{}], usageMetadata }), anyCall)?.usage
  for (const [usage, expected] of [
    [{ promptTokenCount: 7, totalTokenCount: 7 }, tokens(7, 0)],
    [{ promptTokenCount: 7, totalTokenCount: 20 }, tokens(7, 13)],
    [
      { promptTokenCount: 7, thoughtsTokenCount: 5, totalTokenCount: 12 },
      { ...tokens(7, 5), reasoningTokens: 5 },
    ],
    [{ promptTokenCount: 7, candidatesTokenCount: 0 }, tokens(7, 0)],
    [{ candidatesTokenCount: 3, totalTokenCount: 3 }, tokens(0, 3)],
    [{ promptTokenCount: 7, totalTokenCount: 3 }, tokens(7, 0)],
  ] as const) {
    assert.deepEqual(usageOf(usage), expected, JSON.stringify(usage))
  }
  for (const half of [
    undefined,
    {},
    { promptTokenCount: 7 },
    { candidatesTokenCount: 7 },
    { promptTokenCount: 7, candidatesTokenCount: -1 },
    { promptTokenCount: 7, candidatesTokenCount: 'x', totalTokenCount: 8 },
    [],
    7,
  ])
    assert.equal(usageOf(half), null, JSON.stringify(half))
})

test('a blocked prompt is an answer, whatever else is none', () => {
  assert.deepEqual(geminiGenerate.readAnswer(answer(geminiBlocked), anyCall), {
    usage: tokens(7, 0),
    textBytes: 0,
    choices: 0,
    finishReasons: ['PROHIBITED_CONTENT'],
  })
  for (const bytes of ['', '[]', '{}', '{"candidates":[]}', '{"candidates":"x"}', '{"candidates":[7]}', '{"error":{}}'])
    assert.equal(geminiGenerate.readAnswer(Buffer.from(bytes), anyCall), null, bytes)
})
