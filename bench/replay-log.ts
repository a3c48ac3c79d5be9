import { closeSync, openSync, writeSync } from 'node:fs'
import type { FormatName } from '../src/replay/formats.ts'

/** Made-up logs of about 600 bytes a line in Weir's own format, and of what the other two make of the same exchange. */

const START_MS = Date.UTC(2026, 5, 1)
const words =
  'please explain the difference between a river and a canal in simple terms for someone who has never seen either and give two examples from Europe with the year they were built and why it matters today'.split(
    ' ',
  )

/** Writes a file line by line, and gives its size. */
export function writeLog(path: string, format: FormatName, lines: number): number {
  const fd = openSync(path, 'w')
  let bytes = 0
  try {
    for (let from = 0; from < lines; from += 1000) {
      const part = Array.from({ length: Math.min(1000, lines - from) }, (_, i) => lineOf(format, from + i))
      bytes += writeSync(fd, `${part.join('\n')}\n`)
    }
  } finally {
    closeSync(fd)
  }
  return bytes
}

function lineOf(format: FormatName, i: number): string {
  const time = START_MS + i * 250
  const key = `key-${(i * 7919) % 2000}`
  const model = i % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini'
  const content = Array.from({ length: 34 }, (_, n) => words[(i * 31 + n * (1 + (i % 7))) % words.length]).join(' ')
  const messages = [{ role: 'user', content }]
  const [input, output] = [40 + (i % 60), 100 + (i % 400)]
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'A short answer.' } }]
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  const answer = {
    id: `chatcmpl-${i}`,
    object: 'chat.completion',
    created: Math.floor(time / 1000),
    model,
    choices,
    usage,
  }
  switch (format) {
    case 'own':
      return JSON.stringify({
        time,
        key,
        tenant: `tenant-${i % 900}`,
        ip: `198.51.100.${i % 250}`,
        asn: 64_500 + (i % 20),
        country: 'DE',
        user_agent: 'OpenAI/Python 1.99.1',
        fingerprint: `fp${i % 40}`,
        endpoint: '/v1/chat/completions',
        model,
        stream: false,
        messages,
        params: { temperature: 0.7, max_tokens: 512 },
        input_tokens: input,
        output_tokens: output,
        status: 200,
        finish_reason: 'stop',
        latency_ms: 900,
      })
    case 'litellm':
      return JSON.stringify({
        id: answer.id,
        trace_id: `t${i}`,
        call_type: 'acompletion',
        stream: false,
        status: 'success',
        startTime: time / 1000,
        endTime: time / 1000 + 0.9,
        model,
        model_group: model,
        response_cost: 0.0001,
        prompt_tokens: input,
        completion_tokens: output,
        requester_ip_address: '198.51.100.7',
        metadata: { user_api_key_hash: key, user_api_key_team_id: null, user_agent: 'OpenAI/Python 1.99.1' },
        messages,
        response: answer,
        model_parameters: { temperature: 0.7 },
      })
    case 'openai':
      return JSON.stringify({
        timestamp: new Date(time).toISOString(),
        api_key_id: key,
        status_code: 200,
        latency_ms: 900,
        request: { model, messages, temperature: 0.7 },
        response: answer,
      })
  }
}
