import { Counter, Gauge, type Registry } from 'prom-client'
import type { Weir } from '../compose.ts'
import { firmness, type InForceName } from '../core/action.ts'
import type { RequestEvent } from '../core/event.ts'
import { counter, type Series } from './tally.ts'

/**
 * What response does to traffic, in numbers: what exchanges met, what touched decoys, how actions come and go, how those
 * who are asked answer, and whether operators are told. Labels are names of a fixed list.
 */
export interface ResponseMetrics {
  readonly series: readonly Series[]
  count(event: RequestEvent): void
  watch(weir: Weir, registry: Registry): void
}

export function responseMetrics(): ResponseMetrics {
  const met = counter('weir_exchanges_met_total', 'Exchanges by the firmest action that they met.', ['action'])
  const spared = counter(
    'weir_exchanges_spared_total',
    'Exchanges by the firmest action that is in shadow mode or held back, and that they would have met.',
    ['action'],
  )
  const touches = counter('weir_decoy_touches_total', 'Decoys touched, by kind.', ['kind'])
  const applied = counter('weir_actions_applied_total', 'Actions that came into force, by who applied them.', [
    'action',
    'by',
  ])
  const ended = counter('weir_actions_ended_total', 'Actions that ended, by why.', ['why'])
  const answers = counter(
    'weir_step_up_answers_total',
    'Answers to step-ups by means, and whether they passed, wait for a review, or why they did not count.',
    ['means', 'result'],
  )
  let actionOf = (_id: string): InForceName | null => null

  return {
    series: [met, spared, touches, applied, ended, answers],
    count({ action, shadowActions, decoys }) {
      met.add(1, action)
      if (shadowActions.length > 0) {
        const firmest = firmestOf(shadowActions, actionOf)
        if (firmest !== null) spared.add(1, firmest)
      }
      for (const { kind } of decoys) touches.add(1, kind)
    },
    watch(weir, registry) {
      const { actions, response, stepUp } = weir
      // One that has ended while its exchange went on is not told any more.
      actionOf = (id) => actions.get(id)?.spec.action ?? null
      actions.changed(({ spec, by }) => applied.add(1, spec.action, by.kind))
      actions.ended(({ why }) => ended.add(1, why))
      stepUp.stepUps.answered((means, result) => answers.add(1, means, result))
      const { read, total } = readers(registry)
      read('weir_actions_in_force', 'Actions in force, and whether they are met, in shadow mode, or held back.', {
        labels: ['action', 'mode'],
        rows: () => actions.stats.inForce.map(({ action, mode, count }) => [{ action, mode }, count]),
      })
      total('weir_actions_displaced_total', 'Actions that gave way to firmer ones.', {
        rows: () => [[{}, actions.stats.displaced]],
      })
      total('weir_actions_kept_out_total', 'Actions that found no room.', { rows: () => [[{}, actions.stats.keptOut]] })
      total('weir_alerts_total', 'Alerts that arrived, tries that failed and are made again, and alerts given up.', {
        labels: ['result'],
        rows: () => {
          const { sent, retried, dropped } = response.alertStats
          return [
            [{ result: 'sent' }, sent],
            [{ result: 'retried' }, retried],
            [{ result: 'dropped' }, dropped],
          ]
        },
      })
      read('weir_alerts_waiting', 'Alerts that wait for their target.', {
        rows: () => [[{}, response.alertStats.waiting]],
      })
      // Saying it again can take a word back, so this is no counter.
      read('weir_rule_reviewed_total', 'Actions of rules that somebody has looked at, by what they were.', {
        labels: ['verdict'],
        rows: () => {
          const { right, wrong } = response.truth.totals
          return [
            [{ verdict: 'right' }, right],
            [{ verdict: 'wrong' }, wrong],
          ]
        },
      })
      read('weir_rules_demoted', 'Rules that were wrong too often, and only note.', {
        rows: () => [[{}, response.truth.totals.demoted]],
      })
      read('weir_tarpit_held', 'Exchanges that the tarpit holds.', { rows: () => [[{}, weir.stats.tarpit.held]] })
      read('weir_tarpit_held_bytes', 'What they keep waiting.', { rows: () => [[{}, weir.stats.tarpit.heldBytes]] })
      total('weir_tarpit_turned_away_total', 'Exchanges that found no place in the tarpit.', {
        rows: () => [[{}, weir.stats.tarpit.turnedAway]],
      })
    },
  }
}

function firmestOf(ids: readonly string[], actionOf: (id: string) => InForceName | null): InForceName | null {
  let firmest: InForceName | null = null
  for (const id of ids) {
    const action = actionOf(id)
    if (action !== null && (firmest === null || firmness.indexOf(action) > firmness.indexOf(firmest))) firmest = action
  }
  return firmest
}

type Row = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Source {
  readonly labels?: readonly string[]
  rows(): readonly Row[]
}

/** Series that are read off a running Weir when somebody asks: as they are now, and as they have grown. */
function readers(registry: Registry) {
  const registers = [registry]
  return {
    read(name: string, help: string, { labels = [], rows }: Source): void {
      const made: Gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          made.reset()
          for (const [of, value] of rows()) made.set(of, value)
        },
      })
    },
    total(name: string, help: string, { labels = [], rows }: Source): void {
      const made: Counter = new Counter({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          made.reset()
          for (const [of, value] of rows()) made.inc(of, value)
        },
      })
    },
  }
}
