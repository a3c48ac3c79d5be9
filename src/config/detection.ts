import * as z from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import type { DetectionConfig, LadderConfig } from './config.ts'
import { complain, duration, file, nothingLeft, onAnyMap } from './fields.ts'
import type { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'

/** A thousand accounts are some hundred kilobytes. */
const MAX_CALIBRATION_BYTES = 64 * 1024 * 1024
const DAY_MS = 86_400_000

const evidence = z.number().min(1).max(1e12)

/** Lowest first; a block stands apart. */
const rungs = ['watch', 'notice', 'step_up', 'tarpit', 'squeeze'] as const

/** Where nothing is said. */
export const usualLadder = { watch: 20, notice: 100, step_up: 500, tarpit: 1000, squeeze: 10_000, block: 500 } as const

const ladder: z.ZodType<LadderConfig> = z
  .strictObject({
    watch: evidence.default(usualLadder.watch).describe('Looked at; no client meets anything.'),
    notice: evidence.default(usualLadder.notice).describe('Told to operators.'),
    step_up: evidence.default(usualLadder.step_up),
    tarpit: evidence.default(usualLadder.tarpit),
    squeeze: evidence.default(usualLadder.squeeze),
    block: evidence
      .default(usualLadder.block)
      .describe("The account's own part; a campaign has to be beyond doubt beside it."),
  })
  .superRefine((value, ctx) => {
    const hint = 'write rising numbers, for instance watch: 20, notice: 100, step_up: 500, tarpit: 1000, squeeze: 10000'
    for (const [i, rung] of rungs.entries()) {
      const lower = rungs[i - 1]
      // What is no number is said by its own check.
      if (lower === undefined || !(value[rung] <= value[lower])) continue
      ctx.addIssue(complain({ message: `must be above ${lower}`, hint }, [rung]))
    }
    if (value.block < value.step_up) {
      const message = 'must be at least step_up: nobody is blocked who would not be asked'
      ctx.addIssue(complain({ message, hint: 'raise it to step_up or more' }, ['block']))
    }
  }, onAnyMap)
  .transform(({ watch, notice, step_up, tarpit, squeeze, block, ...rest }) => {
    nothingLeft(rest)
    return { watch, notice, stepUp: step_up, tarpit, squeeze, block }
  })

const keys = z
  .int()
  .min(1024)
  .max(67_108_864)
  .default(2_097_152)
  .describe('Keys of prompts that are remembered, 32 bytes each; a power of two.')
  .superRefine((value, ctx) => {
    if (!Number.isSafeInteger(value) || value < 1024 || (value & (value - 1)) === 0) return
    ctx.addIssue(complain({ message: 'not a power of two', hint: `write ${2 ** Math.round(Math.log2(value))}` }))
  })

const mode = z.enum(['enforce', 'shadow', 'off'])

const whole = z
  .strictObject({
    mode: mode.default('shadow').describe('shadow: decisions are made and told, and touch no client.'),
    calibration: file(MAX_CALIBRATION_BYTES, 'calibration.json', readText).optional(),
    ladder: ladder.prefault({}),
    max_accounts: z.int().min(1000).max(10_000_000).default(200_000),
    keys,
    snapshot_every: duration(1000, DAY_MS, '5m').prefault('5m'),
  })
  .transform(({ mode, calibration, ladder, max_accounts, keys, snapshot_every, ...rest }): DetectionConfig => {
    nothingLeft(rest)
    return {
      mode,
      calibration: calibration ?? null,
      ladder,
      maxAccounts: max_accounts,
      keySlots: keys,
      snapshotEveryMs: snapshot_every,
    }
  })

/** The word alone, or a map with everything else there is to say. */
export const detection: z.ZodType<DetectionConfig> = z.union([
  mode.transform((word) => whole.parse({ mode: word })),
  whole,
])

/** What the numbers mean is for the room that judges by them. */
function readText({ path, text }: FoundFile): Result<{ readonly path: string; readonly text: string }, Complaint> {
  return text.trimStart().startsWith('{')
    ? ok({ path, text })
    : err({ message: 'the file is not a JSON object', hint: 'make one with: weir calibrate' })
}
