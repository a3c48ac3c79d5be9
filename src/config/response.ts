import type { ResponseConfig } from './response-config.ts'

/** Where nothing is said: evidence is gathered and told, and nobody is touched. */
export const noResponse: ResponseConfig = {
  playbooks: [],
  stepUp: { proofBits: 18, challengeMs: 600_000, attestationIssuer: null, url: null },
  tarpit: { maxHeld: 1000, maxHeldBytes: 67_108_864 },
  decoys: { endpoints: [], models: [], keys: [], aliases: null, promptCanary: null, upstream: null },
  alerts: [],
  truth: { heldBack: 0.01, maxWrong: 0.1, leastReviewed: 20 },
  loops: null,
}
