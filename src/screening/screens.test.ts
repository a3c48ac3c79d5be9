import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Screen, screenPrompt } from './screens.ts'
import {
  base64,
  CJK,
  CYRILLIC,
  HEBREW,
  HINDI,
  hostile,
  JWT,
  PERSIAN,
  PNG,
  PROSE,
  THAI,
  tagged,
  UNICORNS,
} from './screens.samples.ts'

const MAX = 65_536

const screen = (...texts: readonly string[]): readonly Screen[] => screenPrompt(texts, MAX)

for (const [name, text, ...found] of hostile) {
  test(`${name} is found: ${found.join(', ')}`, () => {
    assert.deepEqual(screen(text), found)
    const among = screen(PROSE, `${PROSE}\n${text}\n${PROSE.slice(0, 300)}`)
    // A share of a text that is no longer most of it is no flood, and hidden characters thin out.
    if (!name.startsWith('mostly')) assert.deepEqual(among, found)
  })
}

const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n')
const hash = (i: number, algorithm: string): string => createHash(algorithm).update(String(i)).digest('hex')

const honest: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['a blank', ' '],
  ['prose', PROSE],
  ['emoji families and skin tones', '👨‍👩‍👧‍👦 👩🏽‍💻 👁️‍🗨️ ❤️‍🔥 🏳️‍🌈 🏴‍☠️ 🧑‍⚕️ 1️⃣ #️⃣ ©️ ☺️ '.repeat(9)],
  ['hearts in a row', '❤️❤️❤️❤️❤️❤️❤️❤️❤️❤️❤️❤️'],
  [
    'flags of regions and countries',
    `🏴${tagged('gbeng')}\u{E007F}🏴${tagged('gbsct')}\u{E007F} 🏴${tagged('ustx')}\u{E007F} 🇩🇪`,
  ],
  ['Persian with non-joiners', PERSIAN.repeat(9)],
  ['Hindi with joiners', HINDI.repeat(9)],
  ['Hebrew with marks and isolates', HEBREW.repeat(9)],
  ['Arabic with overrides', 'السعر \u202d100\u202c دولار أمريكي لكل شخص في المجموعة'],
  ['Thai with breaks', THAI.repeat(9)],
  ['Chinese and Japanese with an ideographic selector', CJK.repeat(9)],
  ['Mongolian with selectors', 'ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ᠌ ᠦᠨ᠋ '.repeat(9)],
  ['names isolated as translations have them', rows(30, (i) => `\u2068User ${i}\u2069 added \u2068${i}\u2069 photos`)],
  ['a byte order mark', '\ufeffid,name\n1,Ada\n'],
  [
    'zero-width breaks as pages have them',
    rows(40, () => 'See java.util.\u200bList and its many methods for more about that here.'),
  ],
  ['soft hyphens', 'Donau\u00addampf\u00adschiff\u00adfahrts\u00adgesell\u00adschaft '.repeat(9)],
  ['a prompt of a terminal with icons', '\ue0b0 ~/src \ue0b0 main \uf113 \ue0b2 12:01'],
  ['lone surrogates of cut text', '\ud83d and \ude00 and \ud83d'],
  [
    'minified JavaScript',
    rows(3, (i) =>
      `!function(e,t){"object"==typeof exports?module.exports=t():e.f${i}=t()}(this,function(){var n=[],r=function(e){return n.push(e),e?r(e-1):n};return{a:r,b:function(t){return r(t).map(function(e){return e*${i}})}}});`.repeat(
        4,
      ),
    ),
  ],
  [
    'a diff with hashes',
    rows(
      90,
      (i) =>
        `diff --git a/f${i} b/f${i}\nindex ${hash(i, 'sha1')}..${hash(i + 1, 'sha1')} 100644\n-  old ${i}\n+  new ${i * 7}`,
    ),
  ],
  ['a list of UUIDs', rows(300, (i) => hash(i, 'md5').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))],
  ['a list of SHA-256 hashes', rows(300, (i) => hash(i, 'sha256'))],
  [
    'a lockfile',
    rows(100, (i) => `  "integrity": "sha512-${createHash('sha512').update(String(i)).digest('base64')}",`),
  ],
  ['JSON with a JWT', `{"token": "${JWT}", "expires": 3600}`],
  ['a markdown table with long dashes', `| a | b |\n|${'-'.repeat(300)}|${'-'.repeat(300)}|\n| 1 | 2 |`],
  ['ASCII art', rows(40, (i) => `${' '.repeat(40 - i)}/${'_'.repeat(2 * i)}\\${i}`)],
  [
    'a log with repeated lines',
    rows(400, (i) =>
      i % 3 === 0
        ? 'WARN retrying connection to db-1'
        : `INFO ${hash(i, 'md5').slice(0, 20)} GET /v1/items/${i} took ${(i * 37) % 91} ms`,
    ),
  ],
  ['CSV', rows(500, (i) => `${i},item ${i},${(i * 7919) % 1000}.${i % 10}0,true,,`)],
  [
    'a matrix of zeros and ones',
    rows(40, (i) => Array.from({ length: 20 }, (_, j) => ((i * 31 + j * 17) % 7 < 3 ? 1 : 0)).join(' ')),
  ],
  [
    'a table of two-digit numbers',
    rows(40, (i) => Array.from({ length: 20 }, (_, j) => 10 + ((i * 31 + j * 17) % 90)).join(' ')),
  ],
  ['digits of pi', '31415926535897932384626433832795028841971693993751058209749445923078164062862089'.repeat(6)],
  [
    'LaTeX',
    '\\begin{align} \\mathbb{E}[X] &= \\sum_{i=1}^{n} x_i \\, p(x_i) \\\\ \\xi &\\approx \\upsilon \\end{align}\n'.repeat(
      12,
    ),
  ],
  ['DNA', 'ACGTTGCAAGGCTTAACGTGATTACAGATTACACCGGTATACGCGATCGATTAGCCGGATA'.repeat(6)],
  ['a long path', '/usr/lib/x86_64-linux-gnu/perl5/5.38/auto/Some/Deep/Module/With/Many/Parts'.repeat(4)],
  ['a signed address', `https://s3.example/bucket/file?X-Amz-Security-Token=${base64(400).replaceAll('=', '')}&a=1`],
  ['an image as a data: URL', `<img src="data:image/png;base64,${PNG}">`],
  ['an address in Russian', `https://ru.wikipedia.org/wiki/${encodeURIComponent(CYRILLIC)}`],
  [
    'JSON that escapes what is not ASCII',
    JSON.stringify(CJK.repeat(9)).replaceAll(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['a query with escapes', 'https://a.example/?q=one%20two%20three%26four%3Dfive%2Fsix'.repeat(20)],
  ['Unicode ranges in a pattern', '[\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2]'.repeat(9)],
  ['pipes of functional languages', 'f <| g |> h; xs <||> ys; <|psi|> = <|x|>; a <|> b'],
  ['tags of HTML and lists', '<s>old</s> <start> [INSTALL] [INFO] <<EOF'],
  ['a transcript', `\n\nHuman: Hello\n\nAssistant: Hi, how are you?\n\nHuman: Fine.`],
  [
    'identifiers and addresses that contain glitch tokens',
    'guiActiveUnfocused = attRotation; externalToEVAOnly; github.com/petertodd/repo @davidjl',
  ],
  ['Portuguese capitals', 'NÃO, SÃO PAULO, INFORMAÇÕES, Ã Â'],
  ['laughter', `${'ha'.repeat(300)} ${'no '.repeat(30)} ${'!'.repeat(500)}`],
  ['deep indentation', rows(200, (i) => `${' '.repeat(60)}return value_${i}`)],
  [
    'code with many closing lines',
    rows(600, (i) => (i % 2 === 0 ? '  }' : `  case ${i}: { run(${hash(i, 'md5').slice(0, 12)})`)),
  ],
]

for (const [name, text] of honest) {
  test(`${name}: nothing is found`, () => {
    assert.deepEqual(screen(text), [])
    assert.deepEqual(screen(`${PROSE}\n${text}\n${PROSE}`), [])
  })
}

test('each screen is named once, in one order, over all texts', () => {
  const all = ['x '.repeat(2000), '<|im_start|>', base64(400), UNICORNS]
  const expected = ['invisible_unicode', 'encoded_payload', 'glitch_tokens', 'flood']
  assert.deepEqual(screen(...all), expected)
  assert.deepEqual(screen(...all.toReversed(), ...all), expected)
})

test('no texts and empty texts are fine, whatever the bound', () => {
  for (const max of [0, 1, 5, MAX]) {
    assert.deepEqual(screenPrompt([], max), [])
    assert.deepEqual(screenPrompt(['', ''], max), [])
  }
})

test('the same text twice is judged as two texts', () => {
  const half = 'word '.repeat(30)
  assert.deepEqual(screen(half, half), [])
  assert.deepEqual(screen(half + half), ['flood'])
})

test('a text of 10 MB is read no further than the bound, and looked at a bounded number of times', () => {
  const original = String.prototype.charCodeAt
  const count = (text: string): number => {
    let reads = 0
    Reflect.set(String.prototype, 'charCodeAt', function (this: string, at: number): number {
      reads++
      return original.call(this, at)
    })
    try {
      screenPrompt([text], MAX)
    } finally {
      Reflect.set(String.prototype, 'charCodeAt', original)
    }
    return reads
  }
  const bounds: readonly (readonly [string, number])[] = [
    [PROSE, 4],
    ['a', 12],
    [`${'a'.repeat(63)}b${'a'.repeat(62)}c`, 16],
    [`${base64(210)}:`, 20],
    ['%41xxx', 16],
    ['\u200b', 16],
    ['\u2066\n', 20],
  ]
  for (const [unit, times] of bounds) {
    const reads = count(unit.repeat(Math.ceil(10_000_000 / unit.length)))
    assert.ok(reads >= MAX, `${unit.slice(0, 10)}: ${reads / MAX}`)
    assert.ok(reads <= MAX * times, `${unit.slice(0, 10)}: ${reads / MAX}`)
  }
})

test('what stands at the start, at the end or in a window of a long prompt is found', () => {
  const filler = rows(20_000, (i) => `${hash(i, 'md5').slice(0, 9)} is number ${i}.`)
  for (const at of [0, 10_000, filler.length - 10_000, filler.length]) {
    assert.deepEqual(screen(`${filler.slice(0, at)} <|im_start|> ${filler.slice(at)}`), ['glitch_tokens'], String(at))
  }
  const middle = filler.length >> 1
  const long = `${filler.slice(0, middle)}${'lorem '.repeat(20_000)}${filler.slice(middle)}`
  assert.deepEqual(screen(long), ['flood'])
  assert.deepEqual(screen(`${filler.slice(0, middle)}${' '.repeat(100_000)}${filler.slice(middle)}`), ['flood'])
  assert.deepEqual(screen(`${filler.slice(0, middle)}${base64(100_000)}${filler.slice(middle)}`), ['encoded_payload'])
})

test('windows that cut honest text find nothing in the cuts', () => {
  for (const honestText of ['👨‍👩‍👧‍👦 a ', `🏴${tagged('gbeng')}\u{E007F} b `, PERSIAN, HEBREW, HINDI]) {
    const many = Array.from({ length: 9000 }, (_, i) => `${honestText}${hash(i, 'md5').slice(0, 1 + (i % 29))} `).join(
      '',
    )
    assert.deepEqual(screen(many), [])
  }
})

test('any text of any units is read without an exception', () => {
  const unit = fc.oneof(
    fc.nat(0xffff),
    fc.constantFrom(0xdb40, 0xdc41, 0xd83c, 0xdff4, 0x200d, 0x2066, 0x2069, 0xfeff, 0x3c, 0x7c, 0x25, 0x5c, 0x26, 0x0a),
  )
  const text = fc.array(unit, { maxLength: 600 }).map((units) => String.fromCharCode(...units))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), fc.nat(3000), (texts, max) => {
      const found = screenPrompt(texts, max)
      assert.equal(new Set(found).size, found.length)
    }),
    { numRuns: 300 },
  )
})
