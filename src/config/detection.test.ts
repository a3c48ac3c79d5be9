import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { showConfig } from './show.ts'
import { configOf, hintsOf, minimal, outsideOf, problemsOf } from './testing.ts'

const text = (detection: string): string => `${minimal}detection: ${detection}\n`
const files = outsideOf({ 'own.json': '{"v":1}', 'list.json': '[1]' })

test('a word is the whole of it, and a map says what it leaves out by its defaults', () => {
  const usual = configOf(minimal).detection
  assert.deepEqual(usual, {
    mode: 'shadow',
    calibration: null,
    ladder: { watch: 20, notice: 100, stepUp: 500, tarpit: 1000, squeeze: 10_000, block: 500 },
    maxAccounts: 200_000,
    keySlots: 2_097_152,
    snapshotEveryMs: 300_000,
  })
  for (const mode of ['enforce', 'shadow', 'off'] as const) {
    assert.deepEqual(configOf(text(mode)).detection, { ...usual, mode })
    assert.deepEqual(configOf(text(`{ mode: ${mode} }`)).detection, { ...usual, mode })
  }
  const written =
    '{ ladder: { watch: 30 }, max_accounts: 1000, keys: 1024, snapshot_every: 10s, calibration: own.json }'
  assert.deepEqual(configOf(text(written), {}, files).detection, {
    mode: 'shadow',
    calibration: { path: resolve('own.json'), text: '{"v":1}' },
    ladder: { ...usual.ladder, watch: 30 },
    maxAccounts: 1000,
    keySlots: 1024,
    snapshotEveryMs: 10_000,
  })
})

test('packs say shadow; the file wins, with a word or with a map', () => {
  const packed = `extends: [public-llm-api]\n${minimal}`
  assert.equal(configOf(packed).detection.mode, 'shadow')
  assert.equal(configOf(`${packed}detection: enforce\n`).detection.mode, 'enforce')
  const { mode, ladder } = configOf(`${packed}detection: { ladder: { watch: 30 } }\n`).detection
  assert.deepEqual([mode, ladder.watch], ['shadow', 30])
})

test('what is shown loads as the same; what the calibration holds counts, and not where it is', () => {
  const written = text('{ mode: enforce, calibration: own.json, ladder: { block: 600 } }')
  const config = configOf(written, {}, files)
  assert.deepEqual(configOf(showConfig(config), {}, files).detection, config.detection)
  assert.equal(configOf(showConfig(config), {}, files).hash, config.hash)
  const moved = configOf(written.replace('own', 'moved'), {}, outsideOf({ 'moved.json': '{"v":1}' }))
  assert.equal(moved.hash, config.hash)
  assert.notEqual(configOf(written, {}, outsideOf({ 'own.json': '{"v":1} ' })).hash, config.hash)
})

test('thresholds rise, sizes fit, and each problem has its place', () => {
  for (const [detection, problem] of [
    ['maybe', '5:12 detection: not one of the words that are known here'],
    ['{ mode: maybe }', '5:20 detection.mode: not one of the words that are known here'],
    ['[shadow]', '5:12 detection: cannot be a list'],
    ['3', '5:12 detection: not one of the words that are known here'],
    ['{ modus: shadow }', '5:14 detection.modus: unknown key "modus"'],
    ['{ ladder: { steppup: 3 } }', '5:24 detection.ladder.steppup: unknown key "steppup"'],
    ['{ ladder: { watch: 200 } }', '5:14 detection.ladder.notice: must be above watch'],
    ['{ ladder: { watch: 90, notice: 80 } }', '5:43 detection.ladder.notice: must be above watch'],
    ['{ ladder: { squeeze: 1000 } }', '5:33 detection.ladder.squeeze: must be above tarpit'],
    [
      '{ ladder: { block: 400 } }',
      '5:31 detection.ladder.block: must be at least step_up: nobody is blocked who would not be asked',
    ],
    ['{ ladder: { watch: 0.5 } }', '5:31 detection.ladder.watch: must be at least 1'],
    ['{ ladder: { watch: lots } }', '5:31 detection.ladder.watch: expected a number, found text'],
    ['{ keys: 3000 }', '5:20 detection.keys: not a power of two'],
    ['{ keys: 1 }', '5:20 detection.keys: must be at least 1024'],
    ['{ max_accounts: 9 }', '5:28 detection.max_accounts: must be at least 1000'],
    ['{ snapshot_every: 0s }', '5:30 detection.snapshot_every: must be from 1s to 1d'],
    ['{ calibration: none.json }', '5:27 detection.calibration: there is no such file'],
    ['{ calibration: list.json }', '5:27 detection.calibration: the file is not a JSON object'],
  ] as const) {
    const found = problemsOf(text(detection), {}, files)
    assert.equal(found.length, 1, `${detection}: ${found.join(' | ')}`)
    assert.equal(found[0], problem)
  }
})

test('hints name what can be written', () => {
  assert.deepEqual(hintsOf(text('maybe')), ['write one of enforce, shadow, off'])
  assert.deepEqual(hintsOf(text('{ modes: shadow }')), ['did you mean "mode"?'])
  assert.deepEqual(hintsOf(text('{ keys: 3000000 }')), ['write 4194304'])
})
