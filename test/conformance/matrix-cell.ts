import assert from 'node:assert/strict'
import type { RequestEvent } from '../../src/core/event.ts'
import { noCost } from '../../src/core/price.ts'
import { tokens } from '../../src/core/usage.ts'
import { clientsOf, type Clients, type Front } from '../support/front.ts'
import { CONTROL_TOKEN } from '../support/gateway.ts'
import type { Scenario, VendorRequest } from '../support/vendor-server.ts'
import { nothingSeen, type Row, type Seen } from './matrix-clients.ts'

/** US dollars for a million tokens: 1 nano-dollar is a thousandth of an input token. */
export const PRICE = 'price: { input: 1, output: 2 }'

/** One cell of the matrix: a key and a model of its own, so that no cell sees what another has counted or learned. */
export class Cell {
  readonly row: Row
  readonly key: string
  readonly model: string
  readonly front: Front
  readonly #clients: Clients
  /** Calls made so far. */
  calls = 0

  constructor(row: Row, condition: string, front: Front) {
    this.row = row
    this.key = keyOf(row, condition)
    this.model = `${row.dialect === 'gemini' ? 'gemini' : 'vendor'}-${this.key}`
    this.front = front
    this.#clients = clientsOf(front.serving.dataUrl, secretOf(this.key))
  }

  /** One call through the library, whatever comes of it. */
  async call(
    scenario: Scenario,
    controller: AbortController = new AbortController(),
    onText: (seen: Seen) => void = () => {},
  ): Promise<Seen> {
    this.front.vendor.scenario = scenario
    this.calls++
    const seen = nothingSeen()
    seen.onText = () => onText(seen)
    try {
      await this.row.call(this.#clients, this.model, seen, controller.signal)
    } catch (error) {
      seen.error = error
    }
    return seen
  }

  /** What reached the vendor from this cell. */
  get sent(): readonly VendorRequest[] {
    // In quotes or in a path: one cell's model can be the beginning of another's.
    const names = [`"${this.model}"`, `/${this.model}:`]
    return this.front.vendor.requests.filter(({ url, body }) =>
      names.some((name) => url.includes(name) || body.includes(name)),
    )
  }

  /** Waits until the cell's last request has reached the vendor. */
  async arrived(count: number): Promise<void> {
    await until(() => this.sent.length >= count, `${count} requests at the vendor`)
  }

  /**
   * The cell is over: there are as many events as requests, nothing is held any more, and the vendor's answers ended as
   * they had to.
   */
  async over(states: readonly VendorRequest['state'][]): Promise<readonly RequestEvent[]> {
    const mine = (): readonly RequestEvent[] => this.front.events.filter(({ who }) => who?.keyId === this.key)
    await until(() => mine().length >= this.calls, `${this.calls} events`)
    await until(() => this.sent.every(({ state }) => state !== 'open'), 'the end of every answer at the vendor')
    assert.deepEqual(
      this.sent.map(({ state }) => state),
      states,
    )
    const events = mine()
    assert.equal(events.length, this.calls, 'exactly one event a request')
    for (const event of events) this.#checkMoney(event)
    for (const row of await this.quotas()) assert.equal(row.held, 0, `${row.name} holds nothing`)
    return events
  }

  async quotas(): Promise<readonly { name: string; limit: number; used: number; held: number; debt: number }[]> {
    const url = `${this.front.serving.controlUrl}/api/v1/quotas?key=${this.key}`
    const response = await fetch(url, { headers: { authorization: `Bearer ${CONTROL_TOKEN}` } })
    assert.equal(response.status, 200)
    return (await response.json()) as never
  }

  /** Whatever was used is charged to every kind of limit, and costs what the model's price says. */
  #checkMoney({ usage, usageSource, cost, charges, outcome }: RequestEvent): void {
    const { inputTokens, outputTokens } = usage
    assert.deepEqual(usage, tokens(inputTokens, outputTokens), 'no parts but those two')
    const nanoUsd = inputTokens * 1000 + outputTokens * 2000
    assert.deepEqual(cost, usageSource === 'none' ? noCost : { nanoUsd, source: 'price', book: 'config' })
    const units: Readonly<Record<string, number>> = {
      requests: outcome === 'refused' ? 0 : 1,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      tokens: inputTokens + outputTokens,
      cost_usd: nanoUsd,
    }
    for (const charge of charges) assert.equal(charge.units, units[charge.resource], `units of ${charge.limit}`)
    const charged = charges.filter(({ limit }) => !limit.startsWith('tight-')).map(({ resource }) => resource)
    assert.deepEqual(
      charged,
      Object.keys(units).filter((resource) => units[resource]! > 0),
    )
  }
}

export const keyOf = ({ endpoint, streamed }: Row, condition: string): string =>
  `${slug(condition)}-${endpoint}-${streamed ? 'streamed' : 'whole'}`.replaceAll('_', '-')

const slug = (text: string): string => text.replaceAll(/[^a-z0-9]+/g, '-')

export const secretOf = (key: string): string => `wr_test_0123456789abcdef_${key}`

/** A generous deadline: the machine may be busy. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
