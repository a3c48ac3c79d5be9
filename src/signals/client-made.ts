/**
 * What a coding agent's client writes in its user's name: that a command was given, what it printed, that an answer was
 * interrupted, the sentence before a plan. Everybody who uses the client has the same, so that it says of two accounts that
 * they use it and nothing more. Of 1,225 turns of three developers it was one in seven.
 *
 * Also met by: nobody else. Dodged by nothing: an event has no room for a question worth stealing, and what stands behind an
 * opening is read as if it stood alone.
 */
const ROOM = 64

const events: readonly RegExp[] = [
  /^\[Request interrupted by user(?: for tool use)?\]$/,
  new RegExp(`^(?:<command-(name|message|args)>[^<]{0,${ROOM}}</command-\\1>\\s*){1,3}$`),
  new RegExp(`^<local-command-(stdout|stderr)>[^<]{0,${ROOM}}</local-command-\\1>$`),
]

const openings: readonly string[] = ['Implement the following plan:', '<task>', '<user_query>']

const LONGEST_EVENT = 4 * ROOM + 128

/** Whether a text is such an event and nothing else. */
export const isClientEvent = (text: string): boolean =>
  text.length <= LONGEST_EVENT &&
  (text.startsWith('<') || text.startsWith('[')) &&
  events.some((event) => event.test(text))

/** The text behind such an opening; the text itself where there is none. */
export function behindOpening(text: string): string {
  const opening = openings.find((one) => text.startsWith(one))
  return opening === undefined ? text : text.slice(opening.length).trimStart()
}
