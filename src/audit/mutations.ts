import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { entriesOf, framed } from './journal.ts'

/** For tests and the bench: ways to tamper with a log's folder, each undone by what it gives back. */
export type Undo = () => void

const rewrite = (path: string, bytes: Uint8Array): Undo => {
  const before = readFileSync(path)
  writeFileSync(path, bytes)
  return () => writeFileSync(path, before)
}

export function flipBit(path: string, bit: number): Undo {
  const bytes = readFileSync(path)
  bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
  return rewrite(path, bytes)
}

/** Changes the entries of one bundle, with their lengths as they should be. */
export const changeEntries = (path: string, change: (entries: Buffer[]) => Buffer[]): Undo =>
  rewrite(path, framed(change(entriesOf(readFileSync(path)))))

export const changeBytes = (path: string, change: (bytes: Buffer) => Uint8Array): Undo =>
  rewrite(path, change(readFileSync(path)))

export function removeFile(path: string): Undo {
  const bytes = readFileSync(path)
  rmSync(path)
  return () => writeFileSync(path, bytes)
}

export function addFile(path: string, bytes: Uint8Array): Undo {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return () => rmSync(path)
}

export function swapFiles(one: string, other: string): Undo {
  const swap = (): void => {
    renameSync(one, `${one}.swap`)
    renameSync(other, one)
    renameSync(`${one}.swap`, other)
  }
  swap()
  return swap
}

export function replaceFolder(folder: string, by: string): Undo {
  renameSync(folder, `${folder}.kept`)
  cpSync(by, folder, { recursive: true })
  return () => {
    rmSync(folder, { recursive: true })
    renameSync(`${folder}.kept`, folder)
  }
}

/** Every file of a log, relative to its folder. */
export const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
    .sort()
