/**
 * Which parts of a prompt are looked at when all of it would be too much. The choice is the same for the same lengths:
 * whoever has read this can put something small between two windows. It takes a prompt longer than the bound to do so,
 * which costs the sender tokens and shows in the event; something long cannot be kept out of every window.
 */

/** The shortest window: longer than the shortest flood that is looked for. */
export const WINDOW = 2048

/** What a text weighs by itself, however short: thousands of empty ones are work too. */
const TEXT_WEIGHT = 16

/** A piece of one text, in UTF-16 units. */
export interface Piece {
  /** Which text of the list. */
  readonly index: number
  readonly text: string
  readonly from: number
  readonly to: number
}

/**
 * At most `maxUnits` units of the texts: all of them, or a quarter of that from the start, a quarter from the end, and
 * the rest as evenly spaced windows between. Pieces are in order; no two of them overlap.
 */
export function piecesOf(texts: readonly string[], maxUnits: number): readonly Piece[] {
  let size = -TEXT_WEIGHT
  for (const text of texts) size += text.length + TEXT_WEIGHT
  const pieces: Piece[] = []
  if (size <= maxUnits) {
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index]!
      if (text !== '') pieces.push({ index, text, from: 0, to: text.length })
    }
    return pieces
  }
  const windows = windowsOf(size, Math.max(0, Math.floor(maxUnits)))
  let at = 0
  let next = 0
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index]!
    const end = at + text.length
    // A window that ends before this text was for what comes before it.
    while (next < windows.length && windows[next]!.to <= at) next++
    for (let i = next; i < windows.length && windows[i]!.from < end; i++) {
      const from = Math.max(0, windows[i]!.from - at)
      const to = Math.min(text.length, windows[i]!.to - at)
      if (from < to) pieces.push({ index, text, from, to })
    }
    at = end + TEXT_WEIGHT
    if (next === windows.length) break
  }
  return pieces
}

interface Span {
  readonly from: number
  readonly to: number
}

function windowsOf(size: number, max: number): readonly Span[] {
  const edge = max >> 2
  const middle = max - 2 * edge
  const count = Math.max(1, Math.floor(middle / WINDOW))
  const length = Math.floor(middle / count)
  const gap = (size - 2 * edge - count * length) / (count + 1)
  const windows: Span[] = [{ from: 0, to: edge }]
  for (let i = 0; i < count; i++) {
    const from = Math.floor(edge + gap + i * (length + gap))
    windows.push({ from, to: from + length })
  }
  windows.push({ from: size - edge, to: size })
  return windows
}
