import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVirtualClock } from '../virtual-clock.ts'
import { createDemoModel } from '../demo-model.ts'
import { createRandom } from '../random.ts'
import { createSecretFunction } from '../secret-function.ts'
import { post, recordingSink } from '../../../test/support/recording-sink.ts'
import { jobsOf, wordingNames } from './harvests.ts'

for (const wording of wordingNames) {
  test(`asked in the manner "${wording}" the model labels the sample and nothing around it`, async () => {
    const clock = createVirtualClock(0)
    const model = createDemoModel({ clock, seed: 'taught' })
    const secret = createSecretFunction('taught')
    const jobs = jobsOf(wording)
    const random = createRandom(wording)
    for (let i = 0; i < 60; i++) {
      const { prompt, sample } = jobs(random)
      const sink = recordingSink()
      model.send(post({ model: 'weir-demo-small', messages: [{ role: 'user', content: prompt }] }), sink)
      await clock.run()
      const body = JSON.parse(sink.text) as { choices: { message: { content: string } }[] }
      const said = body.choices[0]!.message.content
      assert.ok(said.startsWith(`Label: ${secret.label(sample).category}.`), `${prompt}\n${said}`)
    }
  })

  test(`no two jobs in the manner "${wording}" are about the same text`, () => {
    const jobs = jobsOf(wording)
    const random = createRandom('again')
    const samples = Array.from({ length: 2000 }, () => jobs(random).sample)
    assert.equal(new Set(samples).size, samples.length)
  })
}
