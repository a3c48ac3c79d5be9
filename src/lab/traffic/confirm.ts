import { createHash } from 'node:crypto'
import { LIGHTER_PROOF_BITS } from '../arms.ts'
import type { Client } from '../client.ts'
import type { Stage } from '../run.ts'

/** How somebody answers who is asked to confirm an account: as the page does it, with work or with words. */
export type Confirming = 'proof_of_work' | 'purpose'

export const STEP_UP = '/weir/step-up'

/** Whether an answer says that this account is asked, or the body of one that it is insisted on. */
export const isAsked = (reply: { readonly code: string | null }): boolean => reply.code === 'step_up_required'

interface Status {
  readonly asked?: boolean
  readonly means?: readonly string[]
  readonly proof_of_work?: { readonly challenge: string; readonly bits: number } | null
  readonly purpose?: { readonly requests_left: number } | null
}

/** What is asked of the account, and in which ways it can answer; null: nothing. */
export async function askedOf(client: Client): Promise<Status | null> {
  const { status, body } = await client.send('GET', STEP_UP, null)
  if (status !== 200) return null
  const found = JSON.parse(body) as Status
  return found.asked === true ? found : null
}

/** Answers in one of the ways that are offered; whether it may go on. */
export async function confirm(stage: Stage, client: Client, ways: readonly Confirming[]): Promise<boolean> {
  const asked = await askedOf(client)
  if (asked === null) return false
  for (const way of ways) {
    if (asked.means?.includes(way) !== true) continue
    const answer = way === 'purpose' ? purpose : prove(stage, asked.proof_of_work)
    if (answer === null) continue
    const { status, body } = await client.send('POST', STEP_UP, JSON.stringify({ means: way, ...answer }))
    if (status !== 200) continue
    const told = JSON.parse(body) as { readonly passed?: boolean; readonly waits_for?: string }
    // A purpose opens some requests while somebody looks at it.
    if (told.passed === true || told.waits_for === 'review') return true
  }
  return false
}

/** Found by trying, as by anybody; the bits that the lab leaves out are on the bill. */
function prove(stage: Stage, asked: Status['proof_of_work']): { challenge: string; solution: string } | null {
  if (asked === null || asked === undefined) return null
  const { challenge, bits } = asked
  stage.spendHashes(2 ** (bits + LIGHTER_PROOF_BITS))
  for (let number = 0; ; number++) {
    const hash = createHash('sha256').update(`${challenge}:${number}`).digest()
    if (leadingZeros(hash) >= bits) return { challenge, solution: `${number}` }
  }
}

function leadingZeros(bytes: Uint8Array): number {
  let bits = 0
  for (const byte of bytes) {
    bits += Math.clz32(byte) - 24
    if (byte !== 0) break
  }
  return bits
}

const purpose = {
  purpose: 'We label messages of our own customers for a support tool, some hundred a day.',
  contact: 'ops@example.com',
  requests_per_day: 300,
}
