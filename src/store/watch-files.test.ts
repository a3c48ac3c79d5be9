import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { watchFiles, type FileWatch } from './watch-files.ts'

interface Set {
  readonly folder: string
  readonly clock: VirtualClock
  readonly watch: FileWatch
  readonly state: { told: number; act: () => void }
  path(name: string): string
}

async function watching(names: readonly string[], run: (set: Set) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-'))
  const path = (name: string): string => join(folder, name)
  for (const name of names) writeFileSync(path(name), 'first')
  const clock = createVirtualClock(0)
  const state = { told: 0, act: () => {} }
  const watch = watchFiles(names.map(path), clock, () => {
    state.told++
    state.act()
  })
  try {
    await run({ folder, clock, watch, state, path })
  } finally {
    watch.stop()
    rmSync(folder, { recursive: true })
  }
}

test('a change is told once, when the file has been left alone for a moment', () =>
  watching(['a', 'b'], async ({ clock, state, path }) => {
    await clock.advance(10_000)
    assert.equal(state.told, 0)
    writeFileSync(path('b'), 'second one')
    await clock.advance(1000)
    assert.equal(state.told, 0, 'it may still be being written')
    await clock.advance(1000)
    assert.equal(state.told, 1)
    await clock.advance(10_000)
    assert.equal(state.told, 1)
  }))

test('a file that goes on changing is waited for', () =>
  watching(['a'], async ({ clock, state, path }) => {
    for (let i = 1; i <= 5; i++) {
      writeFileSync(path('a'), 'x'.repeat(i * 10))
      await clock.advance(1000)
    }
    assert.equal(state.told, 0)
    await clock.advance(1000)
    assert.equal(state.told, 1)
  }))

test('a file that goes, and one that comes, are changes; a moment without it is none', () =>
  watching(['a'], async ({ clock, state, path }) => {
    unlinkSync(path('a'))
    await clock.advance(2000)
    assert.equal(state.told, 1)
    writeFileSync(path('a'), 'again')
    await clock.advance(2000)
    assert.equal(state.told, 2)
    // An editor's way to save: the old one aside, and then a new one under the name.
    renameSync(path('a'), path('aside'))
    await clock.advance(1000)
    writeFileSync(path('a'), 'a third time')
    await clock.advance(1000)
    assert.equal(state.told, 2, 'the moment without it is not told')
    await clock.advance(1000)
    assert.equal(state.told, 3)
  }))

test('another file of the same size and time under the name is a change', () =>
  watching(['a'], async ({ clock, state, path }) => {
    const { atime, mtime, size } = statSync(path('a'))
    writeFileSync(path('copy'), 'other')
    assert.equal(statSync(path('copy')).size, size)
    utimesSync(path('copy'), atime, mtime)
    renameSync(path('copy'), path('a'))
    await clock.advance(2000)
    assert.equal(state.told, 1)
  }))

test('a file that was written in place and given its old time back is a change', () =>
  watching(['a'], async ({ clock, state, path }) => {
    const past = new Date(Date.UTC(2020, 0, 1))
    utimesSync(path('a'), past, past)
    await clock.advance(5000)
    const before = state.told
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(path('a'), 'other')
    utimesSync(path('a'), past, past)
    await clock.advance(2000)
    assert.equal(state.told, before + 1)
  }))

test('a mounted secret changes when its link leads elsewhere', () =>
  watching([], async ({ clock, state, path, watch }) => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(path(version))
      writeFileSync(join(path(version), 'secret'), version)
    }
    symlinkSync('v1', path('data'))
    symlinkSync(join('data', 'secret'), path('secret'))
    watch.reset([path('secret')])
    await clock.advance(3000)
    assert.equal(state.told, 0)
    symlinkSync('v2', path('next'))
    renameSync(path('next'), path('data'))
    await clock.advance(2000)
    assert.equal(state.told, 1)
  }))

test('after a reset the new files are watched and the old ones are not', () =>
  watching(['a', 'b'], async ({ clock, state, path, watch }) => {
    writeFileSync(path('c'), 'first')
    watch.reset([path('b'), path('c')])
    writeFileSync(path('a'), 'changed, and nobody asks')
    await clock.advance(5000)
    assert.equal(state.told, 0)
    writeFileSync(path('c'), 'changed')
    await clock.advance(2000)
    assert.equal(state.told, 1)
  }))

test('a change while the files are being read is not taken for read', () =>
  watching(['a'], async ({ clock, state, path, watch }) => {
    writeFileSync(path('a'), 'second one')
    state.act = () => {
      // Whoever is told reads the file; then it changes; then the watch is set on it again.
      if (state.told === 1) writeFileSync(path('a'), 'the third one')
      watch.reset([path('a')])
    }
    await clock.advance(2000)
    assert.equal(state.told, 1)
    await clock.advance(2000)
    assert.equal(state.told, 2)
    await clock.advance(10_000)
    assert.equal(state.told, 2)
  }))

test('a watch that is stopped by whoever it tells stays stopped', () =>
  watching(['a'], async ({ clock, state, path, watch }) => {
    state.act = () => watch.stop()
    writeFileSync(path('a'), 'second one')
    await clock.advance(2000)
    assert.equal(state.told, 1)
    assert.equal(clock.pending, 0)
    writeFileSync(path('a'), 'the third one')
    await clock.advance(10_000)
    assert.equal(state.told, 1)
  }))

test('a failure of whoever is told does not end the watch', () =>
  watching(['a'], async ({ clock, state, path }) => {
    state.act = () => {
      throw new Error('reload failed')
    }
    writeFileSync(path('a'), 'second one')
    await assert.rejects(clock.advance(2000), /reload failed/)
    state.act = () => {}
    writeFileSync(path('a'), 'the third one')
    await clock.advance(3000)
    assert.equal(state.told, 2)
  }))
