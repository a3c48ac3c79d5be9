import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront, type Front } from '../support/front.ts'
import { Cell } from './matrix-cell.ts'
import { conditions, type Condition } from './matrix-cells.ts'
import { endpointNames, rows, type Row } from './matrix-clients.ts'
import { frontOptions, notOffered } from './matrix-limits.ts'

/**
 * C6, F4: every endpoint, whole and streamed, under everything that can happen to a request, through real sockets and
 * with the vendor's own library. Each cell is one test; what is not offered stands in a table.
 */
const nameOf = (endpoint: string, streamed: boolean): string => `${endpoint}, ${streamed ? 'streamed' : 'not streamed'}`

const exceptionOf = (endpoint: string, streamed: boolean, condition: string): readonly object[] =>
  notOffered.filter(
    (one) =>
      one.streamed === streamed &&
      (one.endpoints as readonly string[]).includes(endpoint) &&
      (one.conditions === 'all' || one.conditions.includes(condition)),
  )

const cellsOf = (condition: Condition): readonly Row[] =>
  rows.filter(({ endpoint, streamed }) => exceptionOf(endpoint, streamed, condition.name).length === 0)

test('every combination of endpoint, streaming and condition is a test or a named exception, never both', () => {
  for (const endpoint of endpointNames) {
    for (const streamed of [false, true]) {
      for (const condition of conditions) {
        const what = `${nameOf(endpoint, streamed)}: ${condition.name}`
        const exceptions = exceptionOf(endpoint, streamed, condition.name)
        const tests = cellsOf(condition).filter((row) => row.endpoint === endpoint && row.streamed === streamed)
        assert.equal(exceptions.length + tests.length, 1, what)
      }
    }
  }
  const names = new Set(conditions.map(({ name }) => name))
  for (const { conditions: named } of notOffered) {
    if (named !== 'all') for (const name of named) assert.ok(names.has(name), name)
  }
})

async function runAll(
  front: Front,
  which: Condition['front'],
  run: (name: string, cell: Cell, condition: Condition) => Promise<void>,
): Promise<readonly Cell[]> {
  const cells: Cell[] = []
  for (const condition of conditions) {
    if (condition.front !== which) continue
    for (const row of cellsOf(condition)) {
      const cell = new Cell(row, condition.name, front)
      cells.push(cell)
      await run(`${nameOf(row.endpoint, row.streamed)}: ${condition.name}`, cell, condition)
    }
  }
  return cells
}

/** Not one event beyond those that the cells have seen, under whichever key. */
function assertNoMore({ events, said }: Front, cells: readonly Cell[]): void {
  assert.equal(
    events.length,
    cells.reduce((sum, { calls }) => sum + calls, 0),
  )
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length)
  assert.deepEqual(
    said.filter(({ what }) => what === 'request_failed'),
    [],
  )
}

test('matrix', async (t) => {
  await withFront(frontOptions(''), async (front) => {
    const cells = await runAll(front, 'plain', (name, cell, condition) => t.test(name, () => condition.run(cell)))
    assertNoMore(front, cells)
  })
})

for (const [which, timeouts] of [
  ['low idle time-out', ', idle_timeout: 500ms'],
  ['low first-byte time-out', ', first_byte_timeout: 300ms'],
] as const) {
  // They spend their time waiting: side by side they wait once.
  test(`matrix, ${which}`, { concurrency: true }, async (t) => {
    await withFront(frontOptions(timeouts), async (front) => {
      const running: Promise<void>[] = []
      const cells = await runAll(front, which, async (name, cell, condition) => {
        const done = t.test(name, () => condition.run(cell))
        running.push(done)
        // The vendor plays one scenario at a time: the next one must not be set before this one has begun.
        await Promise.race([done, cell.arrived(1)])
      })
      await Promise.all(running)
      assertNoMore(front, cells)
    })
  })
}
