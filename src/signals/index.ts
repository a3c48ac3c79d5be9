import { brandNew } from './account/brand-new.ts'
import { coverageSweep } from './account/coverage-sweep.ts'
import { edgeProbing } from './account/edge-probing.ts'
import { elicitationShare } from './account/elicitation-share.ts'
import { entropy } from './account/entropy.ts'
import { exactLoops } from './account/exact-loops.ts'
import { geography } from './account/geography.ts'
import { keyRotation } from './account/key-rotation.ts'
import { overnight } from './account/overnight.ts'
import { promptExtraction } from './account/prompt-extraction.ts'
import { retries } from './account/retries.ts'
import { rhythm } from './account/rhythm.ts'
import { shortSessions } from './account/short-sessions.ts'
import { systematicBypass } from './account/systematic-bypass.ts'
import { template } from './account/template.ts'
import { variability } from './account/variability.ts'
import { velocity } from './account/velocity.ts'
import type { Signal } from './signal.ts'

/** Every named signal. To add one: its file in `account/`, its test beside it, a line here, its base rate in the docs. */
export const signals: readonly Signal[] = [
  coverageSweep,
  variability,
  template,
  shortSessions,
  overnight,
  entropy,
  edgeProbing,
  systematicBypass,
  brandNew,
  geography,
  keyRotation,
  retries,
  velocity,
  rhythm,
  elicitationShare,
  exactLoops,
  promptExtraction,
]
