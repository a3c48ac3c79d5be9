/** Makes the ids of requests; an argument, so that a replay gives the same ones. */
export type NextId = () => string

/** The same ids under another first word. */
export const named =
  (word: string, nextId: NextId): NextId =>
  () =>
    `${word}${nextId().slice(3)}`

/**
 * Ids that sort by time and cannot collide between processes: time, then a random part that one process counts up.
 * `random` gives a whole number below its argument.
 */
export function idsFrom(now: () => number, random: (below: number) => number): NextId {
  const process = random(0x1_0000_0000).toString(36).padStart(7, '0')
  let count = 0
  let atMs = -1
  let start = ''
  return () => {
    count = (count + 1) % 0x7fff_ffff
    const nowMs = now()
    if (nowMs !== atMs) {
      // Once for all ids of a millisecond: the runtime takes a microsecond to write a time in another base.
      atMs = nowMs
      start = `req_${nowMs.toString(36)}${process}`
    }
    return start + count.toString(36).padStart(4, '0')
  }
}
