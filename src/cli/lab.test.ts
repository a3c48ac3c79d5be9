import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './lab.ts'

interface Said {
  readonly code: number
  readonly out: string
  readonly complaints: string
}

async function lab(args: readonly string[], options: Record<string, string | boolean> = {}): Promise<Said> {
  const out: string[] = []
  const complaints: string[] = []
  const code = await run({
    args,
    options,
    print: (line) => void out.push(line),
    complain: (line) => void complaints.push(line),
  })
  return { code, out: out.join('\n'), complaints: complaints.join('\n') }
}

test('the list names every scenario and the student, for people and for programs', async () => {
  const { code, out } = await lab([], { list: true })
  assert.equal(code, 0)
  for (const name of ['prompt-sweep', 'adaptive', 'agent-fleet', 'student']) assert.ok(out.includes(name), name)
  const listed = JSON.parse((await lab([], { list: true, json: true })).out) as { name: string; honest: boolean }[]
  assert.equal(listed.filter(({ honest }) => honest).length, 5)
})

test('a scenario that is not there is wrong usage, before anything is played', async () => {
  const { code, complaints, out } = await lab(['hydra', 'kraken'])
  assert.equal(code, 2)
  assert.match(complaints, /kraken: no such scenario; .*--list/)
  assert.equal(out, '')
})
