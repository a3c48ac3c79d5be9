import { Pool } from 'undici'
import { type Scenario, requestBody } from './answers.ts'

/** A client that asks for one scenario again and again over kept connections, and looks at every answer. */
export interface Client {
  /** One request; null when the answer was not exactly the expected one, which `problems` then says. */
  shoot(): Promise<Shot | null>
  round(requests: number, concurrency: number): Promise<Round>
  close(): Promise<void>
}

export interface Shot {
  readonly firstByteMs: number
  /** Reads that the body came in. */
  readonly reads: number
}

export interface Round {
  readonly wallMs: number
  readonly reads: number
}

export interface ClientOptions {
  readonly url: string
  readonly secret: string
  readonly scenario: Scenario
  readonly connections: number
  readonly problem: (what: string) => void
}

/** After so many there is nothing left to measure. */
const MAX_FAILURES = 20

export function createClient({ url, secret, scenario, connections, problem }: ClientOptions): Client {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  const body = requestBody(scenario)
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${secret}`,
    'user-agent': 'bench/1',
  }
  const expected = Buffer.concat(scenario.parts)
  const wrong = ({ status, received }: Answer): string | null => {
    if (status !== 200) return `status ${status}: ${received.toString('utf8', 0, 300)}`
    return received.equals(expected) ? null : `${received.length} bytes that are not the ${expected.length} expected`
  }

  let failures = 0
  let lastFailure = ''
  const shoot = (): Promise<Shot | null> =>
    new Promise((resolve, reject) => {
      if (failures >= MAX_FAILURES) return reject(new Error(`gave up after ${failures} failures: ${lastFailure}`))
      const startedMs = performance.now()
      const parts: Buffer[] = []
      let firstByteMs = 0
      let status = 0
      const fail = (what: string): void => {
        failures++
        lastFailure = `${url} ${scenario.model}: ${what}`
        problem(lastFailure)
        resolve(null)
      }
      pool.dispatch(
        { method: 'POST', path: '/v1/chat/completions', headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, code) {
            status = code
          },
          onResponseData(_controller, part) {
            if (parts.push(part) === 1) firstByteMs = performance.now() - startedMs
          },
          onResponseEnd() {
            const problem = wrong({ status, received: Buffer.concat(parts) })
            if (problem === null) resolve({ firstByteMs, reads: parts.length })
            else fail(problem)
          },
          onResponseError(_controller, error) {
            fail(`${error.name}: ${error.message}`)
          },
        },
      )
    })

  return {
    shoot,
    async round(requests, concurrency) {
      let left = requests
      let reads = 0
      const worker = async (): Promise<void> => {
        while (left-- > 0) {
          const shot = await shoot()
          reads += shot?.reads ?? 0
        }
      }
      const startedMs = performance.now()
      await Promise.all(Array.from({ length: concurrency }, worker))
      return { wallMs: performance.now() - startedMs, reads }
    },
    close: () => pool.destroy(),
  }
}

interface Answer {
  readonly status: number
  readonly received: Buffer
}
