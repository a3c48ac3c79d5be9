/* global WORK */
const PATH = '/weir/step-up'
const MAX_WORKERS = 4
const byId = (id) => document.getElementById(id)
let key = ''
let proof = null
let stopWork = () => {}

byId('origin').textContent = location.host
byId('who').hidden = false
byId('key').focus()

/** One thing is said at a time, aloud as well; what is said takes the focus, so that nobody has to look for it. */
function say(kind, title, text) {
  const said = byId('said')
  said.className = kind
  said.hidden = false
  byId('said-title').textContent = title
  byId('said-text').textContent = text
  said.focus()
}

async function call(method, body) {
  const answer = await fetch(PATH, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const value = await answer.json().catch(() => null)
  const waitS = Number(answer.headers.get('retry-after')) || 0
  return { ok: answer.ok, value, status: answer.status, waitS }
}

const problemOf = ({ value, status, waitS }) => {
  const message = value?.error?.message ?? `The API answered with status ${status}.`
  return waitS > 0 ? `${message} (${waitS} seconds)` : message
}

async function guarded(work) {
  try {
    await work()
  } catch {
    say('bad', 'That did not work', 'Please check your connection and try again.')
  }
}

async function look() {
  const answer = await call('GET')
  if (!answer.ok) return say('bad', answer.status === 401 ? 'This key is not known here' : 'Not now', problemOf(answer))
  show(answer.value)
}

function show(state) {
  proof = state.proof_of_work
  const ways = state.asked ? state.means : []
  for (const section of document.querySelectorAll('#ways > section')) {
    section.hidden = !ways.includes(section.id.slice('way-'.length))
  }
  byId('ways').hidden = ways.length === 0
  byId('who').hidden = true
  const left = state.grace_left
  byId('grace').textContent = left > 0 ? `Until then ${left} more requests are answered, with some limits.` : ''
  if (!state.asked) return say('good', 'Nothing to do', 'Nothing is asked of this account. You can go on as usual.')
  if (state.purpose?.state === 'pending') {
    return say(
      '',
      'We are reading what you wrote',
      `Until somebody has decided, ${state.purpose.requests_left} more requests are answered.`,
    )
  }
  if (ways.length === 0)
    return say('', 'Please write to the operator', 'This account cannot be confirmed on this page.')
  say(
    '',
    `This is about the account ${state.account}`,
    ways.length === 1 ? 'This is the way to confirm it:' : 'Choose one way to confirm it:',
  )
}

async function send(body) {
  const answer = await call('POST', body)
  if (answer.ok && answer.value.passed) {
    byId('ways').hidden = true
    const { requests } = answer.value
    return requests === null
      ? say('good', 'Thank you, that is all', 'The account is confirmed. Your next request is answered as usual.')
      : say(
          'good',
          'Thank you',
          `The next ${requests} requests are answered. A person reads what you wrote and decides about the rest.`,
        )
  }
  if (answer.ok) {
    byId('ways').hidden = true
    return say('good', 'Thank you', 'A person reads what you wrote and decides.')
  }
  // Whatever was wrong, a challenge is tried once.
  const again = await call('GET')
  if (again.ok) show(again.value)
  say('bad', 'That did not work', problemOf(answer))
}

const number = new Intl.NumberFormat('en')

/** Several workers share the numbers between them. */
function solve({ challenge, bits }) {
  const url = URL.createObjectURL(new Blob([WORK], { type: 'text/javascript' }))
  const count = Math.max(1, Math.min(MAX_WORKERS, navigator.hardwareConcurrency || 1))
  const tries = Array.from({ length: count }, () => 0)
  const workers = tries.map(() => new Worker(url))
  const stop = () => {
    for (const worker of workers) worker.terminate()
    URL.revokeObjectURL(url)
  }
  return new Promise((resolve, reject) => {
    stopWork = () => {
      stop()
      resolve(null)
    }
    workers.forEach((worker, first) => {
      worker.addEventListener('error', () => {
        stop()
        reject(new Error('the worker failed'))
      })
      worker.addEventListener('message', ({ data }) => {
        tries[first] = data.tries
        const sum = tries.reduce((a, b) => a + b, 0)
        byId('progress').value = 1 - Math.exp(-sum / 2 ** bits)
        byId('tries').textContent =
          `${number.format(sum)} attempts; about ${number.format(2 ** bits)} are needed on average.`
        if (data.solution === undefined) return
        stop()
        resolve(data.solution)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin of its own to name
      worker.postMessage({ challenge, bits, first, step: count })
    })
  })
}

byId('who').addEventListener('submit', (event) => {
  event.preventDefault()
  key = byId('key').value.trim()
  byId('key').value = ''
  // What cannot stand in a header is no key.
  if (!/^[!-~]+$/.test(key))
    return say('bad', 'This is no API key', 'A key has letters, digits and signs, and no spaces.')
  void guarded(look)
})

byId('solve').addEventListener('click', () => {
  void guarded(async () => {
    byId('solve').disabled = true
    byId('solving').hidden = false
    byId('progress').value = 0
    byId('tries').textContent = 'Starting…'
    byId('stop').focus()
    let solution = null
    try {
      solution = await solve(proof)
      if (solution !== null) await send({ means: 'proof_of_work', challenge: proof.challenge, solution })
    } finally {
      byId('solve').disabled = false
      byId('solving').hidden = true
      // The button that had the focus is gone; after an answer it is where that is told.
      if (solution === null) byId('solve').focus()
    }
  })
})

byId('stop').addEventListener('click', () => stopWork())

for (const form of document.querySelectorAll('form[data-means]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const body = { means: form.dataset.means }
    for (const field of form.elements) {
      if (field.name === '') continue
      if (field.type === 'number') body[field.name] = Number(field.value)
      else if (field.name === 'models')
        body.models = field.value
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean)
      else body[field.name] = field.value.trim()
    }
    const button = form.querySelector('button')
    button.disabled = true
    void guarded(() => send(body)).then(() => (button.disabled = false))
  })
}
