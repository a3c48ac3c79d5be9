import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIGHTER_PROOF_BITS } from '../arms.ts'
import { HOUR_MS, run, type Actor } from '../run.ts'
import { jobsOf } from '../text/harvests.ts'
import { askedOf, confirm, isAsked } from './confirm.ts'
import { seats } from './seats.ts'

test('whoever is asked in the protected arm can prove work, is answered at the next request, and the proof is on the bill', async () => {
  const seen: string[] = []
  const asker: Actor = {
    name: 'asker',
    leads: true,
    enter: (random, roster, startMs) => {
      const account = roster.add(random, startMs, { class: 'asker', isHonest: false, trust: 'new' })
      return async (stage) => {
        const client = stage.client(account)
        const jobs = jobsOf('by turns')
        const ask = (): ReturnType<typeof client.ask> => {
          const { prompt, sample } = jobs(stage.random)
          return client.ask({ messages: [{ role: 'user', content: prompt }], sample })
        }
        assert.equal(await askedOf(client), null)
        assert.equal(await confirm(stage, client, ['proof_of_work']), false)
        for (let i = 0; i < 400; i++) {
          const reply = await ask()
          await stage.sleep(20_000)
          if (!isAsked(reply)) continue
          seen.push(`refused after grace: ${client.last!.action}`)
          const asked = await askedOf(client)
          assert.ok(asked?.means?.includes('proof_of_work'))
          assert.equal(await confirm(stage, client, ['proof_of_work']), true)
          const next = await ask()
          seen.push(`then ${next.status} ${client.last!.action}`)
          return
        }
      }
    },
  }
  const ran = await run({ arm: 'protected', seed: 'asked', actors: [...seats(10), asker], horizonMs: 6 * HOUR_MS })
  assert.ok(ran.ok, ran.ok ? '' : ran.error)
  assert.deepEqual(seen, ['refused after grace: step_up', 'then 200 allow'])
  assert.ok(ran.value.hashes >= 2 ** (LIGHTER_PROOF_BITS + 1), `${ran.value.hashes}`)
  const restricted = ran.value.exchanges.filter(({ action }) => action === 'restrict')
  assert.ok(restricted.length > 0, 'grace came first')
})
