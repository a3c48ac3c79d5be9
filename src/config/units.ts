const durationUnits = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
const byteUnits = { MiB: 1_048_576, KiB: 1024 } as const

/** Milliseconds of `250ms 30s 1m 6h 1d`; null for anything else. */
export function parseDuration(text: string): number | null {
  const found = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text)
  return found === null ? null : Number(found[1]) * durationUnits[found[2] as keyof typeof durationUnits]
}

/** In the largest unit that stays whole. */
export function formatDuration(durationMs: number): string {
  for (const [unit, size] of Object.entries(durationUnits)) {
    if (durationMs % size === 0 && durationMs >= size) return `${durationMs / size}${unit}`
  }
  return `${durationMs}ms`
}

/** Bytes of `8MiB 512KiB 1048576`; null for anything else. */
export function parseBytes(text: string): number | null {
  const found = /^(\d{1,12})(MiB|KiB)?$/.exec(text)
  if (found === null) return null
  return Number(found[1]) * (found[2] === undefined ? 1 : byteUnits[found[2] as keyof typeof byteUnits])
}

export function formatBytes(bytes: number): string {
  for (const [unit, size] of Object.entries(byteUnits)) {
    if (bytes % size === 0 && bytes >= size) return `${bytes / size}${unit}`
  }
  return String(bytes)
}
