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
  return () => {
    count = (count + 1) % 0x7fff_ffff
    return `req_${now().toString(36)}${process}${count.toString(36).padStart(4, '0')}`
  }
}
