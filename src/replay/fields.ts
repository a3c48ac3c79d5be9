import { type Profile, profiles } from '../core/principal.ts'
import type { Line } from './line.ts'
import type { Notes } from './notes.ts'

/** Reads optional fields: what has the wrong type or an absurd value is as if it were not there, and is noted. */

const MAX_TEXT_CHARS = 1024
/** No vendor's window or answer comes near it. */
const MAX_TOKENS = 1_000_000_000
const MAX_MS = 1_000_000_000
const MAX_USD = 9_000_000

export const isObject = (value: unknown): value is Line =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object under a name; an empty one where there is none. */
export const objectOf = (value: unknown): Line => (isObject(value) ? value : nothing)
const nothing: Line = {}

/** A value that a log may hold as JSON within a text. */
export function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

export function text(value: unknown, notes: Notes): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') return ignored(notes)
  if (value.length <= MAX_TEXT_CHARS) return value
  notes.add('a text too long for its field was cut')
  return value.slice(0, MAX_TEXT_CHARS)
}

export function flag(value: unknown, notes: Notes): boolean | null {
  if (value === undefined || value === null) return null
  return typeof value === 'boolean' ? value : ignored(notes)
}

export const tokens = (value: unknown, notes: Notes): number | null => whole(value, 0, MAX_TOKENS, notes)
export const status = (value: unknown, notes: Notes): number | null => whole(value, 100, 599, notes)
export const asn = (value: unknown, notes: Notes): number | null => whole(value, 0, 4_294_967_295, notes)

export function milliseconds(value: unknown, notes: Notes): number | null {
  const ms = number(value, 0, MAX_MS, notes)
  return ms === null ? null : Math.round(ms)
}

/** Dollars of the log as whole nano-dollars. */
export function nanoUsd(value: unknown, notes: Notes): number | null {
  const usd = number(value, 0, MAX_USD, notes)
  return usd === null ? null : Math.round(usd * 1e9)
}

export function profile(value: unknown, notes: Notes): Profile | null {
  if (value === undefined || value === null) return null
  return profiles.find((known) => known === value) ?? ignored(notes)
}

export function record(value: unknown, notes: Notes): Line {
  if (value === undefined || value === null || isObject(value)) return objectOf(value)
  notes.add('a field of the wrong type was ignored')
  return nothing
}

function number(value: unknown, min: number, max: number, notes: Notes): number | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number') return ignored(notes)
  if (value >= min && value <= max) return value
  notes.add('a number out of range was ignored')
  return null
}

function whole(value: unknown, min: number, max: number, notes: Notes): number | null {
  const found = number(value, min, max, notes)
  if (found === null || Number.isInteger(found)) return found
  notes.add('a number out of range was ignored')
  return null
}

function ignored(notes: Notes): null {
  notes.add('a field of the wrong type was ignored')
  return null
}
