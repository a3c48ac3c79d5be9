import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withChromium, type BrowserPage } from '../support/chromium.ts'
import { SECRET } from '../support/harness.ts'
import { findServer } from '../support/needs.ts'
import { withStepUps, type StepUpFront } from '../support/step-up-front.ts'

/** The page for people in a real browser, with the keyboard alone. */

const chromium = findServer('chromium')
/** Where pictures of the page are put for whoever wants to look at it. */
const pictures = process.env['WEIR_PICTURES'] ?? null

const title = 'document.getElementById("said-title").textContent'
const focused = 'document.activeElement.id'
const visible = 'document.querySelectorAll("#ways > section:not([hidden])").length'

async function onPage(
  front: StepUpFront,
  run: (page: BrowserPage, picture: (name: string, widthPx?: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withChromium(chromium.path!, async (page) => {
    await page.open(`${front.url}/weir/step-up/page`)
    await run(page, async (name, widthPx = 800) => {
      const png = await page.screenshot(widthPx)
      assert.ok(png.length > 5000)
      if (pictures !== null) writeFileSync(join(pictures, `${name}.png`), png)
    })
    assert.deepEqual(page.complaints, [])
    for (const url of page.asked) assert.ok(url.startsWith(front.url) || /^(?:blob|data):/.test(url), url)
  })
}

test('somebody who is asked solves the proof on the page and is let in', { skip: chromium.skip }, async () => {
  await withStepUps({ stepUp: { proofBits: 16 } }, async (front) => {
    front.asked.set('acme', ['proof_of_work', 'purpose'])
    await onPage(front, async (page, picture) => {
      assert.equal(await page.evaluate(focused), 'key', 'one can begin to type')
      await picture('1-start')
      await page.press(SECRET, 'Enter')
      await page.until(visible)
      assert.equal(await page.evaluate(focused), 'said', 'what is said is read aloud')
      assert.equal(await page.evaluate(title), 'This is about the account acme')
      assert.equal(await page.evaluate('document.getElementById("key").value'), '', 'the key is not left lying about')
      assert.equal(await page.evaluate('document.body.outerHTML.includes("wr_test")'), false)
      await page.media({ 'prefers-color-scheme': 'dark' })
      await picture('2-ways-dark')
      await picture('2-ways-dark-narrow', 360)
      await page.press('Tab')
      assert.equal(await page.evaluate(focused), 'solve')
      await page.press('Enter')
      await page.until(`${title} === "Thank you, that is all"`)
      await picture('3-passed-dark')
      assert.equal(await page.evaluate(visible), 2)
      assert.equal(await page.evaluate('document.getElementById("ways").hidden'), true)
    })
    assert.deepEqual(
      front.passes.map(({ account, means }) => [account, means]),
      [['acme', 'proof_of_work']],
    )
    const all = await front.eventsUntil(3)
    assert.deepEqual(
      all.map(({ endpoint, who }) => [endpoint, who?.keyId ?? null]),
      [
        ['weir_step_up_page', null],
        ['weir_step_up', 'k1'],
        ['weir_step_up_answer', 'k1'],
      ],
    )
  })
})

test('a purpose is declared on the page, and a key that nobody knows is told so', { skip: chromium.skip }, async () => {
  await withStepUps({}, async (front) => {
    front.asked.set('acme', ['purpose', 'grant', 'attestation', 'reauthenticate'])
    await onPage(front, async (page, picture) => {
      await page.press(SECRET, 'Enter')
      await page.until(visible)
      await picture('4-all-ways')
      await page.press('Tab', 'We answer questions of our customers.', 'Tab', 'ops@example.com', 'Tab', '500', 'Enter')
      await page.until(`${title} === "Thank you"`)
      assert.match(await page.evaluate('document.getElementById("said-text").textContent'), /next 200 requests/)
    })
    const [review] = front.weir.stepUp.reviews()
    assert.deepEqual(review!.asked, {
      means: 'purpose',
      purpose: 'We answer questions of our customers.',
      contact: 'ops@example.com',
      requestsPerDay: 500,
    })
  })
})

test('work can be stopped and begun again; an answer that is refused says why', { skip: chromium.skip }, async () => {
  await withStepUps({ stepUp: { proofBits: 40 } }, async (front) => {
    front.asked.set('acme', ['proof_of_work'])
    await onPage(front, async (page, picture) => {
      await page.press(SECRET, 'Enter')
      await page.until(visible)
      await page.press('Tab', 'Enter')
      await page.until('/^[1-9][\\d,]+ attempts/.test(document.getElementById("tries").textContent)')
      assert.equal(await page.evaluate(focused), 'stop')
      await picture('5-working')
      await page.press('Enter')
      await page.until('document.getElementById("solving").hidden && !document.getElementById("solve").disabled')
      assert.equal(await page.evaluate(focused), 'solve')
      // Meanwhile it is not asked any more: what is sent then is refused, and the page says so.
      front.asked.delete('acme')
      await page.evaluate('send({ means: "proof_of_work", challenge: proof.challenge, solution: "1" })')
      await page.until(`${title} === "That did not work"`)
      assert.match(await page.evaluate('document.getElementById("said-text").textContent'), /Nothing is asked/)
    })
    assert.equal(front.passes.length, 0)
  })
})

test(
  'a key that is not known, or cannot be one, is told so and can be typed again',
  { skip: chromium.skip },
  async () => {
    await withStepUps({}, async (front) => {
      await withChromium(chromium.path!, async (page) => {
        await page.open(`${front.url}/weir/step-up/page`)
        await page.press('wr_nobody_0123456789abcdef0123456789', 'Enter')
        await page.until(`${title} === "This key is not known here"`)
        await page.evaluate('document.getElementById("key").focus()')
        await page.press('schlüssel', 'Enter')
        await page.until(`${title} === "This is no API key"`)
        await page.evaluate('document.getElementById("key").focus()')
        await page.press(SECRET, 'Enter')
        await page.until(`${title} === "Nothing to do"`)
      })
    })
  },
)
