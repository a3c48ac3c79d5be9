/**
 * Small facts that operators and customers decide and that must outlive a restart, such as accepted terms. Few and read at
 * start: whoever uses them keeps them in memory. Every call is synchronous and may throw when the disk fails.
 */
export interface Records {
  all(kind: RecordKind): readonly { readonly id: string; readonly value: string }[]
  put(kind: RecordKind, id: string, value: string): void
  remove(kind: RecordKind, id: string): void
  /** All of these or none. */
  write(changes: readonly RecordChange[]): void
}

export type RecordKind = 'terms' | 'reputation' | 'review' | 'step_up' | 'action' | 'containment' | 'campaign_member'

export interface RecordChange {
  readonly kind: RecordKind
  readonly id: string
  /** null: removed. */
  readonly value: string | null
}

/** Where nothing is kept beyond the process. */
export function memoryRecords(): Records {
  const kept = new Map<string, { readonly kind: RecordKind; readonly id: string; readonly value: string }>()
  const put = (kind: RecordKind, id: string, value: string): void =>
    void kept.set(`${kind}\n${id}`, { kind, id, value })
  const remove = (kind: RecordKind, id: string): void => void kept.delete(`${kind}\n${id}`)
  return {
    put,
    remove,
    all: (kind) => [...kept.values()].flatMap((one) => (one.kind === kind ? [{ id: one.id, value: one.value }] : [])),
    write(changes) {
      for (const { kind, id, value } of changes) {
        if (value === null) remove(kind, id)
        else put(kind, id, value)
      }
    },
  }
}
