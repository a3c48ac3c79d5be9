import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noFacts, type Numbers } from '../core/dimensions.ts'
import { compileCondition } from './condition.ts'
import type { Condition } from './config.ts'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const numbers: Numbers = {
  input_tokens: 3000,
  max_tokens: 0,
  choices: 1,
  messages: 2,
  body_bytes: 9000,
  images: 0,
  tools: 0,
  stream: true,
  reputation: 50,
  hour: 3,
  weekday: 7,
}
const facts = { ...noFacts, user: 'bob', profile: 'human_seat', asn: '64500', prompt_class: 'code' }

function condition(source: string): Condition {
  const result = compileCondition(source)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

function problem(source: string): string {
  const result = compileCondition(source)
  assert.ok(!result.ok, source)
  assert.notEqual(result.error.hint, '')
  return `${result.error.within ?? '-'} ${result.error.message}`
}

test('a condition is asked of facts and numbers', () => {
  const known: Readonly<Record<string, boolean>> = {
    'input_tokens > 2000 && stream': true,
    'input_tokens > 3000 || !stream': false,
    'profile == "human_seat" && hour < 5': true,
    'user.startsWith("b") && !user.contains("z") && user.size() == 3': true,
    'asn in ["64500", "64501"]': true,
    '["a", "b"].exists(x, user.startsWith(x))': true,
    '["a", "b"].all(x, user.startsWith(x))': false,
    'prompt_class == "code" ? weekday == 7 : false': true,
    'global == "" && country == "-"': true,
    'reputation <= 50 && max_tokens == 0': true,
    'double(input_tokens) / 2.0 > 1499.5': true,
    false: false,
  }
  for (const [source, holds] of Object.entries(known)) {
    assert.equal(condition(source).holds(facts, numbers), holds, source)
  }
})

test('every dimension and every number is a variable', () => {
  const all = Object.keys(noFacts).map((name) => `${name} == ${name}`)
  for (const name of Object.keys(numbers)) all.push(name === 'stream' ? 'stream' : `${name} >= 0`)
  for (const source of all) assert.equal(condition(source).holds(facts, numbers), true, source)
})

test('a condition that cannot be evaluated holds', () => {
  for (const source of ['1 / max_tokens == 2', 'user.substring(99) == "x"', '[1][images + 7] == 1', 'int(user) == 1']) {
    assert.equal(condition(source).holds(facts, numbers), true, source)
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(condition('input_tokens > 1 && false').holds(facts, { ...numbers, input_tokens: value }), true)
  }
  const broken = { ...facts, user: undefined } as unknown as typeof facts
  assert.equal(condition('user == "x"').holds(broken, numbers), true)
})

test('a number that is not whole is cut off, not refused', () => {
  assert.equal(condition('reputation < 50').holds(facts, { ...numbers, reputation: 49.9 }), true)
})

test('regular expressions are refused however they are spelled', () => {
  for (const source of [
    'user.matches("^(a+)+$")',
    'user . matches ( "a" )',
    'user.// of no use\nmatches("a")',
    'matches(user, "a")',
    'true || user\t.\nmatches("a")',
    '["a"].exists(x, user.matches(x))',
    '(stream ? user : key).matches("a")',
  ]) {
    assert.match(problem(source), /matches is not evaluated here/, source)
  }
  // As text it is harmless.
  assert.equal(condition('user == "matches(x)"').holds(facts, numbers), false)
})

test('what could make a request expensive is refused', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    'user.split("").exists(x, x == "a")': /lists of at most 16 entries, written out/,
    'cel.bind(x, user, x == x)': /no function "bind"/,
    '["a"].map(x, x) == ["a"]': /no function "map"/,
    'user.split(",").size() > 1': /no function "split"/,
    'timestamp("2026-01-01T00:00:00Z") > timestamp("2025-01-01T00:00:00Z")': /no function "timestamp"/,
    'dyn(user) == 1': /no function "dyn"/,
    '["a"].exists(x, ["b"].exists(y, x == y))': /exists inside of another one/,
    '["a"].all(x, ["b"].exists(y, x == y))': /exists inside of another one/,
    '(["a"] + ["b"]).exists(x, x == user)': /lists of at most 16 entries, written out/,
    [`[${Array(17).fill('"a"').join()}].exists(x, x == user)`]: /lists of at most 16 entries/,
    [`hour in [${Array(257).fill('1').join()}]`]: /too long, or nested too deeply/,
    [`${'('.repeat(30)}stream${')'.repeat(30)}`]: /too long, or nested too deeply/,
    [Array(300).fill('stream').join('||').slice(0, 1023)]: /CEL: unexpected|too long/,
    [`user == "${'a'.repeat(1024)}"`]: /longer than 1024 characters/,
  }
  for (const [source, message] of Object.entries(cases)) assert.match(problem(source), message, source)
})

test('a condition says yes or no, of variables that there are, and of one type', () => {
  assert.equal(problem('user'), '- says a value of type string and not whether it holds')
  assert.equal(problem('input_tokens + 1'), '- says a value of type int and not whether it holds')
  assert.equal(problem('stream && strem'), '10 there is no variable "strem"')
  assert.equal(problem('wr_acme1_0123456789abcdef0123456789abcdef'), '0 there is no such variable')
  assert.equal(problem('user == 1'), '0 CEL: no such overload: string == int')
  assert.equal(problem('stream && '), '10 CEL: unexpected here')
  assert.equal(problem('user == "a'), '8 CEL: text without its closing quote')
  assert.equal(problem(''), '0 CEL: unexpected here')
})

test('what is wrong in a condition is pointed at in its line', () => {
  const quota = (when: string): string =>
    `${minimal}quotas:\n  - { name: a, tokens: 1, window: 1m, match: { when: ${when} } }\n`
  assert.deepEqual(problemsOf(quota('stream && strem')), ['6:64 quotas[0].match.when: there is no variable "strem"'])
  assert.deepEqual(problemsOf(quota("'stream && strem'")), ['6:65 quotas[0].match.when: there is no variable "strem"'])
  assert.deepEqual(hintsOf(quota('stream && strem')), ['did you mean "stream"?'])
  // Escapes make the text in the file longer than the value: then the value is pointed at.
  assert.deepEqual(problemsOf(quota('"\\"a\\" == user && strem"')), [
    '6:54 quotas[0].match.when: there is no variable "strem"',
  ])
  const when = configOf(quota("'input_tokens > 10'")).quotas[0]!.when!
  assert.equal(when.source, 'input_tokens > 10')
  assert.ok(Object.isFrozen(when))
  assert.equal(when.holds(facts, numbers), true)
})

test('no text makes the compiler throw, and no problem repeats a long word of it', () => {
  const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
  const piece = fc.constantFrom(
    'user',
    '==',
    '"',
    "'",
    '(',
    ')',
    '[',
    ']',
    '.',
    '&&',
    '?',
    ':',
    '1',
    '-',
    '{',
    '}',
    secret,
    ' ',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (source) => {
      const result = compileCondition(source)
      if (result.ok) assert.equal(typeof result.value.holds(facts, numbers), 'boolean')
      else assert.ok(!`${result.error.message}${result.error.hint}`.includes(secret))
    }),
    { numRuns: 1000 },
  )
})
