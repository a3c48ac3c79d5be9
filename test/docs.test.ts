import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { commands } from '../src/cli/index.ts'
import { parseConfig } from '../src/config/load.ts'
import { formatProblems } from '../src/config/problem.ts'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/*.md', { cwd: root })]
const env = {
  WEIR_CONTROL_TOKEN: 'a-token-for-the-docs-1',
  UPSTREAM_KEY: 'upstream',
  ALERT_SECRET: 'a-secret-for-the-docs-1',
  HONEY_KEY: 'wr_honey_0123456789abcdef0123',
  ACME_KEY: 'wr_acme_0123456789abcdef01234',
}

/** What a fragment leaves out, as every real file has it. */
const base: Readonly<Record<string, string>> = {
  upstreams: '{ main: { dialect: openai, base_url: "http://127.0.0.1:9100/v1" } }',
  models: '{ "*": { upstream: main } }',
  trust_profiles: '{ new: {}, verified: {} }',
}
const completed = (fragment: string): string => {
  const missing = Object.keys(base).filter((name) => !new RegExp(`^${name}:`, 'm').test(fragment))
  return `${fragment}\n${missing.map((name) => `${name}: ${base[name]}`).join('\n')}\n`
}

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')

  test(`A1: every configuration in ${page} loads`, () => {
    for (const [, block] of text.matchAll(/```yaml\n([\s\S]*?)```/g)) {
      const parsed = parseConfig(block!, page, env)
      assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error))
    }
  })

  test(`A1: every part of a configuration in ${page} loads`, () => {
    for (const [, block] of text.matchAll(/```yaml fragment\n([\s\S]*?)```/g)) {
      const parsed = parseConfig(completed(block!), page, env)
      assert.ok(parsed.ok, parsed.ok ? '' : `${formatProblems(parsed.error)}\n${block}`)
    }
  })

  test(`every file that ${page} names is there`, () => {
    for (const [, target] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), target!)), String(target))
    }
    for (const [, path] of text.matchAll(/`((?:src|test|bench|docs|bin)\/[A-Za-z0-9_./-]+)`/g)) {
      assert.ok(existsSync(join(root, path!)), String(path))
    }
  })
}

test('every command that docs/actions.md shows is one of weir, with options that it has', () => {
  const text = readFileSync(join(root, 'docs', 'actions.md'), 'utf8')
  const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'))
  assert.ok(lines.length > 10)
  for (const line of lines) {
    const [, group, name] = line.split(' ')
    const command = commands.find((one) => one.name === `${group} ${name}`)
    assert.ok(command !== undefined, line)
    for (const [option] of line.split(' #')[0]!.matchAll(/--[a-z-]+/g)) {
      assert.ok(command.options?.some(({ flags }) => flags.split(' ')[0] === option) === true, `${option} in ${line}`)
    }
  }
})
