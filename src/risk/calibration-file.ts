import type { Calibration, FormPanel, Segment } from '../core/calibration.ts'
import { err, ok, type Result } from '../core/result.ts'

/**
 * A calibration as a file: numbers only. The panel's cells are a table of 32-bit numbers, and each account a list of
 * places in it with a count, packed and in base64, so that a thousand accounts are some hundred kilobytes.
 */
export function writeCalibration({ v, source, segments, panel }: Calibration): string {
  const places = placesOf(panel)
  const table = Buffer.alloc(places.size * 4)
  for (const [cell, place] of places) table.writeUInt32LE(cell, place * 4)
  const entries = panel.accounts.reduce((sum, { cells }) => sum + cells.length, 0)
  const packed = Buffer.alloc(panel.accounts.length * 2 + entries * 3)
  let at = 0
  for (const { cells, counts } of panel.accounts) {
    const lengthAt = at
    at += 2
    let length = 0
    for (let i = 0; i < cells.length; i++) {
      const place = places.get(cells[i]!)
      if (place === undefined) continue
      length++
      at = packed.writeUInt16LE(place, at)
      at = packed.writeUInt8(counts[i]!, at)
    }
    packed.writeUInt16LE(length, lengthAt)
  }
  const scores = Object.fromEntries(
    [...segments].map(([name, segment]) => [
      name,
      { scores: segment.scores.toSorted((a, b) => a - b).map((score) => Math.round(score * 100) / 100) },
    ]),
  )
  return `${JSON.stringify({ v, source, segments: scores, cells: table.toString('base64'), panel: packed.subarray(0, at).toString('base64') })}\n`
}

const MAX_PLACES = 65_536

/** Each cell's place in the table. Where there are too many, the rarest are left out: what one account does is no habit. */
function placesOf({ accounts }: FormPanel): ReadonlyMap<number, number> {
  const holders = new Map<number, number>()
  for (const { cells } of accounts) for (const cell of cells) holders.set(cell, (holders.get(cell) ?? 0) + 1)
  const all = [...holders]
  const kept = all.length <= MAX_PLACES ? all : all.sort(([, a], [, b]) => b - a).slice(0, MAX_PLACES)
  return new Map(kept.map(([cell], place) => [cell, place]))
}

/** The error says what is wrong with the text, for the operator. */
export function readCalibration(text: string): Result<Calibration, string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return err('is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null) return err('is no calibration')
  const { v, source, segments, cells, panel } = parsed as Record<string, unknown>
  if (v !== 1)
    return err(typeof v === 'number' && v > 1 ? 'was written by a newer version of Weir' : 'is no calibration')
  if (typeof source !== 'string' || typeof segments !== 'object' || segments === null || Array.isArray(segments))
    return err('is no calibration')
  if (typeof cells !== 'string' || typeof panel !== 'string') return err('has no panel of forms')
  const read = new Map<string, Segment>()
  for (const [name, segment] of Object.entries(segments as Record<string, unknown>)) {
    const scores = (segment as { scores?: unknown } | null)?.scores
    if (!Array.isArray(scores) || !scores.every((one) => typeof one === 'number' && Number.isFinite(one) && one >= 0))
      return err(`has a segment "${name}" whose scores are not numbers`)
    read.set(name, { scores: scores as number[] })
  }
  const table = bytesOf(cells)
  const packed = bytesOf(panel)
  if (table === null || packed === null || table.length % 4 !== 0) return err('has a panel that is damaged')
  const accounts = readPanel(table, packed)
  return accounts === null
    ? err('has a panel that is cut off')
    : ok({ v: 1, source, segments: read, panel: { accounts } })
}

/** Node passes over what is no base64. */
const bytesOf = (text: string): Buffer | null =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null

function readPanel(table: Buffer, packed: Buffer): FormPanel['accounts'] | null {
  const known = Uint32Array.from({ length: Math.floor(table.length / 4) }, (_, i) => table.readUInt32LE(i * 4))
  const accounts: { cells: Uint32Array; counts: Uint8Array }[] = []
  let at = 0
  while (at < packed.length) {
    if (at + 2 > packed.length) return null
    const length = packed.readUInt16LE(at)
    at += 2
    if (at + length * 3 > packed.length) return null
    const cells = new Uint32Array(length)
    const counts = new Uint8Array(length)
    for (let i = 0; i < length; i++, at += 3) {
      const place = packed.readUInt16LE(at)
      if (place >= known.length) return null
      cells[i] = known[place]!
      counts[i] = packed[at + 2]!
    }
    accounts.push({ cells, counts })
  }
  return accounts
}
