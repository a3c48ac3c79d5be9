import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { MAX_ENTRY_BYTES, sealEntry } from './entry.ts'
import { openingsIn, Salts } from './salts.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-salts-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'salts.db')

const read = (bytes: Buffer): Record<string, never> => JSON.parse(bytes.toString()) as Record<string, never>
const what = (value: unknown) => ({ t: 5, type: 'decision', what: value })
const none = [].values()
const ada = { sealed: 'user', value: 'ada@example.com' }

test('an entry is canonical, starts with its number, and holds a commitment where a value is sealed', () => {
  const salts = new Salts(path)
  const bytes = sealEntry(what({ z: 1, user: ada, list: [ada, null], nested: { user: ada } }), 7, salts, none)
  assert.ok(bytes.toString().startsWith('{"n":7,"t":5,"type":"decision","v":1,"what":{"list":'))
  assert.equal(bytes.toString().includes('ada'), false)
  const { user, list, nested } = read(bytes)['what'] as unknown as Record<string, { seal: string }> & {
    nested: { user: object }
  }
  assert.deepEqual([list![0 as never], nested.user], [user, user], 'one value, one commitment')
  salts.flush()
  const [opening] = openingsIn(path, new Set([user!.seal]))
  assert.deepEqual([opening!.kind, opening!.value], ['user', 'ada@example.com'])
  const opened = createHmac('sha256', Buffer.from(opening!.salt, 'base64'))
    .update('user\nada@example.com')
    .digest('base64')
  assert.equal(opened, user!.seal)
  salts.close()
})

test('salts are for their owner only', () => {
  new Salts(path).close()
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a commitment stays the same over a restart, and is another one once its salt was erased', () => {
  const seal = (): string => {
    const salts = new Salts(path)
    const made = salts.commit('user', 'grace')
    salts.close()
    return made
  }
  const first = seal()
  assert.equal(seal(), first)
  const salts = new Salts(path)
  assert.deepEqual([salts.erase('user', 'grace'), salts.erase('user', 'grace')], [true, false])
  salts.close()
  assert.notEqual(seal(), first)
})

test('nothing of an erased value or its salt is left in the files', () => {
  const salts = new Salts(path)
  salts.commit('user', 'a-value-to-be-searched-for')
  salts.flush()
  const salt = Buffer.from(salts.find('user', 'a-value-to-be-searched-for')!)
  salts.erase('user', 'a-value-to-be-searched-for')
  for (const name of [path, `${path}-wal`]) {
    const bytes = readFileSync(name)
    assert.equal(bytes.includes('a-value-to-be-searched-for') || bytes.includes(salt), false, name)
  }
  salts.close()
})

test('salts that could not be kept are forgotten, so that nothing is signed that nobody could open', () => {
  const salts = new Salts(path)
  const lost = salts.commit('user', 'never kept')
  salts.forget()
  assert.notEqual(salts.commit('user', 'never kept'), lost)
  salts.close()
})

test('ordinary exchanges become digests under the salt of their account, and a count of their outcomes', () => {
  const salts = new Salts(path)
  const texts = ['{"a":"not to be in the log"}', '{"b":2}', '{"c":3}']
  const of = [
    ['req_1', 'ok', 'account', 'acme'],
    ['req_2', 'ok', 'account', 'acme'],
    ['req_3', 'failed', 'ip', '192.0.2.1'],
  ]
  const bytes = sealEntry({ t: 5, type: 'exchanges', what: { of } }, 0, salts, texts.values())
  assert.equal(bytes.toString().includes('not to be in the log'), false)
  const { count, outcomes, digests } = read(bytes)['what'] as unknown as {
    count: number
    outcomes: object
    digests: [string, string][]
  }
  assert.deepEqual([count, outcomes], [3, { ok: 2, failed: 1 }])
  const expected = createHmac('sha256', salts.find('account', 'acme')!).update(texts[0]!).digest('base64')
  assert.deepEqual(digests[0], ['req_1', expected])
  const third = createHmac('sha256', salts.find('ip', '192.0.2.1')!).update(texts[2]!).digest('base64')
  assert.deepEqual(digests[2], ['req_3', third])
  salts.close()
})

test('an entry of exchanges that cannot be sealed takes its own texts with it, and not those of the next one', () => {
  const salts = new Salts(path)
  const texts = ['{"a":1}', '{"b":2}', '{"c":3}'].values()
  const entry = (of: unknown) => ({ t: 5, type: 'exchanges', what: { of } })
  const broken = entry([
    ['req_1', 'ok', 'account', null],
    ['req_2', 'ok', 'account', 'acme'],
  ])
  assert.throws(() => sealEntry(broken, 0, salts, texts))
  const bytes = sealEntry(entry([['req_3', 'ok', 'account', 'acme']]), 1, salts, texts)
  const expected = createHmac('sha256', salts.find('account', 'acme')!).update('{"c":3}').digest('base64')
  assert.deepEqual(read(bytes)['what']!['digests'], [['req_3', expected]])
  salts.close()
})

test('an entry over the limit is on record by its size and digest', () => {
  const salts = new Salts(path)
  const bytes = sealEntry(what({ text: 'x'.repeat(MAX_ENTRY_BYTES) }), 3, salts, none)
  assert.match(bytes.toString(), /^\{"n":3,.*"what":\{"too_large":\{"bytes":32823,"sha256":"[0-9a-f]{64}"\}\}\}$/)
  salts.close()
})
