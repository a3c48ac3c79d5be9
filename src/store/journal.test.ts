import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import type { Clock } from '../core/clock.ts'
import { finishDraft, startDraft } from '../core/draft.ts'
import type { RequestEvent } from '../core/event.ts'
import { openJournal, type FileJournal } from './journal.ts'

const dir = mkdtempSync(join(tmpdir(), 'weir-journal-'))
after(() => rmSync(dir, { recursive: true, force: true }))

const timers: (() => void)[] = []
const clock: Clock = {
  now: () => 0,
  after(_delayMs, fn) {
    timers.push(fn)
    return () => void timers.splice(timers.indexOf(fn) >>> 0, 1)
  },
}
const passTime = (): void => timers.splice(0).forEach((fn) => fn())

let files = 0
const newPath = (): string => join(dir, `${files++}`, 'journal.jsonl')

const event = (id: string, route = 'POST /'): RequestEvent => finishDraft(startDraft(id, 7, 'hash', route, null), 9)

const idsOf = ({ owed }: FileJournal): string[] => owed.map(({ id }) => id)

/** What a process that starts after a crash of the one before would find. */
function owedAfterCrash(path: string): string[] {
  const journal = openJournal(path, clock)
  journal.stop()
  return idsOf(journal)
}

test('a new journal owes nothing, and makes its folder for nobody else to read', () => {
  const path = newPath()
  const journal = openJournal(path, clock)
  journal.open(event('a'))
  journal.stop()
  assert.deepEqual([idsOf(journal), journal.unreadable], [[], 0])
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('what was left open is owed to the next process, whole and oldest first', () => {
  const path = newPath()
  const journal = openJournal(path, clock)
  for (const id of ['a', 'b', 'c', 'd']) journal.open(event(id, `POST /${id}\n"é\u2028`))
  journal.close('b')
  journal.close('unknown')
  passTime()
  const next = openJournal(path, clock)
  assert.deepEqual(
    next.owed,
    ['a', 'c', 'd'].map((id) => event(id, `POST /${id}\n"é\u2028`)),
  )
  assert.equal(next.unreadable, 0)
  next.stop()
})

test('what is owed stays owed until it is paid, over any number of crashes', () => {
  const path = newPath()
  openJournal(path, clock).open(event('a'))
  assert.deepEqual(owedAfterCrash(path), ['a'])
  const third = openJournal(path, clock)
  third.open(event('b'))
  assert.deepEqual(idsOf(third), ['a'])
  third.paid()
  assert.deepEqual(idsOf(third), [])
  third.paid()
  assert.deepEqual(owedAfterCrash(path), ['b'])
})

test('a torn last line is what a crash leaves behind, and no damage', () => {
  const path = newPath()
  const journal = openJournal(path, clock)
  journal.open(event('a'))
  journal.open(event('b'))
  const lines = readFileSync(path)
  for (const keep of [1, 40, lines.length / 2 - 1]) {
    const torn = newPath()
    mkdirSync(join(torn, '..'))
    writeFileSync(torn, lines.subarray(0, Math.floor(lines.length / 2 + keep)))
    const next = openJournal(torn, clock)
    assert.ok(['a', 'a,b'].includes(idsOf(next).join()))
    assert.equal(next.unreadable, 0)
    next.open(event('c'))
    assert.deepEqual(owedAfterCrash(torn), [...idsOf(next), 'c'], 'the torn line is gone for good')
  }
})

test('lines that cannot be read are counted, and cost nothing but themselves', () => {
  const path = newPath()
  openJournal(path, clock).open(event('a'))
  const damage = ['\0\0\0', '{"open":{"id":"x"', 'null', '7', '[]', '{}', '{"open":null}', '{"open":{}}', '{"close":5}']
  appendFileSync(path, `${damage.join('\n')}\n\n{"open":${JSON.stringify(event('b'))}}\n`)
  const journal = openJournal(path, clock)
  assert.deepEqual(idsOf(journal), ['a', 'b'])
  assert.equal(journal.unreadable, damage.length)
  assert.equal(openJournal(path, clock).unreadable, 0, 'said once: the file was written anew')
})

test('a journal stays small however many exchanges pass through it', () => {
  const path = newPath()
  const journal = openJournal(path, clock, 10_000)
  journal.open(event('long'))
  for (let i = 0; i < 2000; i++) {
    journal.open(event(`e${i}`))
    journal.close(`e${i}`)
    if (i % 100 === 0) assert.ok(statSync(path).size < 11_000)
  }
  journal.open(event('last'))
  assert.deepEqual(owedAfterCrash(path), ['long', 'last'])
})

test('where more is open than the bound allows, the file is not written anew for every line', () => {
  const path = newPath()
  const journal = openJournal(path, clock, 1)
  let rewrites = 0
  let inode = statSync(path).ino
  for (let i = 0; i < 500; i++) {
    journal.open(event(`e${i}`))
    const now = statSync(path).ino
    if (now !== inode) rewrites++
    inode = now
  }
  assert.ok(rewrites >= 3 && rewrites <= 20, `${rewrites} times`)
  assert.equal(owedAfterCrash(path).length, 500)
})

test('paying while the file is written anew brings back nothing', () => {
  for (const bound of [500, 1000, 2000, 3000, 5000, 8000]) {
    const path = newPath()
    const journal = openJournal(path, clock)
    for (const id of ['a', 'b', 'c', 'd']) journal.open(event(id))
    const next = openJournal(path, clock, bound)
    assert.equal(next.owed.length, 4)
    next.open(event('e'))
    next.paid()
    assert.deepEqual(owedAfterCrash(path), ['e'], `${bound}`)
  }
})

test('a rewrite that fails is heard of, and the journal goes on in its old file', () => {
  const path = newPath()
  const journal = openJournal(path, clock, 2000)
  mkdirSync(`${path}.new`)
  let failures = 0
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    try {
      journal.open(event(id))
    } catch (error) {
      failures++
      assert.equal((error as NodeJS.ErrnoException).code, 'EISDIR')
    }
  }
  assert.ok(failures > 0)
  rmdirSync(`${path}.new`)
  journal.open(event('f'))
  journal.close('a')
  passTime()
  assert.deepEqual(owedAfterCrash(path), ['b', 'c', 'd', 'e', 'f'])
})

test('after any history and a crash at any line, exactly what was open is owed', () => {
  const step = fc.tuple(fc.constantFrom('open', 'close', 'crash', 'paid'), fc.nat(9))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 700, 3000, 1e6), (steps, bound) => {
      const path = newPath()
      const open = new Set<string>()
      const owed = new Set<string>()
      let journal = openJournal(path, clock, bound)
      let count = 0
      for (const [what, which] of steps) {
        if (what === 'open') {
          const id = `e${count++}`
          open.add(id)
          journal.open(event(id))
        } else if (what === 'close') {
          const id = [...open][which]
          if (id === undefined) continue
          open.delete(id)
          journal.close(id)
        } else if (what === 'paid') {
          owed.clear()
          journal.paid()
        } else {
          journal.stop()
          journal = openJournal(path, clock, bound)
          for (const id of open) owed.add(id)
          open.clear()
        }
        assert.deepEqual(idsOf(journal), [...owed])
      }
      journal.stop()
      assert.deepEqual(owedAfterCrash(path), [...owed, ...open])
    }),
  )
})

test('an end is written with the next beginning, when nothing is open, or after a moment, whichever comes first', () => {
  const path = newPath()
  const journal = openJournal(path, clock)
  for (const id of ['a', 'b', 'c']) journal.open(event(id))
  journal.close('a')
  assert.deepEqual(owedAfterCrash(path), ['a', 'b', 'c'], 'not yet')
  const again = openJournal(path, clock)
  again.paid()
  for (const id of ['d', 'e', 'f']) again.open(event(id))
  again.close('d')
  again.open(event('g'))
  assert.deepEqual(owedAfterCrash(path), ['e', 'f', 'g'], 'with the next beginning')
  const last = openJournal(path, clock)
  last.paid()
  last.open(event('h'))
  last.close('h')
  assert.deepEqual(owedAfterCrash(path), [], 'when nothing is open')
})
