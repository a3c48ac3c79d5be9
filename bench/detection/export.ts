import { createWriteStream, mkdirSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { RecordedExchange } from '../../src/core/recorded.ts'
import { absent, openData } from './data.ts'
import { scale } from './scale.ts'
import { scenarios } from './scenario.ts'

// Writes a scenario as a log for `weir replay`, with the truth beside it. The log holds people's words: keep it off the
// repository. node bench/detection/export.ts NAME FOLDER [--seed N] [--limit N]

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, limit: { type: 'string', default: 'Infinity' } },
  })
  const [name, folder] = positionals
  const scenario = [...scenarios, scale].find((one) => one.name === name)
  if (scenario === undefined || folder === undefined) {
    console.error(
      `usage: export.ts NAME FOLDER [--seed N] [--limit N]\n${[...scenarios, scale].map((one) => `  ${one.name}`).join('\n')}`,
    )
    process.exitCode = 2
    return
  }
  const data = openData()
  if (data === null) return console.log(absent)
  mkdirSync(folder, { recursive: true })
  const log = createWriteStream(join(folder, 'log.jsonl'))
  const truth = createWriteStream(join(folder, 'truth.jsonl'))
  let i = 0
  for (const { exchange, harvest, account } of scenario.stream(data, Number(values.seed))) {
    if (i >= Number(values.limit)) break
    truth.write(
      `${JSON.stringify({ i: i++, account: account.id, kind: account.kind, class: account.class, harvest })}\n`,
    )
    if (!log.write(`${JSON.stringify(toLine(exchange))}\n`)) await once(log, 'drain')
  }
  log.end()
  truth.end()
  await Promise.all([once(log, 'finish'), once(truth, 'finish')])
  console.log(`${i} exchanges in ${join(folder, 'log.jsonl')}, what they are in truth.jsonl`)
}

/** In the names of the recorded format; what is not known is left out. */
function toLine(exchange: RecordedExchange): Readonly<Record<string, unknown>> {
  const line = {
    time: exchange.timeMs,
    key: exchange.key,
    tenant: exchange.tenant,
    user: exchange.user,
    ip: exchange.ip,
    asn: exchange.asn,
    asn_type: exchange.asnType,
    country: exchange.country,
    user_agent: exchange.userAgent,
    fingerprint: exchange.fingerprint,
    session: exchange.session,
    profile: exchange.profile,
    account_created: exchange.accountCreatedMs,
    endpoint: exchange.endpoint,
    model: exchange.model,
    stream: exchange.stream,
    messages: exchange.turns.map(({ role, text }) => ({ role, content: text })),
    params: exchange.params,
    input_tokens: exchange.inputTokens,
    output_tokens: exchange.outputTokens,
    cached_tokens: exchange.cachedTokens,
    reasoning_tokens: exchange.reasoningTokens,
    status: exchange.status,
    finish_reason: exchange.finishReason,
    latency_ms: exchange.latencyMs,
    client_aborted: exchange.clientAborted,
  }
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null))
}

await main()
