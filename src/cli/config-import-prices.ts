import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { systemClock } from '../core/clock.ts'
import { err, ok, type Result } from '../core/result.ts'
import { convertLitellm, type Converted, MAX_LITELLM_BYTES } from '../metering/litellm-prices.ts'
import { exit, type CommandInput } from './command.ts'
import { replaceFile } from './replace-file.ts'

/** Of one kind in the summary. */
const MAX_LINES = 12

/** Turns LiteLLM's price file into a price book: the book goes to `--out` or is printed, what it is goes to standard error. */
export async function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const option = (name: string): string | undefined => options[name] as string | undefined
  const file = args[0] ?? '-'
  const name = file === '-' ? 'standard input' : file
  const text = await readText(file)
  if (!text.ok) {
    complain(`${name}: ${text.error}`)
    return exit.usage
  }
  const fetched = option('fetched') ?? new Date(systemClock.now()).toISOString().slice(0, 10)
  const digest = createHash('sha256').update(text.value).digest('hex').slice(0, 8)
  const converted = convertLitellm(text.value, {
    version: option('bookVersion') ?? `litellm-${fetched}-${digest}`,
    source: option('source') ?? 'LiteLLM model_prices_and_context_window.json',
    fetched,
  })
  if (!converted.ok) {
    complain(`${name}: ${converted.error}`)
    return exit.usage
  }
  const out = option('out')
  const problem = out === undefined ? null : replaceFile(out, converted.value.book)
  if (problem !== null) {
    complain(`${out}: ${problem}`)
    return exit.usage
  }
  if (out === undefined) print(converted.value.book.trimEnd())
  for (const line of summary(converted.value)) complain(line)
  return exit.done
}

async function readText(file: string): Promise<Result<string, string>> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file)
    for await (const chunk of stream) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_LITELLM_BYTES) return err('larger than 32 MiB')
    }
  } catch (error) {
    return err(`cannot be read (${codeOf(error)})`)
  }
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    return err('not UTF-8')
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error'

function summary({ hash, taken, skipped, notes }: Converted): readonly string[] {
  const reasons = grouped(skipped.map(({ model, why }) => [why, model]))
  const fields = grouped(notes.flatMap(({ model, fields }) => fields.map((field) => [field, model] as const)))
  return [
    `price book ${hash}: models taken: ${taken}; left out, at the fallback price: ${skipped.length}`,
    ...reasons.map((line) => `  left out: ${line}`),
    ...(fields.length === 0 ? [] : [`models that also cost what a book cannot say: ${notes.length}`]),
    ...fields.map((line) => `  not in the book: ${line}`),
  ]
}

/** A line for each of the most frequent keys, with its count and an example. */
function grouped(pairs: readonly (readonly [key: string, model: string])[]): readonly string[] {
  const groups = new Map<string, { count: number; readonly example: string }>()
  for (const [key, model] of pairs) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { count: 1, example: model })
    else group.count++
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.count - a.count)
  const lines = sorted
    .slice(0, MAX_LINES)
    .map(([key, { count, example }]) => `${key}: ${count}, for instance ${JSON.stringify(example.slice(0, 80))}`)
  return sorted.length > MAX_LINES ? [...lines, `${sorted.length - MAX_LINES} more`] : lines
}
