import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deskEndpoints } from '../desk.ts'
import { endpoints } from '../dialects/index.ts'
import { honestUse, servedPaths } from './honest-paths.ts'
import { packFile } from './packs.ts'
import { configOf, hintsOf, minimal, outsideOf, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
/** Line 5 is `playbooks:`, from line 6 on one entry a line. */
const playbooks = (...entries: string[]): string =>
  `${minimal}playbooks:\n${entries.map((entry) => `  - { longest: 30d, ${entry} }\n`).join('')}`
const blocking = 'levels: { block: { actions: [block] } }'
const levels = (written: string): string => `${minimal}playbooks: [{ name: a, longest: 9d, levels: { ${written} } }]\n`
const one = (text: string): readonly [string, string] => {
  const found = problemsOf(text)
  assert.equal(found.length, 1, `${text}: ${found.join(' | ')}`)
  return [found[0]!, hintsOf(text)[0]!]
}

test('a playbook that an earlier one covers can never be reached', () => {
  const two = (first: string, second: string): string =>
    playbooks(`name: a, ${first}${blocking}`, `name: b, ${second}${blocking}`)
  const trust = '{ trust: [new, "old*"] }'
  const profiles = 'trust_profiles: { new: {}, old1: {} }\n'
  for (const [first, second] of [
    ['', ''],
    ['', 'match: { tenant: acme }, '],
    ['match: {}, ', 'match: { tenant: acme }, '],
    ['match: { tenant: "*" }, ', ''],
    ['mode: "off", ', ''],
    ['match: { tenant: acme }, ', 'match: { tenant: [acme] }, '],
    ['match: { tenant: [acme, "b*"] }, ', 'match: { tenant: ["bob*", acme], model: x }, '],
    [`match: ${trust}, `, 'match: { trust: old1, when: "stream" }, '],
    ['match: { when: "stream" }, ', 'match: { when: "stream", tenant: x }, '],
    ['match: { asn: 7 }, ', 'match: { asn: ["7"] }, '],
  ] as const) {
    const [problem, hint] = one(two(first, second) + profiles)
    assert.equal(problem, '7:5 playbooks[1]: can never be reached: playbooks[0] takes everybody it is for')
    assert.equal(hint, 'move it above that one, narrow the match of that one, or remove it')
  }
  for (const [first, second] of [
    ['match: { tenant: acme }, ', ''],
    ['match: { tenant: acme }, ', 'match: { tenant: "a*" }, '],
    ['match: { tenant: acme }, ', 'match: { model: acme }, '],
    ['match: { tenant: acme, model: x }, ', 'match: { tenant: acme }, '],
    ['match: { when: "stream" }, ', 'match: { when: "!stream" }, '],
    ['match: { when: "stream" }, ', ''],
    ['', 'mode: "off", '],
  ] as const) {
    assert.deepEqual(problemsOf(two(first, second) + profiles), [], `${first} / ${second}`)
  }
})

test('a playbook that takes everybody away from that of a pack is told so where it is written', () => {
  const pack = { [packFile('consumer-chat')]: `playbooks: [{ name: default, longest: 9d, ${blocking} }]\n` }
  const text = `${playbooks(`name: mine, ${blocking}`)}extends: [consumer-chat]\n`
  assert.deepEqual(problemsOf(text, {}, outsideOf(pack)), [
    `6:5 playbooks[0]: leaves nobody for playbooks[0] in ${packFile('consumer-chat')}`,
  ])
  assert.deepEqual(hintsOf(text, {}, outsideOf(pack)), [
    'narrow it with match, call it default to change that one, or add { name: default, mode: "off" }',
  ])
})

test('whoever has another playbook for everybody turns that of the pack off; packs may cover each other', () => {
  const text = `${playbooks(`name: mine, ${blocking}`, 'name: default, mode: "off"')}extends: [consumer-chat]\n`
  const pack = { [packFile('consumer-chat')]: `playbooks: [{ name: default, longest: 9d, ${blocking} }]\n` }
  const { playbooks: found } = configOf(text, {}, outsideOf(pack)).response
  assert.deepEqual(
    found.map(({ name, mode, levels }) => [name, mode, levels.length]),
    [
      ['mine', 'enforce', 1],
      ['default', 'off', 1],
    ],
  )
  const packs = { ...pack, [packFile('b2b-copilot')]: `playbooks: [{ name: all, longest: 9d, ${blocking} }]\n` }
  const both = `${minimal}extends: [consumer-chat, b2b-copilot]\n`
  assert.deepEqual(
    configOf(both, {}, outsideOf(packs)).response.playbooks.map(({ name }) => name),
    ['all', 'default'],
  )
})

test('playbooks of a file go before those of its packs, and change those of the same name', () => {
  const pack = `playbooks:
  - { name: default, longest: 9d, levels: { tarpit: { actions: [tarpit] }, block: { actions: [block] } } }
alerts: [{ name: a, kind: syslog, url: "udp://h:1" }]
decoys: { endpoints: [{ path: /a/b }], models: [{ name: x }], keys: [{ id: k, secret: ${secret}, memo: m }] }
`
  const text = `${minimal}extends: [consumer-chat]
playbooks:
  - { name: acme, mode: "off", match: { tenant: acme } }
  - { name: default, mode: shadow, levels: { block: { alert: [a] } } }
alerts: [{ name: a, kind: syslog, url: "tcp://h:1" }]
decoys: { endpoints: [{ path: /a/b, weight: 7 }, { path: /c/d }], models: [{ name: x, weight: 8 }] }
`
  const { response } = configOf(text, {}, outsideOf({ [packFile('consumer-chat')]: pack }))
  assert.deepEqual(
    response.playbooks.map(({ name, mode }) => [name, mode]),
    [
      ['acme', 'off'],
      ['default', 'shadow'],
    ],
  )
  assert.deepEqual(
    response.playbooks[1]!.levels.map(({ level, actions, alert }) => [level, actions.length, alert]),
    [
      ['tarpit', 1, []],
      ['block', 1, ['a']],
    ],
  )
  assert.deepEqual(response.alerts, [{ name: 'a', kind: 'syslog', url: 'tcp://h:1', secret: null }])
  assert.deepEqual(response.decoys.endpoints, [
    { path: '/a/b', weight: 7 },
    { path: '/c/d', weight: 100 },
  ])
  assert.deepEqual(response.decoys.models, [{ name: 'x', weight: 8, fromLevel: 'step_up' }])
  assert.equal(response.decoys.keys.length, 1)
})

test('evidence rises from level to level, be it written or implied by the ladder', () => {
  const act = 'actions: [tarpit]'
  const rising = 'write rising numbers from level to level'
  for (const [written, ladder, problem] of [
    [
      `step_up: { evidence: 900, ${act} }, tarpit: { evidence: 800, ${act} }`,
      '',
      'tarpit.evidence: must be above step_up',
    ],
    [
      `step_up: { evidence: 900, ${act} }, tarpit: { evidence: 900, ${act} }`,
      '',
      'tarpit.evidence: must be above step_up',
    ],
    [
      `step_up: { evidence: 1000, ${act} }, tarpit: { ${act} }`,
      '',
      'step_up.evidence: must stay below tarpit of detection.ladder',
    ],
    [
      `step_up: { ${act} }, tarpit: { evidence: 500, ${act} }`,
      '',
      'tarpit.evidence: must be above step_up of detection.ladder',
    ],
    [
      `step_up: { ${act} }, tarpit: { evidence: 650, ${act} }`,
      'step_up: 700, block: 700',
      'tarpit.evidence: must be above step_up of detection.ladder',
    ],
    ['notice: { evidence: 20 }', '', 'notice.evidence: must be above watch of detection.ladder'],
    ['notice: { evidence: 25 }', 'watch: 30', 'notice.evidence: must be above watch of detection.ladder'],
    [
      `notice: { evidence: 10000 }, squeeze: { ${act} }`,
      '',
      'notice.evidence: must stay below squeeze of detection.ladder',
    ],
  ] as const) {
    const [found, hint] = one(`${levels(written)}detection: { ladder: { ${ladder} } }\n`)
    assert.ok(found.endsWith(`playbooks[0].levels.${problem}`), found)
    assert.equal(hint, rising)
  }
  for (const fine of [
    `step_up: { evidence: 900, ${act} }, tarpit: { ${act} }`,
    `step_up: { evidence: 5000, ${act} }, squeeze: { ${act} }`,
    `step_up: { evidence: 21, ${act} }, tarpit: { evidence: 22, ${act} }`,
  ]) {
    assert.deepEqual(problemsOf(levels(fine)), [], fine)
  }
})

test('a block takes at least what a step-up takes', () => {
  const hint = 'nobody is blocked who would not be asked: raise it, or lower step_up'
  for (const [written, problem] of [
    [
      'step_up: { evidence: 600, actions: [step_up] }, block: { evidence: 599, actions: [block] }',
      'block.evidence: must be at least step_up',
    ],
    [
      'step_up: { evidence: 600, actions: [step_up] }, block: { actions: [block] }',
      'step_up.evidence: must stay below block of detection.ladder',
    ],
    ['block: { evidence: 499, actions: [block] }', 'block.evidence: must be at least step_up of detection.ladder'],
  ] as const) {
    const [found, told] = one(levels(written))
    assert.ok(found.endsWith(`playbooks[0].levels.${problem}`), found)
    assert.equal(told, hint)
  }
  assert.deepEqual(problemsOf(levels('block: { evidence: 500, actions: [block] }')), [])
})

test('attestation alone has no exit without an issuer', () => {
  const text = levels('step_up: { actions: [{ step_up: { means: [attestation] } }] }')
  assert.deepEqual(one(text), [
    '5:88 playbooks[0].levels.step_up.actions[0].step_up.means: nobody can pass: attestation is the only means, and no issuer is named',
    'name one with step_up: { attestation_issuer: ... }, or add proof_of_work',
  ])
  assert.deepEqual(problemsOf(text.replace('[attestation]', '[attestation, grant]')), [])
  const issuer = `identity: { jwt: [{ name: corp, issuer: "https://l.example", audience: x }] }\n`
  assert.deepEqual(problemsOf(`${text}${issuer}step_up: { attestation_issuer: corp }\n`), [])
  assert.deepEqual(one(`${text}${issuer}step_up: { attestation_issuer: crop }\n`), [
    '7:32 step_up.attestation_issuer: there is no issuer "crop"',
    'did you mean "corp"?',
  ])
})

test('names of alerts, upstreams and models are there', () => {
  const alerts = 'alerts: [{ name: security, kind: syslog, url: "udp://h:1" }]\n'
  assert.deepEqual(one(levels('notice: { alert: [secruity] }') + alerts), [
    '5:65 playbooks[0].levels.notice.alert[0]: there is no alert "secruity"',
    'did you mean "security"?',
  ])
  assert.deepEqual(one(levels('notice: { alert: [security] }')), [
    '5:65 playbooks[0].levels.notice.alert[0]: there is no alert "security"',
    'none is named in this configuration',
  ])
  assert.deepEqual(one(levels('tarpit: { actions: [{ decoy: { upstream: mian } }] }')), [
    '5:88 playbooks[0].levels.tarpit.actions[0].decoy.upstream: there is no upstream "mian"',
    'did you mean "main"?',
  ])
  assert.deepEqual(one(`${minimal}decoys: { upstream: elsewhere }\n`), [
    '5:21 decoys.upstream: there is no upstream "elsewhere"',
    'named here: main',
  ])
  const narrow = (text: string): string => text.replace('"*"', '"gpt*"')
  assert.deepEqual(one(narrow(levels('tarpit: { actions: [{ restrict: { model: claude } }] }'))), [
    '5:88 playbooks[0].levels.tarpit.actions[0].restrict.model: there is no model "claude"',
    'named here: gpt*',
  ])
  assert.deepEqual(problemsOf(narrow(levels('tarpit: { actions: [{ restrict: { model: gpt-4o } }] }'))), [])
  assert.deepEqual(one(narrow(`${minimal}decoys: { aliases: { model: claude } }\n`)), [
    '5:29 decoys.aliases.model: there is no model "claude"',
    'named here: gpt*',
  ])
})

test('names are given once', () => {
  for (const [text, problem, hint] of [
    [
      playbooks(`name: a, match: { tenant: x }, ${blocking}`, `name: a, ${blocking}`),
      '7:27 playbooks[1].name: the same name as playbooks[0]',
      'give each playbook a name of its own',
    ],
    [
      `${minimal}alerts: [{ name: a, kind: syslog, url: "udp://h:1" }, { name: a, kind: syslog, url: "udp://h:2" }]\n`,
      '5:63 alerts[1].name: the same name as alerts[0]',
      'give each alert a name of its own',
    ],
    [
      `${minimal}decoys: { endpoints: [{ path: /a/b }, { path: /a/b }] }\n`,
      '5:47 decoys.endpoints[1].path: the same path as decoys.endpoints[0]',
      'write each decoy once',
    ],
    [
      `${minimal}decoys: { models: [{ name: a }, { name: a }] }\n`,
      '5:41 decoys.models[1].name: the same name as decoys.models[0]',
      'write each decoy once',
    ],
  ] as const) {
    assert.deepEqual(one(text), [problem, hint])
  }
})

test('a honey key is no real key, by its secret or by its id, however the two are written', () => {
  const key = (id: string, written: string, more = ''): string => `{ id: ${id}, ${written}${more} }`
  const text = (real: string, honey: string): string =>
    `${minimal}identity: { keys: [${real}] }\ndecoys: { keys: [${honey}] }\n`
  const hash = '3fa1c6ad28e3b0ba4c6e0d3e2ae2f3a5d9b1ff5ad0f5b7c5a4d4b8bb7a20d0ab'
  const same = ['decoys.keys[0].secret', 'the same secret as identity.keys[0]'] as const
  const clash = text(key('a', `secret: ${secret}`), key('h', `secret: ${secret}`, ', memo: m'))
  assert.deepEqual(one(clash), [
    `6:35 ${same[0]}: ${same[1]}`,
    'give each key a secret of its own, or callers cannot be told apart',
  ])
  assert.ok(!problemsOf(clash).join().includes(secret))
  const hashed = text(key('a', `secret_sha256: ${hash.toUpperCase()}`), key('h', `secret_sha256: ${hash}`, ', memo: m'))
  assert.deepEqual(one(hashed)[0], `6:42 ${same[0]}_sha256: ${same[1]}`)
  const variable = text(key('a', `secret: ${secret}`), key('h', 'secret: "${KEY}"', ', memo: m'))
  assert.deepEqual(problemsOf(variable, { KEY: secret }), [`6:35 ${same[0]}: ${same[1]}`])
  assert.deepEqual(one(text(key('a', `secret: ${secret}`), key('a', `secret: ${secret}2`, ', memo: m'))), [
    '6:24 decoys.keys[0].id: the same id as identity.keys[0]',
    'give each key an id of its own',
  ])
})

test('a decoy path is nobody honest could ask for', () => {
  const hint = 'write a path that nobody has a reason to ask for, such as /v1/internal/models'
  for (const path of [
    ...servedPaths.map((path) => path.replace('{id}', 'gpt-4o')),
    '/weir/token',
    '/weir/x',
    '/weir',
  ]) {
    assert.deepEqual(one(`${minimal}decoys: { endpoints: [{ path: "${path}" }] }\n`), [
      '5:31 decoys.endpoints[0].path: is served here',
      hint,
    ])
  }
  for (const path of [
    '/v1/audio/speech',
    '/v1/moderations',
    '/v1',
    '/chat/completions',
    '/v1/v1/chat/completions',
    '/openai/deployments/x/chat/completions',
    '/proxy/v1/messages',
    '/api/tags',
    '/robots.txt',
    '/V1/Files',
    '/v1beta/openai/chat/completions',
  ]) {
    assert.equal(honestUse(path), 'asked for by honest clients', path)
  }
  assert.deepEqual(one(`${minimal}decoys: { endpoints: [{ path: /v1/moderations }] }\n`), [
    '5:31 decoys.endpoints[0].path: is asked for by honest clients',
    hint,
  ])
  for (const path of ['/v1/internal/models', '/.env', '/v1/models/internal/raw', '/admin/keys', '/v2/weights']) {
    assert.deepEqual(problemsOf(`${minimal}decoys: { endpoints: [{ path: ${path} }] }\n`), [], path)
  }
})

test('the paths that are served here are those of the dialects, and the desk is under /weir/', () => {
  assert.deepEqual(
    endpoints.map(({ path }) => path),
    servedPaths,
  )
  for (const { path } of deskEndpoints) assert.equal(honestUse(path), 'served here')
})

test('a decoy model is none that is written in models', () => {
  const text = (decoys: string): string =>
    `${minimal.replace('"*"', 'gpt-4o-mini: { upstream: main }\n  "gpt*"')}decoys: ${decoys}\n`
  const hint = 'write a name that nobody was told of'
  assert.deepEqual(one(text('{ models: [{ name: gpt-4o-mini }] }')), [
    '6:28 decoys.models[0].name: is a model of this configuration',
    hint,
  ])
  assert.deepEqual(problemsOf(text('{ models: [{ name: gpt-4o-base }] }')), [])
})
