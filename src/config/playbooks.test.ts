import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFacts, type Numbers } from '../core/dimensions.ts'
import type { Playbook, PlaybookAction } from './response-config.ts'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

/** Line 5 is `playbooks:`, line 6 the entry. */
const text = (entry: string, more = ''): string => `${minimal}playbooks:\n  - ${entry}\n${more}`
const found = (entry: string, more = ''): Playbook => configOf(text(entry, more)).response.playbooks[0]!
/** One level's actions, from column 63 on. */
const withActions = (actions: string): string =>
  `{ name: abc, longest: 30d, levels: { step_up: { actions: [${actions}] } } }`
const actions = (written: string, more = ''): readonly PlaybookAction[] =>
  found(withActions(written), more).levels[0]!.actions
const wrongActions = (written: string): readonly string[] => problemsOf(text(withActions(written)))
const oneHint = (entry: string): string => {
  const hints = hintsOf(text(entry))
  assert.equal(hints.length, 1, entry)
  return hints[0]!
}

const quiet: Numbers = {
  input_tokens: 1,
  max_tokens: 0,
  choices: 1,
  messages: 1,
  body_bytes: 1,
  images: 0,
  tools: 0,
  stream: false,
  reputation: 50,
  hour: 12,
  weekday: 1,
}

test('a playbook has its defaults', () => {
  assert.deepEqual(found('{ name: a, longest: 30d, levels: { block: { actions: [block] } } }'), {
    name: 'a',
    mode: 'enforce',
    match: [],
    when: null,
    levels: [
      {
        level: 'block',
        evidence: null,
        mode: 'enforce',
        actions: [{ mode: 'enforce', on: 'account', spec: { action: 'block' } }],
        alert: [],
      },
    ],
    cooldownMs: 86_400_000,
    hysteresis: 0.5,
    probation: { lastsMs: 604_800_000, factor: 0.5 },
    longestMs: 30 * 86_400_000,
  })
})

test('everything that can be said of a playbook is taken; levels come lowest first however they are written', () => {
  const entry = `name: a-1
    mode: shadow
    match: { tenant: [acme, "b*"], when: 'reputation < 30' }
    levels:
      block: { evidence: 2000, mode: enforce, actions: [block], alert: [s] }
      squeeze: { mode: "off", evidence: 1e12 }
      notice: { evidence: 150, alert: [s] }
    cooldown: 6h
    hysteresis: 1
    probation: { lasts: 0s, factor: 0.25 }
    longest: 366d`
  const { when, ...rest } = found(entry, 'alerts: [{ name: s, kind: syslog, url: "udp://127.0.0.1:514" }]\n')
  assert.equal(when?.source, 'reputation < 30')
  assert.equal(when?.holds(noFacts, quiet), false)
  assert.equal(when?.holds(noFacts, { ...quiet, reputation: 29 }), true)
  const block: PlaybookAction = { mode: 'enforce', on: 'account', spec: { action: 'block' } }
  assert.deepEqual(rest, {
    name: 'a-1',
    mode: 'shadow',
    match: [{ dimension: 'tenant', globs: ['acme', 'b*'] }],
    levels: [
      { level: 'notice', evidence: 150, mode: 'enforce', actions: [], alert: ['s'] },
      { level: 'squeeze', evidence: 1e12, mode: 'off', actions: [], alert: [] },
      { level: 'block', evidence: 2000, mode: 'enforce', actions: [block], alert: ['s'] },
    ],
    cooldownMs: 21_600_000,
    hysteresis: 1,
    probation: { lastsMs: 0, factor: 0.25 },
    longestMs: 366 * 86_400_000,
  })
})

test('each action has its settings, and its defaults', () => {
  const spec = (written: string): unknown => actions(written)[0]!.spec
  assert.deepEqual(spec('{ throttle: { requests_per_minute: 0.5 } }'), { action: 'throttle', requestsPerMinute: 0.5 })
  const tarpit = { action: 'tarpit', firstByteMs: [2000, 8000], perChunkMs: [50, 400] }
  assert.deepEqual(spec('tarpit'), tarpit)
  assert.deepEqual(spec('{ tarpit: { per_chunk: [1s, 1s] } }'), { ...tarpit, perChunkMs: [1000, 1000] })
  assert.deepEqual(spec('restrict'), { action: 'restrict', maxTokens: null, model: null })
  assert.deepEqual(spec('{ restrict: { max_tokens: 256, model: gpt-4o-mini } }'), {
    action: 'restrict',
    maxTokens: 256,
    model: 'gpt-4o-mini',
  })
  assert.deepEqual(spec('{ squeeze: { factor: 0.1 } }'), { action: 'squeeze', factor: 0.1, requestsPerDay: null })
  assert.deepEqual(spec('{ squeeze: { requests_per_day: 50 } }'), { action: 'squeeze', factor: 1, requestsPerDay: 50 })
  const asked = { action: 'step_up', grace: 20, means: ['proof_of_work', 'attestation', 'purpose'] }
  assert.deepEqual(spec('step_up'), asked)
  assert.deepEqual(spec('{ step_up: { grace: 0, means: [grant] } }'), { ...asked, grace: 0, means: ['grant'] })
  assert.deepEqual(spec('{ decoy: { upstream: main } }'), { action: 'decoy', upstream: 'main' })
  for (const bare of ['cooldown', 'quarantine', 'block'] as const) {
    for (const written of [bare, `{ ${bare} }`, `{ ${bare}: {} }`]) assert.deepEqual(spec(written), { action: bare })
  }
})

test('an action falls on the account unless said, a quarantine on the key; and has a mode of its own', () => {
  const [block, quarantine, cooldown] = actions('block, quarantine, { cooldown, on: campaign, mode: shadow }')
  assert.deepEqual([block!.on, quarantine!.on, cooldown!.on, cooldown!.mode], ['account', 'key', 'campaign', 'shadow'])
})

test('each field of a playbook is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    '{ levels: {} , mode: "off" }': '6:5 playbooks[0].name: is required',
    '{ name: A, mode: "off" }': '6:13 playbooks[0].name: not a name of 1 to 48 lower-case letters, digits and "-"',
    '{ name: a, mode: on }': '6:22 playbooks[0].mode: not one of the words that are known here',
    '{ name: a, mode: "off", levels: [] }': '6:37 playbooks[0].levels: expected a map of keys and values, found a list',
    '{ name: a, mode: "off", levels: { watch: {} } }': '6:39 playbooks[0].levels.watch: unknown key "watch"',
    '{ name: a, mode: "off", levels: { notice: { evidence: 0 } } }':
      '6:59 playbooks[0].levels.notice.evidence: must be at least 1',
    '{ name: a, mode: "off", levels: { notice: { evidence: 1e13 } } }':
      '6:59 playbooks[0].levels.notice.evidence: must be at most 1000000000000',
    '{ name: a, mode: "off", cooldown: 0s }': '6:39 playbooks[0].cooldown: must be from 1s to 366d',
    '{ name: a, mode: "off", hysteresis: 1.5 }': '6:41 playbooks[0].hysteresis: must be at most 1',
    '{ name: a, mode: "off", hysteresis: 0 }': '6:41 playbooks[0].hysteresis: must be at least 0.01',
    '{ name: a, mode: "off", probation: 7d }':
      '6:40 playbooks[0].probation: expected a map of keys and values, found text',
    '{ name: a, mode: "off", probation: { factor: 0 } }': '6:50 playbooks[0].probation.factor: must be at least 0.001',
    '{ name: a, mode: "off", match: { tenat: x } }': '6:38 playbooks[0].match.tenat: unknown key "tenat"',
    '{ name: a, mode: "off", match: { trust: nwe } }': '6:45 playbooks[0].match.trust: there is no trust profile "nwe"',
    '{ name: a, mode: "off", longst: 30d }': '6:29 playbooks[0].longst: unknown key "longst"',
  }
  for (const [entry, problem] of Object.entries(cases)) assert.deepEqual(problemsOf(text(entry)), [problem], entry)
})

test('a condition of the wrong type, with matches, or about a name that there is not, is refused where it is wrong', () => {
  const when = (source: string): readonly string[] =>
    problemsOf(text(`{ name: a, mode: "off", match: { when: '${source}' } }`))
  assert.deepEqual(when('reputation'), [
    '6:44 playbooks[0].match.when: says a value of type int and not whether it holds',
  ])
  assert.deepEqual(when('user.matches("a+")'), [
    '6:45 playbooks[0].match.when: matches is not evaluated here: a client could keep it busy',
  ])
  assert.deepEqual(when('repute < 3'), ['6:45 playbooks[0].match.when: there is no variable "repute"'])
  assert.equal(when('reputation < "3"').length, 1)
  assert.equal(
    oneHint(`{ name: a, mode: "off", match: { when: 'user.matches("a+")' } }`),
    'use startsWith, endsWith or contains, or a glob of match',
  )
})

test('each setting of an action is checked', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    blok: ['6:63 playbooks[0].levels.step_up.actions[0]: not one of the words that are known here'],
    throttle: ['6:63 playbooks[0].levels.step_up.actions[0]: not one of the words that are known here'],
    '3': ['6:63 playbooks[0].levels.step_up.actions[0]: not one of the words that are known here'],
    '[block]': ['6:63 playbooks[0].levels.step_up.actions[0]: cannot be a list'],
    '{ on: key }': ['6:63 playbooks[0].levels.step_up.actions[0]: names no action'],
    '{ blok: {} }': [
      '6:63 playbooks[0].levels.step_up.actions[0]: names no action',
      '6:65 playbooks[0].levels.step_up.actions[0].blok: unknown key "blok"',
    ],
    '{ block: {}, cooldown: {} }': [
      '6:65 playbooks[0].levels.step_up.actions[0].block: an entry is one action, and this one is cooldown already',
    ],
    '{ block, on: tenant }': [
      '6:76 playbooks[0].levels.step_up.actions[0].on: not one of the words that are known here',
    ],
    '{ block, on: descriptor }': [
      '6:76 playbooks[0].levels.step_up.actions[0].on: not one of the words that are known here',
    ],
    '{ throttle: {} }': ['6:65 playbooks[0].levels.step_up.actions[0].throttle.requests_per_minute: is required'],
    '{ throttle: }': ['6:65 playbooks[0].levels.step_up.actions[0].throttle: has no value'],
    '{ throttle: { requests_per_minute: 0 } }': [
      '6:98 playbooks[0].levels.step_up.actions[0].throttle.requests_per_minute: must be at least 0.1',
    ],
    '{ tarpit: { first_byte: [2s, 8s, 9s] } }': [
      '6:87 playbooks[0].levels.step_up.actions[0].tarpit.first_byte: not two durations, the shortest and the longest',
    ],
    '{ tarpit: { first_byte: [8s, 2s] } }': [
      '6:87 playbooks[0].levels.step_up.actions[0].tarpit.first_byte: the shortest comes first',
    ],
    '{ tarpit: { first_byte: [2s, 6m] } }': [
      '6:92 playbooks[0].levels.step_up.actions[0].tarpit.first_byte[1]: must be from 0ms to 5m',
    ],
    '{ tarpit: { first_byte: [0s, 0s], per_chunk: [0ms, 0ms] } }': [
      '6:73 playbooks[0].levels.step_up.actions[0].tarpit: slows nothing',
    ],
    '{ restrict: { model: "gpt*" } }': [
      '6:84 playbooks[0].levels.step_up.actions[0].restrict.model: not the name of a model',
    ],
    '{ restrict: { max_tokens: 0 } }': [
      '6:89 playbooks[0].levels.step_up.actions[0].restrict.max_tokens: must be at least 1',
    ],
    '{ squeeze: {} }': ['6:74 playbooks[0].levels.step_up.actions[0].squeeze: squeezes nothing'],
    '{ squeeze: { factor: 2 } }': ['6:84 playbooks[0].levels.step_up.actions[0].squeeze.factor: must be at most 1'],
    '{ step_up: { means: [] } }': ['6:83 playbooks[0].levels.step_up.actions[0].step_up.means: is empty'],
    '{ step_up: { means: [captcha] } }': [
      '6:84 playbooks[0].levels.step_up.actions[0].step_up.means[0]: not one of the words that are known here',
    ],
    '{ step_up: { means: [grant, grant] } }': [
      '6:91 playbooks[0].levels.step_up.actions[0].step_up.means[1]: named twice',
    ],
    '{ step_up: { grace: -1 } }': ['6:83 playbooks[0].levels.step_up.actions[0].step_up.grace: must be at least 0'],
    '{ decoy: {} }': ['6:65 playbooks[0].levels.step_up.actions[0].decoy.upstream: is required'],
    '{ block: { for: 1d } }': ['6:74 playbooks[0].levels.step_up.actions[0].block.for: unknown key "for"'],
  }
  for (const [written, problems] of Object.entries(cases)) assert.deepEqual(wrongActions(written), problems, written)
})

test('a network alone meets nothing firmer than step_up, and a quarantine nobody but a key', () => {
  const message = (name: string): string => `a network alone meets nothing firmer than step_up, and ${name} is firmer`
  for (const on of ['ip_prefix', 'asn']) {
    assert.deepEqual(wrongActions(`{ block, on: ${on} }`), [
      `6:76 playbooks[0].levels.step_up.actions[0].on: ${message('block')}`,
    ])
    for (const firm of ['decoy: { upstream: main }', 'squeeze: { factor: 0.1 }', 'cooldown', 'quarantine']) {
      const found = wrongActions(`{ ${firm}, on: ${on} }`)
      assert.equal(found.length, 1)
      assert.ok(found[0]!.endsWith(`.on: ${message(firm.replace(/\W.*/, ''))}`), String(found[0]))
    }
    for (const soft of ['throttle: { requests_per_minute: 6 }', 'tarpit', 'restrict', 'step_up']) {
      assert.deepEqual(wrongActions(`{ ${soft}, on: ${on} }`), [], soft)
    }
  }
  assert.equal(oneHint(withActions('{ block, on: asn }')), 'write on: account or on: campaign, or a milder action')
  assert.deepEqual(wrongActions('{ quarantine, on: account }'), [
    '6:81 playbooks[0].levels.step_up.actions[0].on: a quarantine puts a key out of use, and nothing else',
  ])
  assert.equal(oneHint(withActions('{ quarantine, on: account }')), 'write on: key, or block')
})

test('two actions of one kind on the same subject in one level contradict each other', () => {
  const two = '{ throttle: { requests_per_minute: 6 } }, { throttle: { requests_per_minute: 9 }, on: account }'
  assert.deepEqual(wrongActions(two), [
    '6:105 playbooks[0].levels.step_up.actions[1]: a second throttle on the same account: the first is actions[0]',
  ])
  assert.equal(oneHint(withActions(two)), 'keep one of the two, or write another subject')
  assert.deepEqual(wrongActions(two.replace('on: account', 'on: user')), [])
  assert.deepEqual(wrongActions('block, { block: {} }').length, 1)
})

test('a block beside a step-up in one level contradicts it, and not in two', () => {
  const message = 'block beside step_up: nobody can pass a step-up and stay blocked'
  assert.deepEqual(wrongActions('step_up, block'), [`6:72 playbooks[0].levels.step_up.actions[1]: ${message}`])
  assert.deepEqual(wrongActions('block, step_up'), [
    '6:70 playbooks[0].levels.step_up.actions[1]: step_up beside block: nobody can pass a step-up and stay blocked',
  ])
  assert.equal(oneHint(withActions('step_up, block')), 'write step_up at a lower level, block at a higher one')
  const apart = '{ name: a, longest: 30d, levels: { step_up: { actions: [step_up] }, block: { actions: [block] } } }'
  assert.deepEqual(problemsOf(text(apart)), [])
})

test('notice has no actions, and every other level something to do', () => {
  const entry = (levels: string): string => `{ name: a, longest: 30d, levels: { ${levels} } }`
  assert.deepEqual(problemsOf(text(entry('notice: { actions: [block] }'))), [
    '6:59 playbooks[0].levels.notice.actions: notice tells operators, and nobody meets anything at it',
  ])
  assert.equal(oneHint(entry('notice: { actions: [block] }')), 'move its actions to step_up or above')
  for (const level of ['step_up', 'tarpit', 'squeeze', 'block']) {
    const written = entry(`${level}: { evidence: 1e6 }`)
    assert.deepEqual(problemsOf(text(written)), [`6:${42 + level.length} playbooks[0].levels.${level}: does nothing`])
    assert.match(oneHint(written), /^add actions or an alert/)
    assert.deepEqual(problemsOf(text(entry(`${level}: { evidence: 1e6, mode: "off" }`))), [])
    const alerting = text(entry(`${level}: { alert: [s] }`), 'alerts: [{ name: s, kind: syslog, url: "tcp://h:1" }]\n')
    assert.deepEqual(problemsOf(alerting), [])
  }
  assert.deepEqual(problemsOf(text(entry('notice: {}'))), [])
})

test('a playbook without levels does nothing, unless it is off to do nothing', () => {
  assert.deepEqual(problemsOf(text('{ name: a }')), ['6:5 playbooks[0]: has no levels'])
  assert.equal(oneHint('{ name: a }'), 'add levels, or write mode: "off" where nobody shall meet anything')
  assert.deepEqual(problemsOf(text('{ name: a, mode: "off", match: { tenant: acme } }')), [])
})

test('every action has an exit', () => {
  for (const action of [
    'block',
    'quarantine',
    'cooldown',
    'step_up',
    'tarpit',
    '{ squeeze: { factor: 0.1 } }',
    '{ throttle: { requests_per_minute: 6 } }',
    '{ decoy: { upstream: main } }',
  ]) {
    const entry = `{ name: a, levels: { step_up: { actions: [${action}] } } }`
    const message = 'has no exit: nothing says how long an action lasts at the most'
    assert.deepEqual(problemsOf(text(entry)), [`6:5 playbooks[0]: ${message}`], action)
    assert.equal(oneHint(entry), 'add for instance longest: 30d')
  }
  const zero = '{ name: a, longest: 0s, levels: { block: { actions: [block] } } }'
  assert.deepEqual(problemsOf(text(zero)), ['6:25 playbooks[0].longest: must be from 1m to 366d'])
  const long = '{ name: a, longest: 1h, cooldown: 2h, levels: { block: { actions: [block] } } }'
  assert.deepEqual(problemsOf(text(long)), [
    '6:39 playbooks[0].cooldown: can never pass: actions end before, with longest',
  ])
  assert.equal(oneHint(long), 'write at most 1h')
  assert.equal(found(long.replace('cooldown: 2h, ', '')).cooldownMs, 3_600_000)
})
