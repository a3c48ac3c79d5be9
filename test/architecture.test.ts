import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { test } from 'node:test'

const src = join(import.meta.dirname, '..', 'src')

/** Room -> rooms it may import; a room may import itself. '.' is the flows, compose, serve and main. */
const may: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  dialects: ['core'],
  identity: ['core'],
  quota: ['core'],
  metering: ['core'],
  screening: ['core'],
  replay: ['core'],
  sketch: ['core'],
  signals: ['core', 'sketch'],
  campaigns: ['core', 'sketch'],
  risk: ['core'],
  actions: ['core'],
  alerts: ['core'],
  stepup: ['core'],
  decoys: ['core'],
  gateway: ['core', 'dialects'],
  store: ['core', 'quota'],
  audit: ['core'],
  control: ['core', 'config', 'audit', '.'],
  lab: ['core', 'config', 'gateway', '.'],
  // The price file is turned into a book without a gateway.
  cli: ['core', 'config', 'metering', 'replay', 'audit', 'lab', '.'],
  '.': [
    'core',
    'config',
    'dialects',
    'identity',
    'quota',
    'metering',
    'screening',
    'sketch',
    'signals',
    'replay',
    'campaigns',
    'risk',
    'actions',
    'alerts',
    'stepup',
    'decoys',
    'gateway',
    'store',
    'audit',
    'control',
    'lab',
    'cli',
  ],
}

/** The flows see leaf rooms only; what builds and serves them sees more. */
const flows = new Set([
  'pipeline.ts',
  'reception.ts',
  'enforce.ts',
  'admission.ts',
  'answer.ts',
  'held.ts',
  'policy.ts',
  'desk.ts',
  'desk-answer.ts',
  'step-up-desk.ts',
  'step-up.ts',
  'terms.ts',
  'loop.ts',
  'observing.ts',
  'judging.ts',
  'detection.ts',
  'escalation.ts',
  'acting.ts',
  'acting-port.ts',
  'place.ts',
  'repeats.ts',
  'response.ts',
  'asks.ts',
  'truth.ts',
  'decoying.ts',
  'guarding.ts',
])
const flowsMay = new Set([
  'core',
  'config',
  'dialects',
  'identity',
  'quota',
  'metering',
  'screening',
  'sketch',
  'signals',
  'campaigns',
  'risk',
  'actions',
  'alerts',
  'stepup',
  'decoys',
  'gateway',
  '.',
])

/** What the rooms above may take from the root: never the flows themselves. */
const entrances = new Set([
  'compose.ts',
  'serve.ts',
  'loop.ts',
  'detect.ts',
  'honest-logs.ts',
  'evidence.ts',
  'by-hand.ts',
  'containment.ts',
  'subjects.ts',
  'at-rest.ts',
])

const room = (file: string): string => {
  const parts = relative(src, file).split(sep)
  return parts.length > 1 ? parts[0]! : '.'
}

// from '…'  |  import '…'  |  import('…'), with any quote
const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"`])(\.[^'"`]+)\1/g

function breaches(name: string, text: string): string[] {
  const file = join(src, name)
  const own = room(file)
  if (!(own in may)) return [`${own} is not a known room`]
  const found: string[] = []
  for (const [, , to] of text.matchAll(imports)) {
    const target = join(dirname(file), to!)
    const targetRoom = room(target)
    if (targetRoom === own && own !== '.') continue
    if (flows.has(name) && !flowsMay.has(targetRoom)) found.push(`${name} must not import ${targetRoom}`)
    else if (targetRoom !== own && !may[own]!.includes(targetRoom)) found.push(`${own} must not import ${targetRoom}`)
    else if (targetRoom === '.' && own !== '.' && !entrances.has(relative(src, target))) {
      found.push(`${own} must not import ${relative(src, target)}`)
    }
  }
  return found
}

/** What only tests import may reach further. */
const isForTests = (name: string): boolean => name.endsWith('.test.ts') || name.endsWith('/testing.ts')

for (const name of globSync('**/*.ts', { cwd: src }).filter((f) => !isForTests(f))) {
  test(`${name} imports only what its room may, and is short enough to read`, () => {
    const text = readFileSync(join(src, name), 'utf8')
    assert.deepEqual(breaches(name, text), [])
    assert.ok(text.split('\n').length <= 400, 'longer than 400 lines')
  })
}

test('the verifier of the log imports nothing of the writer: core, Node, and its own files', () => {
  const files = globSync('audit/verify*.ts', { cwd: src }).filter((name) => !name.endsWith('.test.ts'))
  assert.ok(files.includes(join('audit', 'verify.ts')))
  for (const name of files) {
    for (const [, , to] of readFileSync(join(src, name), 'utf8').matchAll(
      /^(?:import|export|\}).*\bfrom (')([^']+)'/gm,
    )) {
      assert.match(to!, /^(?:node:(?:crypto|fs|path)|\.\.\/core\/[a-z-]+\.ts|\.\/verify-[a-z-]+\.ts)$/, name)
    }
  }
})

test('the check sees static, bare, multi-line, type, re-exported and dynamic imports in any quotes', () => {
  for (const line of [
    `import { a } from '../quota/book.ts'`,
    `import "../quota/book.ts"`,
    `import {\n  a,\n  b,\n} from "../quota/book.ts"`,
    `import type { A } from '../quota/book.ts'`,
    `export { a } from '../quota/book.ts'`,
    'const a = await import(`../quota/book.ts`)',
  ]) {
    assert.deepEqual(breaches('identity/x.ts', line), ['identity must not import quota'], line)
  }
  assert.deepEqual(breaches('nowhere/x.ts', ''), ['nowhere is not a known room'])
  assert.deepEqual(breaches('pipeline.ts', `import { a } from './control/app.ts'`), [
    'pipeline.ts must not import control',
  ])
  assert.deepEqual(breaches('control/x.ts', `import { a } from '../pipeline.ts'`), [
    'control must not import pipeline.ts',
  ])
})
