import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCaps } from '../core/caps.ts'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const everything =
  'max_messages: 10, max_choices: 1, max_tokens: 0, max_prompt: 1MiB, max_tools: 0, max_images: 3, ' +
  'temperature: [0, 1.5], max_stops: 4, max_stop_chars: 64'
const read = {
  maxMessages: 10,
  maxChoices: 1,
  maxTokens: 0,
  maxPromptBytes: 1_048_576,
  maxTools: 0,
  maxOpaqueParts: 3,
  temperature: { min: 0, max: 1.5 },
  maxStops: 4,
  maxStopChars: 64,
}

test('requests can be bounded for everybody, by model and by trust', () => {
  const config = configOf(`${minimal.replace('upstream: main', `upstream: main, request: { ${everything} }`)}
request: { ${everything} }
trust_profiles: { new: { request: { ${everything} } } }
`)
  assert.deepEqual(config.models[0]?.request, read)
  assert.deepEqual(config.trustProfiles.get('new')?.request, read)
  assert.deepEqual(config.request.caps, { ...read, maxMessages: null })
  assert.equal(config.request.maxMessages, 10)
  assert.deepEqual(configOf(minimal).models[0]?.request, noCaps)
})

test('each bound is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'max_choices: -1': '5:25 request.max_choices: must be at least 0',
    'max_tokens: many': '5:24 request.max_tokens: expected a whole number, found text',
    'max_prompt: 65MiB': '5:24 request.max_prompt: must be from 1 to 64MiB',
    'temperature: [2, 0]': '5:25 request.temperature: not a range of two numbers',
    'temperature: [1]': '5:25 request.temperature: not a range of two numbers',
    'temperature: [0, 1, 2]': '5:25 request.temperature: not a range of two numbers',
    'temperature: [-1, 0]': '5:26 request.temperature[0]: must be at least 0',
    'temperature: 1': '5:25 request.temperature: expected a list, found a number',
    'max_depth: 3': '5:23 request.max_depth: must be at least 4',
    'max_image: 1': '5:12 request.max_image: unknown key "max_image"',
  }
  for (const [fields, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(`${minimal}request: { ${fields} }\n`)[0], problem, fields)
  }
  assert.deepEqual(hintsOf(`${minimal}request: { temperature: [2, 0] }\n`), ['write the lower one first: [0, 1]'])
  const model = minimal.replace('upstream: main', 'upstream: main, request: { max_body: 1MiB }')
  assert.deepEqual(problemsOf(model), ['4:37 models["*"].request.max_body: unknown key "max_body"'])
})

test('what is looked for in prompts is noted, unless it is said otherwise', () => {
  const { screening } = configOf(`${minimal}screening: { glitch_tokens: refuse, flood: "off", max_scan: 1KiB }\n`)
  assert.deepEqual(screening, {
    actions: { invisible_unicode: 'flag', encoded_payload: 'flag', glitch_tokens: 'refuse', flood: 'off' },
    maxScanBytes: 1024,
  })
  assert.deepEqual(problemsOf(`${minimal}screening: { flood: false, invisible: flag }\n`), [
    '5:21 screening.flood: not one of the words that are known here',
    '5:28 screening.invisible: unknown key "invisible"',
  ])
})
