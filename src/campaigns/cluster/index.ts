import { answers } from './answers.ts'
import { ceilings } from './ceilings.ts'
import { client } from './client.ts'
import { cohort } from './cohort.ts'
import { flatClock } from './flat-clock.ts'
import { handoff } from './handoff.ts'
import { loadBalance } from './load-balance.ts'
import { network } from './network.ts'
import { releasePivot } from './release-pivot.ts'
import type { ClusterTest } from './view.ts'
import { workQueue } from './work-queue.ts'

/** What is asked of the accounts of a campaign, one line a test. */
export const clusterTests: readonly ClusterTest[] = [
  loadBalance,
  handoff,
  ceilings,
  flatClock,
  releasePivot,
  workQueue,
  client,
  network,
  cohort,
  answers,
]
