import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parsePriceBook } from '../metering/price-book.ts'
import { run } from './config-import-prices.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-prices-'))
after(() => rmSync(folder, { recursive: true }))

const litellm = JSON.stringify({
  sample_spec: { mode: 'one of: chat' },
  'gpt-4o': { input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5, input_cost_per_token_above_200k_tokens: 5e-6 },
  free: { input_cost_per_token: 0, output_cost_per_token: 0 },
})

async function call(args: readonly string[], options: Record<string, string> = {}) {
  const printed: string[] = []
  const said: string[] = []
  const code = await run({ args, options, print: (line) => printed.push(line), complain: (line) => said.push(line) })
  return { code, printed: printed.join('\n'), said: said.join('\n') }
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('a book is printed and what it is stands on standard error', async () => {
  const { code, printed, said } = await call([file('prices.json', litellm)], {
    fetched: '2026-07-24',
    source: 'a mirror',
    bookVersion: 'july',
  })
  assert.equal(code, 0)
  const book = parsePriceBook(printed)
  assert.ok(book.ok)
  assert.equal(book.value.find('gpt-4o')?.input, 2_500_000)
  assert.deepEqual([book.value.version, book.value.source, book.value.fetched], ['july', 'a mirror', '2026-07-24'])
  assert.equal(
    said,
    `price book ${book.value.hash}: models taken: 1; left out, at the fallback price: 2
  left out: is no model: 1, for instance "sample_spec"
  left out: input_cost_per_token is 0, which also stands for unknown: 1, for instance "free"
models that also cost what a book cannot say: 1
  not in the book: input_cost_per_token_above_200k_tokens: 1, for instance "gpt-4o"`,
  )
})

test('a version that nobody chose names the day and the content', async () => {
  const { printed } = await call([file('prices.json', litellm)], { fetched: '2026-07-24' })
  const changed = await call([file('prices.json', `${litellm} `)], { fetched: '2026-07-24' })
  const versions = [printed, changed.printed].map((text) => (JSON.parse(text) as { version: string }).version)
  for (const version of versions) assert.match(version, /^litellm-2026-07-24-[0-9a-f]{8}$/)
  assert.notEqual(versions[0], versions[1])
  const { printed: today } = await call([file('prices.json', litellm)])
  assert.ok(parsePriceBook(today).ok)
})

test('a book goes to a file whole, in the place of the one before', async () => {
  const out = file('book.json', 'the book before')
  const { code, printed } = await call([file('prices.json', litellm)], { out })
  assert.deepEqual([code, printed], [0, ''])
  const text = readFileSync(out, 'utf8')
  assert.ok(text.endsWith('}\n') && parsePriceBook(text).ok)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('.new')),
    [],
  )
})

test('bad input gives exit code 2, no book, and leaves the one before', async () => {
  const out = file('kept.json', 'the book before')
  const wrong: readonly [string, RegExp][] = [
    [join(folder, 'missing.json'), /missing\.json: cannot be read \(ENOENT\)$/],
    [folder, /: cannot be read \(EISDIR\)$/],
    [file('text.json', 'not JSON'), /: a LiteLLM price file is a JSON object$/],
    [file('other.json', '{"a":{}}'), /: holds no model with a price for its tokens/],
    [file('latin.json', Buffer.from([0x22, 0xe4, 0x22])), /: not UTF-8$/],
    [file('large.json', Buffer.alloc(33_554_433, ' ')), /: larger than 32 MiB$/],
  ]
  for (const [path, error] of wrong) {
    const { code, printed, said } = await call([path], { out })
    assert.deepEqual([code, printed], [2, ''])
    assert.match(said, error)
  }
  const { code, said } = await call([file('prices.json', litellm)], { out, bookVersion: 'config' })
  assert.deepEqual([code, said.includes('version: ')], [2, true])
  assert.equal(readFileSync(out, 'utf8'), 'the book before')
})

test('a book that cannot be written gives exit code 2', async () => {
  const { code, said } = await call([file('prices.json', litellm)], { out: join(folder, 'none', 'book.json') })
  assert.equal(code, 2)
  assert.match(said, /book\.json: cannot be written \(ENOENT\)$/)
})

test('a book is written through a link, and never in the place of what is no file', async () => {
  const prices = file('prices.json', litellm)
  const target = file('target.json', 'the book before')
  const link = join(folder, 'link.json')
  symlinkSync(target, link)
  assert.equal((await call([prices], { out: link })).code, 0)
  assert.ok(lstatSync(link).isSymbolicLink())
  assert.ok(parsePriceBook(readFileSync(target, 'utf8')).ok)
  for (const out of [folder, '/dev/null']) {
    const { code, said } = await call([prices], { out })
    assert.deepEqual([code, said], [2, `${out}: is not a file`])
  }
})

test('the summary stays short, and repeats no name from the file as it stands', async () => {
  const prices = { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 }
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`other_cost_${i}`, 1]))
  const entry = { ...prices, ...many, '\u001b[31mcost': 1 }
  const { code, said } = await call([file('many.json', JSON.stringify({ m: entry, '\u001b[2J': prices }))])
  assert.equal(code, 0)
  assert.ok(!said.includes('\u001b'))
  assert.equal(said.split('\n').length, 16)
  assert.match(said, /not in the book: 18 more$/)
})

test('a dash stands for standard input', () => {
  const module = JSON.stringify(join(import.meta.dirname, 'config-import-prices.ts'))
  const script = `import { run } from ${module}
process.exitCode = await run({ args: ['-'], options: {}, print: (l) => console.log(l), complain: (l) => console.error(l) })`
  const ran = (input: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', script], { input, encoding: 'utf8' })
  const good = ran(litellm)
  assert.equal(good.status, 0, good.stderr)
  assert.ok(parsePriceBook(good.stdout).ok)
  const bad = ran('')
  assert.deepEqual([bad.status, bad.stdout], [2, ''])
  assert.equal(bad.stderr, 'standard input: a LiteLLM price file is a JSON object\n')
})
