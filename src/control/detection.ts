import { Hono } from 'hono'
import type { Weir } from '../compose.ts'
import type { AccountCase, CampaignCase } from '../core/decision.ts'
import { badLimit, limitOf } from './asked.ts'

/** What detection says: how it runs, and the accounts and campaigns that stand out, those with most evidence first. */
export function detectionApi({ detection }: Weir): Hono {
  const app = new Hono()
  app.get('/', (c) => {
    const { calibration, savedAtMs, mode, learning, levels, accounts, campaigns, judged } = detection.status
    const saved = savedAtMs === null ? null : at(savedAtMs)
    return c.json({ mode, learning, calibration, accounts, levels, campaigns, judged, saved })
  })
  app.get('/accounts', (c) => {
    const limit = limitOf(c.req.query('limit'))
    return limit === null ? c.json(badLimit, 400) : c.json(most(detection.accounts(), limit).map(accountRow))
  })
  app.get('/campaigns', (c) => {
    const limit = limitOf(c.req.query('limit'))
    return limit === null ? c.json(badLimit, 400) : c.json(most(detection.campaigns(), limit).map(campaignRow))
  })
  return app
}

/** A campaign can have more members than anybody reads. */
const MAX_MEMBERS = 1000

const most = <T extends { readonly evidence: number; readonly lastMs: number }>(
  cases: readonly T[],
  limit: number,
): readonly T[] => cases.toSorted((a, b) => b.evidence - a.evidence || b.lastMs - a.lastMs).slice(0, limit)

const at = (timeMs: number): string => new Date(timeMs).toISOString()

const accountRow = (one: AccountCase): object => ({
  account: one.account,
  keys: one.keys,
  level: one.level,
  evidence: one.evidence,
  campaign: one.campaign,
  first: at(one.firstMs),
  last: at(one.lastMs),
  exchanges: one.exchanges,
  input_tokens: one.inputTokens,
  output_tokens: one.outputTokens,
  steps: one.steps.map(({ level, action, atMs, exchange }) => ({ level, action, at: at(atMs), exchange })),
  findings: one.findings,
})

const campaignRow = (one: CampaignCase): object => ({
  id: one.id,
  level: one.level,
  evidence: one.evidence,
  families: one.families,
  accounts: one.members.length,
  members: one.members.slice(0, MAX_MEMBERS),
  first: at(one.firstMs),
  detected: at(one.detectedMs),
  last: at(one.lastMs),
  exchanges: one.exchanges,
  input_tokens: one.inputTokens,
  output_tokens: one.outputTokens,
  findings: one.findings,
})
