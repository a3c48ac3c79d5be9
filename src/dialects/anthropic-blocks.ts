import { isObject } from './body.ts'
import type { Body, Turn } from './dialect.ts'
import { jsonBytes } from './generated-json.ts'
import { addSchema, addText, generatedBytes, startSize, type OpaqueParts, type PromptSize } from './prompt-text.ts'
import { systemOf, turnOf } from './turn.ts'

/**
 * Anthropic's content blocks, as they are read in a prompt and counted in an answer. What is no text is known by the
 * type of its block and never by a field's name alone: a tool's input may hold a field of any name, and the model reads
 * all of it.
 */
export function addContent(size: PromptSize, content: unknown): void {
  if (Array.isArray(content)) for (const block of content) addContent(size, block)
  else if (isObject(content)) addBlock(size, content)
  else addText(size, content, nothing)
}

const nothing: OpaqueParts = new Map()

/** Fields that steer the call; what is longer is text under a harmless name. */
const framing: ReadonlySet<string> = new Set(['type', 'id', 'tool_use_id', 'toolset_name', 'server_name'])
const MAX_FRAMING_CHARS = 64

function addBlock(size: PromptSize, block: Body): void {
  const type = block['type']
  for (const [key, value] of Object.entries(block)) {
    const guess = opaqueTokens(type, key, value)
    if (guess !== null) {
      size.opaqueParts++
      size.opaqueTokens += guess
    } else if (key === 'content' || key === 'source') addContent(size, value)
    else if (isSteering(type, key, value)) continue
    else if (typeof value === 'string') addText(size, value, nothing)
    else addSchema(size, value)
  }
}

function isSteering(type: unknown, key: string, value: unknown): boolean {
  if (key === 'cache_control') return isObject(value) && Object.values(value).every(isShort)
  // Encrypted reasoning of an earlier turn, checked by the vendor: no text of the client's.
  if (key === 'signature') return type === 'thinking' && typeof value === 'string'
  return (framing.has(key) || (key === 'media_type' && type === 'text')) && isShort(value)
}

const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_FRAMING_CHARS

/** Anthropic's documentation gives width x height / 750, about 1,600 for the largest image that is not scaled down. */
const IMAGE_TOKENS = 1600
/** 1,500 to 3,000 tokens a page; nobody says how many pages stand behind an address. */
const DOCUMENT_TOKENS = 3000
/** A page of a PDF is some 50 KB, in base64. */
const DOCUMENT_CHARS_PER_TOKEN = 25
/** Base64 of encrypted text. */
const SEALED_CHARS_PER_TOKEN = 6

/** A guess at the tokens of what only the vendor can read; null: it is text. */
function opaqueTokens(type: unknown, key: string, value: unknown): number | null {
  if (key === 'source' && (type === 'image' || type === 'document') && isObject(value)) return sourceTokens(type, value)
  if (type === 'container_upload' && key === 'file_id') return DOCUMENT_TOKENS
  const sealed =
    (type === 'redacted_thinking' && key === 'data') ||
    (type === 'compaction' && key === 'encrypted_content') ||
    (type === 'web_search_result' && key === 'encrypted_content')
  return sealed && typeof value === 'string' ? Math.ceil(value.length / SEALED_CHARS_PER_TOKEN) : null
}

function sourceTokens(type: 'image' | 'document', { type: kind, media_type: media, data }: Body): number | null {
  const guess = type === 'image' ? IMAGE_TOKENS : DOCUMENT_TOKENS
  if (kind === 'url' || kind === 'file') return guess
  if (kind !== 'base64' || typeof data !== 'string' || typeof media !== 'string') return null
  if (type === 'image') return media.startsWith('image/') ? guess : null
  return media === 'application/pdf' ? guess + Math.ceil(data.length / DOCUMENT_CHARS_PER_TOKEN) : null
}

/** Results of tools are no question. */
const says = (block: unknown): boolean => isObject(block) && !String(block['type']).endsWith('_result')

/** The texts of the latest user turn in which somebody says something. */
export function askedTexts(messages: readonly Body[]): readonly string[] {
  const turn = messages.findLast(
    ({ role, content }) =>
      role === 'user' && (typeof content === 'string' || (Array.isArray(content) && content.some(says))),
  )
  const content = turn?.['content']
  const size = startSize()
  addContent(size, Array.isArray(content) ? content.filter(says) : content)
  return size.texts
}

/** What comes last of those who are not the model: what is said beside the results of tools, else the results. */
export function messagesTurn(system: unknown, messages: readonly Body[]): Turn | null {
  const content = (messages.findLast(({ role }) => role !== 'assistant') ?? messages.at(-1))?.['content']
  const turns = messages.length + (system === undefined || system === null ? 0 : 1)
  const ofSystem = systemOf(contentTexts(system))
  if (!Array.isArray(content)) return turnOf('human', contentTexts(content), turns, ofSystem)
  const said = turnOf('human', contentTexts(content.filter(says)), turns, ofSystem)
  return said ?? turnOf('tool', contentTexts(content), turns, ofSystem)
}

function contentTexts(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content]
  const size = startSize()
  addContent(size, content)
  return size.texts
}

/** What the vendor's own tools found: the model's input and not its words. */
const found: ReadonlySet<unknown> = new Set([
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_result',
])

/** Bytes of what the model wrote in one block of an answer. */
export function blockBytes(block: unknown): number {
  if (!isObject(block)) return generatedBytes(block)
  if (found.has(block['type'])) return 0
  let bytes = 0
  for (const [key, value] of Object.entries(block)) {
    // Quotes from documents: the vendor adds their text and counts none of it.
    if (key === 'citations') continue
    bytes += key === 'input' ? jsonBytes(value) : generatedBytes({ [key]: value })
  }
  return bytes
}
