import OpenAI, { APIError } from 'openai'
import type { Serving } from '../serve.ts'
import type { Shown } from './demo-screen.ts'

/** The first act's requests, one after the other, by the official client over sockets, and what it saw of each. */
export async function sendRequests({ dataUrl }: Serving, secret: string): Promise<readonly Shown[]> {
  const clientFor = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${dataUrl}/v1`, maxRetries: 0 })
  const app = clientFor(secret)
  const shown: Shown[] = []
  const step = async (what: string, run: () => Promise<string>): Promise<void> => {
    try {
      shown.push({ what, saw: await run() })
    } catch (error) {
      if (!(error instanceof APIError)) throw error
      const wait = error.headers?.get('retry-after-ms')
      const minutes = wait == null ? '' : `, come back in ${Math.ceil(Number(wait) / 60_000)} minutes`
      shown.push({ what, saw: `${error.status} ${error.code}${minutes}` })
    }
  }
  const stream = async (client: OpenAI, content: string): Promise<string> => {
    const final = await client.chat.completions.stream({ model, messages: says(content) }).finalChatCompletion()
    const { message, finish_reason: reason } = final.choices[0]!
    return `"${short(message.content ?? '')}" [${reason}]`
  }
  await step('list the models', async () => (await app.models.list()).data.map(({ id }) => id).join(', '))
  await step('a question', async () => {
    const answer = await app.chat.completions.create({ model, messages: says('Who are you? [[demo: tokens=40]]') })
    return `"${short(answer.choices[0]!.message.content ?? '')}"`
  })
  await step('a streamed answer', () => stream(app, 'Tell me about rivers. [[demo: tokens=60 pace_tps=400]]'))
  await step('a tool call', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]
    const answer = await app.chat.completions.create({
      model,
      tools,
      messages: says('Please call get_weather for Basel.'),
    })
    const call = answer.choices[0]!.message.tool_calls?.[0]
    return call?.type === 'function' ? `${call.function.name}(${call.function.arguments})` : 'no call'
  })
  await step('a story beyond its budget', () => stream(app, 'Tell me a long story. [[demo: tokens=900 pace_tps=900]]'))
  await step('a question after that', () => stream(app, 'And then?'))
  await step('a key that nobody issued', () =>
    stream(clientFor('wr_nobody_00000000000000000000000000000000'), 'Let me in.'),
  )
  return shown
}

const model = 'weir-demo-small'
const says = (content: string): { role: 'user'; content: string }[] => [{ role: 'user', content }]

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= 46 ? line : `${line.slice(0, 21)} … ${line.slice(-21)}`
}
