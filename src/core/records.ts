/**
 * Small facts that operators and customers decide and that must outlive a restart, such as accepted terms. Few and read at
 * start: whoever uses them keeps them in memory. Both calls are synchronous and may throw when the disk fails.
 */
export interface Records {
  all(kind: RecordKind): readonly { readonly id: string; readonly value: string }[]
  put(kind: RecordKind, id: string, value: string): void
  remove(kind: RecordKind, id: string): void
}

export type RecordKind = 'terms' | 'reputation' | 'step_up'

/** Where nothing is kept beyond the process. */
export function memoryRecords(): Records {
  const kept = new Map<string, { readonly kind: RecordKind; readonly id: string; readonly value: string }>()
  return {
    all: (kind) => [...kept.values()].flatMap((one) => (one.kind === kind ? [{ id: one.id, value: one.value }] : [])),
    put: (kind, id, value) => void kept.set(`${kind}\n${id}`, { kind, id, value }),
    remove: (kind, id) => void kept.delete(`${kind}\n${id}`),
  }
}
