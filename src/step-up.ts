import type { Config } from './config/config.ts'
import type { Records } from './core/records.ts'
import type { Result } from './core/result.ts'
import { accountOfToken } from './identity/identify.ts'
import type { KeyPorts } from './identity/jwks.ts'
import { JwtChecker, momentOf, type JwtCheck, type JwtIssuer } from './identity/jwt.ts'
import { stepUpPageAnswer } from './stepup/page.ts'
import type { Review } from './stepup/review.ts'
import { StepUps, type StepUpOptions, type StepUpSettings } from './stepup/step-ups.ts'
import type { ShownToken } from './stepup/token.ts'
import type { StepUpDesk } from './step-up-desk.ts'

/** The room of step-ups, with what it needs of others: tokens are identity's to check. */
export interface StepUpWorld {
  readonly secret: Uint8Array
  readonly records: Records
  readonly asked: StepUpOptions['asked']
  readonly ports: KeyPorts
  /** Who checks the tokens that callers come with, as the configuration in force has it. */
  callers(): JwtChecker | null
}

export interface StepUp extends StepUpDesk {
  reload(next: Config): void
  /** What accounts have declared or asked for and is not over, oldest first. */
  reviews(): readonly Review[]
  decide(id: string, decision: 'accept' | 'reject', by: string): Result<Review, string>
}

export function openStepUp(first: Config, world: StepUpWorld): StepUp {
  const { secret, records, asked, ports } = world
  let config = first
  let attestation: { readonly written: string; readonly checker: JwtChecker } | null = null
  const attestors = (): JwtChecker | null => {
    const issuer = attestationIssuer(config)
    if (issuer === null) return null
    // The issuer's keys stay where a reload does not touch the issuer.
    const written = JSON.stringify(issuer)
    if (attestation?.written !== written) attestation = { written, checker: new JwtChecker([issuer], ports) }
    return attestation.checker
  }
  const stepUps = new StepUps({
    secret,
    records,
    settings: settingsOf(first),
    asked,
    checkToken: (token, use) =>
      use === 'attestation'
        ? shownToken(attestors(), token, attestedBy)
        : shownToken(world.callers(), token, (check) => [accountOfToken(check)]),
  })
  return {
    stepUps,
    page: stepUpPageAnswer(),
    get url() {
      return config.response.stepUp.url
    },
    reload(next) {
      config = next
      stepUps.settings = settingsOf(next)
    },
    reviews: () => stepUps.reviews(ports.clock.now()),
    decide: (id, decision, by) => stepUps.decide(id, decision, by, ports.clock.now()),
  }
}

function settingsOf(config: Config): StepUpSettings {
  const { proofBits, challengeMs } = config.response.stepUp
  return { proofBits, challengeMs, attests: attestationIssuer(config) !== null }
}

/** What attestations must be made for: no token for another purpose passes for one. */
const ATTESTATION_AUDIENCE = 'weir-step-up'

/** The configured issuer as one whose tokens attest accounts; null: there is none. */
function attestationIssuer({ identity, response }: Config): JwtIssuer | null {
  const name = response.stepUp.attestationIssuer
  const issuer = name === null ? undefined : identity.jwt.find((one) => one.name === name)
  if (issuer === undefined) return null
  // Of whom it speaks is all that is asked of an attestation.
  const claims = { tenant: issuer.claims.tenant, user: null, profile: null }
  return { ...issuer, audiences: [ATTESTATION_AUDIENCE], claims }
}

type GoodToken = JwtCheck & { readonly ok: true }

/** Has a token checked as any token is, and reads of a good one what a step-up wants to know. */
async function shownToken(
  checker: JwtChecker | null,
  token: string,
  accountsOf: (check: GoodToken) => readonly string[],
): Promise<ShownToken | 'refused' | 'unavailable'> {
  if (checker === null || !checker.looksLikeJwt(token)) return 'refused'
  const check = await checker.check(token)
  if (!check.ok) return check.why === 'unavailable' ? 'unavailable' : 'refused'
  return { accounts: accountsOf(check), issuer: check.issuer, subject: check.subject, ...momentOf(token) }
}

/** An issuer that names tenants attests these; one that does not, its subjects, which may be accounts by their names. */
const attestedBy = (check: GoodToken): readonly string[] =>
  check.tenant === null ? [accountOfToken(check), check.subject] : [accountOfToken(check)]
