import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { thieves } from './demo-thieves.ts'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly seconds: number
}

/** The demo as it is started in a pipe; `untilText`: whoever reads goes away as soon as this was read. */
function demo(args: readonly string[], untilText: string | null = null): Promise<Ended> {
  const startMs = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...args])
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (untilText !== null && out.includes(untilText)) child.stdout.destroy()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err, seconds: (performance.now() - startMs) / 1000 }))
  })
}

test('in a pipe the demo shows a gateway, every thief meets actions, the honest no block, and it ends with 0', async () => {
  // The night thief is seen in its second night, so that a day and a bit is the least that tells the story.
  const { code, out, err, seconds } = await demo(['--answers', '1100', '--hours', '26'])
  assert.equal(err, '')
  assert.equal(code, 0)
  assert.ok(seconds < 110, `${seconds} s`)
  assert.ok(!out.includes('\u001B'), 'no colours and no painting where nobody looks')
  for (const outcome of [
    /^a streamed answer +ok .*\[stop\]$/m,
    /^a tool call +ok .*get_weather\(/m,
    /^a story beyond its budget +cut .*\[length\]$/m,
    /^a question after that +refused .*429 rate_limit_exceeded/m,
    /^a key that nobody issued +refused .*401 invalid_api_key$/m,
    /^7 requests, 7 events/m,
  ])
    assert.match(out, outcome)
  for (const { name } of thieves) {
    assert.match(out, new RegExp(`^(Mon|Tue) ..:..  ${name} +k\\d+ is asked to prove itself.*1 in [\\d,]+: .+$`, 'm'))
    const [, accounts] = new RegExp(`^${name} +without .*\\n +with .* ([\\d,]+) \\(`, 'm').exec(out)!
    assert.ok(Number(accounts) > 1, `${name} got by with ${accounts}`)
  }
  assert.match(out, /^And the honest\? 4\d accounts/m)
  assert.match(out, /^blocked: nobody$/m)
})

test('whoever has read enough ends it, and that is no failure', async () => {
  const { code, out } = await demo(['--answers', '10', '--hours', '1'], 'outcome')
  assert.equal(code, 0)
  assert.ok(!out.includes('The bill'))
})

test('a size that makes no sense is said, and nothing is played', async () => {
  for (const args of [['--answers', '0'], ['--hours', 'many'], ['--hours', '1000'], ['--fast']]) {
    const { code, out, err } = await demo(args)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.notEqual(err, '')
  }
})
