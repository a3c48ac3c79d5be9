import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { stringify } from 'yaml'
import { meansNames } from '../core/action.ts'
import { parseConfig } from './load.ts'
import { formatProblems } from './problem.ts'
import { showConfig } from './show.ts'
import { minimal, outsideOf } from './testing.ts'

/*
 * Any configuration of response that loads is shown so that it loads again as the same. What is made here is nearly
 * always good; what is not has to say why, and never by throwing.
 */
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const mode = fc.constantFrom('enforce', 'shadow', 'off')
const part = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true })
const duration = (minMs: number, maxMs: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.integer({ min: minMs, max: maxMs }).map((ms) => `${ms}ms`),
    fc.integer({ min: Math.ceil(minMs / 1000), max: Math.floor(maxMs / 1000) }).map((s) => `${s}s`),
    fc.integer({ min: Math.ceil(minMs / 60_000), max: Math.floor(maxMs / 60_000) }).map((m) => `${m}m`),
  )
const range = (maxMs: number): fc.Arbitrary<readonly string[]> =>
  fc
    .tuple(fc.integer({ min: 1, max: maxMs }), fc.integer({ min: 1, max: maxMs }))
    .map((two) => two.toSorted((a, b) => a - b).map((ms) => `${ms}ms`))
/** Names that YAML would read as something else are among them. */
const name = fc.oneof(
  fc.constantFrom('default', '0', '1e3', 'true', 'null', 'no', '0x1f', '12-31', '007'),
  fc.stringMatching(/^[a-z0-9-]{1,48}$/),
)
const anyText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  fc.constantFrom('# a', ' a', 'a ', 'a: b', '- a', '"', "'", '${A}', '$${A}', '*a', '&a', '!a', '%', '@', '|', 'a\nb'),
)
/** As it is written in the file: `${` stands for a variable there. */
const written = (text: string): string => text.replaceAll('${', () => '$${')

const soft = fc.oneof(
  fc.record({ throttle: fc.record({ requests_per_minute: part(0.1, 100_000) }) }),
  fc.record({ tarpit: fc.record({ first_byte: range(300_000), per_chunk: some(range(60_000)) }) }),
  fc.record({ restrict: fc.record({ max_tokens: some(fc.integer({ min: 1, max: 1e7 })), model: fc.constant('m:1') }) }),
  fc.record({
    step_up: fc.record({
      grace: some(fc.integer({ min: 0, max: 10_000 })),
      means: fc.shuffledSubarray([...meansNames], { minLength: 2 }),
    }),
  }),
)
const firm = fc.oneof(
  fc.record({
    squeeze: fc.record({ factor: part(0.001, 0.999), requests_per_day: some(fc.integer({ min: 1, max: 1e9 })) }),
  }),
  fc.record({ decoy: fc.constant({ upstream: 'main' }) }),
  fc.constantFrom({ cooldown: {} }, { block: null }),
)
const on = <T extends object>(action: fc.Arbitrary<T>, subjects: readonly string[]): fc.Arbitrary<object> =>
  fc
    .tuple(action, fc.record({ on: some(fc.constantFrom(...subjects)), mode: some(mode) }))
    .map(([a, b]) => Object.assign({}, a, b))
const people = ['key', 'user', 'account', 'fingerprint', 'campaign']
const action = fc.oneof(
  fc.constantFrom('tarpit', 'restrict', 'step_up', 'cooldown', 'quarantine', 'block'),
  on(soft, [...people, 'ip_prefix', 'asn']),
  on(firm, people),
)
const kindOf = (one: string | object): string =>
  typeof one === 'string'
    ? `${one} ${one === 'quarantine' ? 'key' : 'account'}`
    : `${Object.keys(one)[0]} ${(one as { on?: string }).on ?? 'account'}`

/** No two alike in one level, and no block beside a step-up. */
const actions = fc.uniqueArray(action, { selector: kindOf, minLength: 1, maxLength: 4 }).map((all) => {
  const asks = all.some((one) => kindOf(one).startsWith('step_up'))
  return asks ? all.filter((one) => !kindOf(one).startsWith('block')) : all
})
const level = fc.record({ mode: some(mode), actions, alert: some(fc.constantFrom([], ['ops'])) })
const thresholds = fc
  .uniqueArray(part(21, 1e12), { minLength: 4, maxLength: 4 })
  .map((values) => values.toSorted((a, b) => a - b))
const levels = fc
  .tuple(
    fc.subarray(['step_up', 'tarpit', 'squeeze', 'block'], { minLength: 1 }),
    thresholds,
    fc.array(level, { minLength: 4, maxLength: 4 }),
  )
  .map(([names, evidence, all]) =>
    Object.fromEntries(names.map((name, i) => [name, { ...all[i], evidence: name === 'block' ? 1e12 : evidence[i] }])),
  )
const playbook = fc.record({
  name,
  mode: some(mode),
  match: some(
    fc.record({
      tenant: some(fc.array(anyText.map(written), { minLength: 1, maxLength: 3 })),
      asn: some(fc.integer({ min: 0, max: 4_294_967_295 })),
      when: some(fc.constantFrom('stream', 'reputation < 30', 'user.startsWith("a: #") && hour in [1, 2]')),
    }),
  ),
  levels,
  cooldown: some(duration(1000, 3_600_000)),
  hysteresis: some(part(0.01, 1)),
  probation: some(fc.record({ lasts: some(duration(0, 86_400_000)), factor: some(part(0.001, 1)) })),
  longest: duration(3_600_000, 366 * 86_400_000),
})
const label = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/).filter((text) => !/^(?:key|jwt|cert|pt|ops)$/.test(text))
const file = fc.record({
  playbooks: fc.uniqueArray(playbook, { selector: ({ name }) => name, maxLength: 3 }),
  step_up: some(
    fc.record({ proof_bits: some(fc.integer({ min: 1, max: 30 })), challenge: some(duration(10_000, 86_400_000)) }),
  ),
  tarpit: some(
    fc.record({
      max_held: some(fc.integer({ min: 1, max: 100_000 })),
      max_held_bytes: some(fc.integer({ min: 1, max: 2 ** 32 })),
    }),
  ),
  decoys: some(
    fc.record({
      endpoints: some(fc.constantFrom([], [{ path: '/.env', weight: 1.25 }, { path: '/a/b~c' }])),
      models: some(
        fc.uniqueArray(
          fc.record({ name: label, weight: part(1, 1e6), from_level: fc.constantFrom('step_up', 'squeeze') }),
          {
            selector: ({ name }) => name,
            maxLength: 3,
          },
        ),
      ),
      aliases: some(fc.record({ model: label, prefix: some(label), weight: some(part(1, 1e6)) })),
      prompt_canary: some(
        fc.record({
          on_touch: some(fc.constantFrom('alert', 'cut')),
          min_echo: some(fc.integer({ min: 1, max: 100 })),
        }),
      ),
      upstream: some(fc.constant('main')),
    }),
  ),
  alerts: fc.uniqueArray(
    fc.record({
      name: label,
      kind: fc.constantFrom('webhook', 'slack', 'syslog'),
    }),
    { selector: ({ name }) => name, maxLength: 2 },
  ),
  loops: some(
    fc.record({
      repeats: some(fc.integer({ min: 3, max: 1000 })),
      within: some(duration(1000, 86_400_000)),
      requests_per_minute: some(part(0.1, 100_000)),
      lasts: some(duration(1000, 86_400_000)),
    }),
  ),
  truth: some(
    fc.record({
      held_back: some(part(0, 0.1)),
      max_wrong: fc.oneof(fc.constant('never'), part(0.001, 0.9)),
      least_reviewed: fc.integer({ min: 5, max: 100_000 }),
    }),
  ),
})
const urls = { webhook: 'https://a.example', slack: 'https://b.example/', syslog: 'udp://[::1]:514' }

test('any configuration of response that loads is shown as one that loads as the same', () => {
  let loaded = 0
  const refused = new Map<string, number>()
  fc.assert(
    fc.property(file, ({ alerts, ...rest }) => {
      const all = [{ name: 'ops', kind: 'syslog' as const }, ...alerts].map(({ name, kind }) => ({
        name,
        kind,
        url: urls[kind],
      }))
      const text = `${minimal}${stringify({ ...rest, alerts: all })}`
      const first = parseConfig(text, 'weir.yaml', {}, outsideOf())
      if (!first.ok) {
        for (const { message, hint, line, column } of first.error) {
          assert.ok(hint !== '' && line >= 5 && column >= 1, text)
          refused.set(message.replace(/\[\d+\]/g, '[]'), (refused.get(message) ?? 0) + 1)
        }
        return
      }
      loaded++
      const shown = showConfig(first.value)
      const again = parseConfig(shown, 'weir.yaml', {}, outsideOf())
      assert.ok(again.ok, again.ok ? '' : `${formatProblems(again.error)}\n${shown}`)
      assert.equal(again.value.hash, first.value.hash)
      assert.deepEqual(again.value, first.value)
      // What is shown once is shown the same way again.
      assert.equal(showConfig(again.value), shown)
    }),
    { numRuns: 150 },
  )
  assert.ok(loaded > 75, `${loaded} of 150 loaded; refused: ${JSON.stringify([...refused])}`)
})

test('whatever is written into the sections of response is answered with places and hints, and never with an exception', () => {
  const junk = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, '', 0, -1, 1e13, true, 'block', 'step_up', 'enforce', '1d', 'x'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          ...'name mode match levels notice step_up tarpit squeeze block actions evidence alert on throttle longest'.split(
            ' ',
          ),
          ...'cooldown keys models endpoints path aliases model prefix url kind secret max_wrong when trust'.split(' '),
        ),
        tie('any'),
        { maxKeys: 4 },
      ),
    ),
  })).any
  const section = fc.constantFrom('playbooks', 'step_up', 'tarpit', 'decoys', 'alerts', 'truth')
  fc.assert(
    fc.property(section, fc.oneof(junk, fc.array(junk, { maxLength: 3 })), (name, value) => {
      const result = parseConfig(`${minimal}${stringify({ [name]: value })}`, 'weir.yaml', {}, outsideOf())
      if (result.ok) return
      assert.ok(result.error.length > 0)
      for (const { message, hint, line } of result.error) {
        assert.ok(message !== '' && hint !== '' && line >= 5, `${message} / ${hint}`)
        assert.ok(!`${message} ${hint}`.includes('undefined'), `${message} / ${hint}`)
      }
    }),
    { numRuns: 1500 },
  )
})
