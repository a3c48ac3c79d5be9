/** What honest accounts score and how their prompts are formed: the numbers that evidence is measured against. */
export interface Calibration {
  readonly v: 1
  /** Where the accounts come from, for whoever reads a decision. */
  readonly source: string
  readonly segments: ReadonlyMap<string, Segment>
  readonly panel: FormPanel
}

export interface Segment {
  /** The highest score of each account's life. */
  readonly scores: readonly number[]
}

/** Forms of honest accounts: for each, the cells of one window of prompts and how often it was in each. */
export interface FormPanel {
  readonly accounts: readonly { readonly cells: Uint32Array; readonly counts: Uint8Array }[]
}
