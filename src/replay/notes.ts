/** What was left out of lines that could be read: how often, and on which line first. */
export class Notes {
  /** The line that is being read, from 1, over all files. */
  line = 0
  readonly #seen = new Map<Note, Noted>()

  add(note: Note): void {
    const seen = this.#seen.get(note)
    if (seen === undefined) this.#seen.set(note, { note, count: 1, firstLine: this.line })
    else seen.count++
  }

  list(): readonly Readonly<Noted>[] {
    return [...this.#seen.values()]
  }
}

export interface Noted {
  readonly note: Note
  count: number
  readonly firstLine: number
}

/** A fixed list: nothing that a log holds becomes the name of a note. */
export type Note =
  | 'a field of the wrong type was ignored'
  | 'a number out of range was ignored'
  | 'a text too long for its field was cut'
  | 'a message of an unknown role was read as the user’s'
  | 'a message that cannot be read was left out'
  | 'bytes that are not UTF-8 were replaced'
  | 'the clock ran backwards; the latest time was taken'
  | 'the clock leapt ahead for one line; the time before was taken'
  | 'the line repeats an earlier one'
