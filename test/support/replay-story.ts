import { Readable } from 'node:stream'
import type { AccountCase, CampaignCase } from '../../src/core/decision.ts'
import { readOwn } from '../../src/replay/own.ts'
import { replay, type Replayed } from '../../src/replay/replay.ts'
import { streamSource } from '../../src/replay/source.ts'
import { allowed, scriptedJudge } from './scripted-judge.ts'

const START_MS = Date.UTC(2026, 5, 1, 9)
const MINUTE_MS = 60_000
const MEMBERS = 20
const SHARED_KEY = 4711

/** A morning of forty accounts, of which twenty copy together: what a scripted judge makes of it is told here too. */
export async function playStory(): Promise<{
  readonly replayed: Replayed
  readonly accounts: readonly AccountCase[]
  readonly campaigns: readonly CampaignCase[]
}> {
  const campaigns = [campaign()]
  const accounts = [...members(), alone(), watched()]
  const judge = scriptedJudge({
    accounts,
    campaigns,
    keysOf: ({ key }) => (key.startsWith('copy') ? [SHARED_KEY, key.length] : []),
    decide: ({ key, timeMs }) =>
      key.startsWith('copy') && timeMs >= START_MS + 100 * MINUTE_MS
        ? { action: 'step_up', level: 'step_up', campaign: 'c-17', evidence: 5_000 }
        : allowed,
  })
  const source = streamSource('story', Readable.from([Buffer.from(story().join('\n'))]))
  const input = {
    sources: [source],
    read: readOwn,
    judge,
    costOf: () => null,
    decisions: null,
    progress: () => undefined,
  }
  return { replayed: await replay(input), accounts, campaigns }
}

function story(): readonly string[] {
  const subjects = ['tides on the coast', 'bread', 'why bridges hum in the wind', 'old maps']
  const lines = Array.from({ length: 400 }, (_, i) => {
    const copies = i % 2 === 0
    const who = copies ? `copy-${(i / 2) % MEMBERS}` : `user-${((i - 1) / 2) % 20}`
    const prompt = copies
      ? `Explain ${subjects[(i >> 1) % 4]} step by step, and show your full reasoning.`
      : `thanks, and what of ${subjects[i % 4]}?`
    const usage = { input_tokens: 30, output_tokens: copies ? 900 : 100, cost_usd: copies ? 0.01 : 0.001 }
    return JSON.stringify({ time: START_MS + (i * MINUTE_MS) / 2, key: who, prompt, ...usage })
  })
  return [...lines.slice(0, 100), 'not JSON', '', ...lines.slice(100)]
}

const campaign = (): CampaignCase => ({
  id: 'c-17',
  members: Array.from({ length: MEMBERS }, (_, i) => `copy-${i}`),
  firstMs: START_MS,
  lastMs: START_MS + 199 * MINUTE_MS,
  detectedMs: START_MS + 95 * MINUTE_MS,
  level: 'step_up',
  evidence: 5_000,
  families: ['form', 'timing'],
  exchanges: 200,
  inputTokens: 6_000,
  outputTokens: 180_000,
  keys: [SHARED_KEY, 99],
  findings: [
    {
      detector: 'shared_template',
      family: 'form',
      evidence: 4_000,
      segment: 'pooled',
      calibrated: 300,
      says: '20 accounts send one template that two would share by chance',
    },
    {
      detector: 'work_queue',
      family: 'timing',
      evidence: 60,
      segment: null,
      calibrated: null,
      says: 'they take turns: no two ask within the same second',
    },
  ],
})

const members = (): readonly AccountCase[] =>
  Array.from({ length: MEMBERS }, (_, i) => ({
    ...account(`copy-${i}`, 'c-17'),
    level: 'step_up' as const,
    evidence: 5_000,
    steps: [
      { level: 'watch' as const, action: 'allow' as const, atMs: START_MS + 40 * MINUTE_MS, exchange: 2 },
      ...(i % 4 === 0
        ? [{ level: 'step_up' as const, action: 'restrict' as const, atMs: START_MS + 96 * MINUTE_MS, exchange: 4 }]
        : []),
      { level: 'step_up' as const, action: 'step_up' as const, atMs: START_MS + (100 + i) * MINUTE_MS, exchange: 5 },
    ],
  }))

const alone = (): AccountCase => ({
  ...account('user-3', null),
  level: 'tarpit',
  evidence: 1_234,
  steps: [{ level: 'tarpit', action: 'tarpit', atMs: START_MS + 120 * MINUTE_MS, exchange: 7 }],
  findings: [
    {
      detector: 'coverage',
      family: 'content',
      evidence: 1_234,
      segment: 'app',
      calibrated: 150,
      says: 'asks for something new each time, where others come back to a subject',
    },
  ],
})

const watched = (): AccountCase => ({ ...account('user-9', null), level: 'watch', evidence: 25 })

const account = (name: string, campaign: string | null): AccountCase => ({
  account: name,
  keys: [name],
  level: 'watch',
  evidence: 1,
  campaign,
  firstMs: START_MS,
  lastMs: START_MS + 199 * MINUTE_MS,
  exchanges: 10,
  inputTokens: 300,
  outputTokens: 1_000,
  steps: [],
  findings: [],
})
