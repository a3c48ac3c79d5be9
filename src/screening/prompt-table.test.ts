import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PromptClass, promptClasses } from '../core/prompt-class.ts'
import { english } from './prompt-cues.ts'
import { latin } from './prompt-cues-latin.ts'
import { scripts } from './prompt-cues-scripts.ts'
import { kindOf, RUN } from './prompt-letters.ts'
import { PromptScan } from './prompt-scan.ts'
import { compileCues, NO_CLASS, RUN_MAX, STEM_MAX, STEM_MIN } from './prompt-table.ts'

const tables = [english, latin, scripts]

const cues = tables
  .join('\n')
  .split('\n')
  .filter((line) => line !== '')
  .flatMap((line) => {
    const colon = line.indexOf(': ')
    const [name, weight] = line.slice(0, colon).split(' ') as [PromptClass, string]
    return line
      .slice(colon + 2)
      .split(' ')
      .map((cue) => ({ cue, name, weight: Number(weight), line }))
  })

test('every line of the tables names a class and a weight', () => {
  for (const { name, weight, line } of cues) {
    assert.ok(promptClasses.includes(name), line)
    assert.ok(Number.isInteger(weight) && weight >= 1 && weight <= 6, line)
  }
})

test('every cue is short enough to be looked for', () => {
  for (const { cue, line } of cues) {
    assert.notEqual(cue, '', line)
    if (kindOf(cue.charCodeAt(0)) === RUN) assert.ok(cue.length <= RUN_MAX, cue)
    else if (cue.includes('*')) assert.match(cue, new RegExp(`^[^_*^]{${STEM_MIN},${STEM_MAX}}\\*$`), cue)
    else assert.ok(cue.split('_').length <= 3 && cue.split('_').every((word) => word !== ''), cue)
  }
})

test('every cue is found where it is written, for the class of its first line', () => {
  const scan = new PromptScan(compileCues(tables))
  const first = new Map<string, { name: PromptClass; weight: number }>()
  for (const { cue, name, weight } of cues) if (!first.has(cue)) first.set(cue, { name, weight })
  for (const [cue, { name, weight }] of first) {
    const text = cue.startsWith('^_')
      ? cue.slice(2).replaceAll('_', ' ')
      : `zz ${cue
          .replaceAll('_', ' ')
          .replace(/ ([:?])/, '$1')
          .replace(/\*$/, 'qq')}`
    scan.begin()
    scan.read(text, 0, text.length)
    assert.ok(scan.sums[promptClasses.indexOf(name)]! >= weight, `${cue}: ${[...scan.sums].join(' ')}`)
  }
})

test('of a cue that is listed twice the first line counts', () => {
  const { classes, weights } = compileCues(['code 3: alpha', 'chat 5: alpha'])
  assert.deepEqual([[...classes], [...weights]], [[promptClasses.indexOf('code')], [3]])
})

test('the beginning of a longer cue has no class until a line gives it one', () => {
  const { classes } = compileCues(['code 3: alpha_beta'])
  assert.deepEqual([...classes], [NO_CLASS, promptClasses.indexOf('code')])
  const later = compileCues(['code 3: alpha_beta', 'chat 5: alpha'])
  assert.deepEqual([...later.classes], [promptClasses.indexOf('chat'), promptClasses.indexOf('code')])
})
