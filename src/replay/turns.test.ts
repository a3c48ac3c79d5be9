import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Notes } from './notes.ts'
import { inlineParams, paramsOf, turnsOf } from './turns.ts'

/** `role: text`, one for each turn. */
function turns(body: Readonly<Record<string, unknown>>): { turns: readonly string[]; notes: number } {
  const notes = new Notes()
  return {
    turns: turnsOf(body, notes).map(({ role, text }) => `${role}: ${text}`),
    notes: notes.list().reduce((sum, { count }) => sum + count, 0),
  }
}

const text = (value: string): object => ({ type: 'text', text: value })

test("OpenAI's chat messages, with parts, tools and both names of the system", () => {
  const body = {
    messages: [
      { role: 'developer', content: 'Be short.' },
      { role: 'user', content: [text('What is'), { type: 'image_url', image_url: { url: 'data:' } }, text('this?')] },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'look', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'a river' },
      { role: 'function', name: 'look', content: 'a canal' },
      { role: 'assistant', content: 'A river.' },
    ],
  }
  assert.deepEqual(turns(body), {
    turns: [
      'system: Be short.',
      'user: What is\nthis?',
      'assistant: ',
      'tool: a river',
      'tool: a canal',
      'assistant: A river.',
    ],
    notes: 0,
  })
})

test("Anthropic's messages: the system beside them, and tool results as turns of their own", () => {
  const body = {
    system: [text('Be kind.'), text('Be brief.')],
    messages: [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: [text('I will.'), { type: 'tool_use', id: 't', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [text('seen')] }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'seen again' }, text('And now?')] },
    ],
  }
  assert.deepEqual(turns(body).turns, [
    'system: Be kind.\nBe brief.',
    'user: Look.',
    'assistant: I will.',
    'tool: seen',
    'tool: seen again',
    'user: And now?',
  ])
})

test("Gemini's contents: parts, a missing role, functions and the system instruction", () => {
  const body = {
    systemInstruction: { parts: [{ text: 'Be exact.' }] },
    contents: [
      { parts: [{ text: 'Hello' }] },
      { role: 'model', parts: [{ text: 'Hi' }, { functionCall: { name: 'f' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { ok: 1 } } }] },
    ],
  }
  assert.deepEqual(turns(body), {
    turns: ['system: Be exact.', 'user: Hello', 'assistant: Hi', 'tool: {"ok":1}'],
    notes: 0,
  })
})

test('prompts and inputs are a text, a list of texts, items of the Responses API, or tokens, which hold no text', () => {
  for (const [body, expected] of [
    [{ prompt: 'one' }, ['user: one']],
    [{ prompt: ['one', 'two'] }, ['user: one', 'user: two']],
    [{ prompt: [[1, 2], [3]] }, []],
    [{ prompt: [1, 2] }, []],
    [{ input: 'one' }, ['user: one']],
    [{ input: ['one', 'two'] }, ['user: one', 'user: two']],
    [{ input: [1, 2, 3] }, []],
    [{ messages: 'all in one' }, ['user: all in one']],
    [
      {
        instructions: 'Short.',
        input: [
          { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
          { role: 'user', content: 'Hi again' },
          { type: 'reasoning', summary: [] },
          { type: 'function_call', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c', output: 'done' },
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Bye' }] },
        ],
      },
      ['system: Short.', 'user: Hi', 'user: Hi again', 'assistant: ', 'tool: done', 'assistant: Bye'],
    ],
  ] as const) {
    assert.deepEqual(turns(body).turns, expected, JSON.stringify(body))
  }
})

test('what is not as in any API is left out or read as the user, and noted', () => {
  for (const [body, expected, notes] of [
    [{}, [], 0],
    [{ messages: null, prompt: null }, [], 0],
    [{ messages: 7 }, [], 1],
    [{ messages: { a: 1 } }, [], 1],
    [{ messages: [null, 7, true, []] }, [], 2],
    [{ messages: [{}] }, ['user: '], 1],
    [{ messages: [{ role: 'oracle', content: 'x' }] }, ['user: x'], 1],
    [{ messages: [{ role: 7, content: { text: 'x' } }] }, ['user: x'], 1],
    [{ messages: [{ role: 'user', content: [null, 7, [], { text: 7 }, 'x'] }] }, ['user: x'], 0],
    [{ messages: [{ role: '__proto__', content: 'x' }] }, ['user: x'], 1],
  ] as const) {
    const found = turns(body)
    assert.deepEqual([found.turns, found.notes], [expected, notes], JSON.stringify(body))
  }
  let deep: unknown = 'x'
  for (let i = 0; i < 10_000; i++) deep = [{ type: 'tool_result', content: deep }]
  assert.deepEqual(turns({ messages: [{ role: 'user', content: deep }] }).turns, ['tool: '])
  // Not every engine can write it again: what matters is that none gives up.
  const response = JSON.parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`) as unknown
  const nested = turnsOf({ contents: [{ parts: [{ functionResponse: { response } }] }] }, new Notes())
  assert.deepEqual(
    nested.map(({ role }) => role),
    ['tool'],
  )
})

test('parameters are all that is neither text nor has a field of its own', () => {
  const body = { model: 'm', stream: true, messages: [], user: 'u', temperature: 0, tools: [], odd: 1 }
  assert.deepEqual(paramsOf(body), { temperature: 0, tools: [], odd: 1 })
  assert.deepEqual(inlineParams(body), { temperature: 0, tools: [] })
})
