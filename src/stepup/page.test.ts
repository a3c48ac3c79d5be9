import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { Challenges, solves } from './challenge.ts'
import { stepUpPageAnswer } from './page.ts'

const page = stepUpPageAnswer()
const html = Buffer.from(page.body).toString('utf8')
const elements = (name: string): string[] =>
  [...html.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, text]) => text!)

test('the page runs what it came with and nothing else', () => {
  const policy = page.headers['content-security-policy']!
  for (const [name, directive] of [
    ['script', 'script-src'],
    ['style', 'style-src'],
  ] as const) {
    const [text, ...more] = elements(name)
    assert.equal(more.length, 0)
    assert.ok(text!.length > 100)
    const hash = createHash('sha256').update(text!).digest('base64')
    assert.ok(policy.includes(`${directive} 'sha256-${hash}';`), name)
  }
  assert.match(policy, /^default-src 'none';/)
  assert.match(policy, /connect-src 'self';.*base-uri 'none';.*form-action 'none';.*frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|\*|https?:/)
})

test('nothing in it comes from anywhere else, and no element has a script or a style of its own', () => {
  const written = html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')
  assert.doesNotMatch(html, /https?:\/\//)
  assert.doesNotMatch(written, /\ssrc=|\sstyle=|\son\w+=|javascript:/)
  assert.deepEqual(
    [...written.matchAll(/\shref="([^"]*)"/g)].map(([, url]) => url),
    ['data:,'],
  )
  assert.equal(page.headers['content-length'], String(page.body.length))
  assert.ok(page.body.length < 32_768, `${page.body.length} bytes`)
})

test('whoever cannot see it can use it: a language, labels for every field, words for what has no text', () => {
  assert.match(html, /<html lang="en">/)
  assert.match(html, /role="status"/)
  const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!))
  const labelled = new Set([...html.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id!))
  for (const [, id] of html.matchAll(/<(?:input|textarea)\s[^>]*?\bid="([^"]+)"/g))
    assert.ok(labelled.has(id!), String(id))
  for (const [, id] of html.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g)) assert.ok(ids.has(id!), String(id))
  assert.match(html, /<progress[^>]*aria-label=/)
})

/** The worker's own script, as a worker would run it. */
function worker(): (challenge: string, bits: number, first: number, step: number) => string {
  let receive: (event: { data: object }) => void = () => {}
  const said: { readonly solution?: string }[] = []
  const self = { postMessage: (message: { solution?: string }) => void said.push(message) }
  const addEventListener = (_name: string, fn: typeof receive): void => void (receive = fn)
  runInNewContext(readFileSync(join(import.meta.dirname, 'page', 'work.js'), 'utf8'), { self, addEventListener })
  return (challenge, bits, first, step) => {
    receive({ data: { challenge, bits, first, step } })
    return said.at(-1)!.solution!
  }
}

test('the worker finds what counts here as a solution, wherever it begins', () => {
  const challenges = new Challenges(new Uint8Array(32).fill(7))
  const solve = worker()
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 10 }),
      fc.nat(1e9),
      fc.integer({ min: 1, max: 4 }),
      (account, bits, first, step) => {
        const made = challenges.issue(account, bits, 600_000, new Set(), 1.7e12)
        const solution = solve(made.text, bits, first, step)
        assert.ok(solves(made, solution), `${made.text}:${solution}`)
        assert.equal((Number(solution) - first) % step, 0)
      },
    ),
    { numRuns: 300 },
  )
})
