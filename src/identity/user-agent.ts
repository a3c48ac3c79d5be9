/**
 * The product tokens of a User-Agent (RFC 9110, 10.1.5), in lower case and without comments. A version that stands apart
 * (`OpenAI/JS 7.55.0`) is a product without a name.
 */
export interface Product {
  readonly name: string
  readonly version: string
}

const MAX_PRODUCTS = 8
const MAX_NAME_CHARS = 40
const MAX_VERSION_CHARS = 64

export function productsOf(userAgent: string): readonly Product[] {
  const products: Product[] = []
  let depth = 0
  let start = -1
  for (let i = 0; i <= userAgent.length && products.length < MAX_PRODUCTS; i++) {
    const char = userAgent[i] ?? ' '
    const inWord = depth === 0 && char !== ' ' && char !== '\t' && char !== '(' && char !== ')'
    if (inWord && start < 0) start = i
    else if (!inWord && start >= 0) {
      products.push(productOf(userAgent.slice(start, i).toLowerCase()))
      start = -1
    }
    // langchain.js puts a comment into a comment.
    if (char === '(') depth++
    else if (char === ')' && depth > 0) depth--
  }
  return products
}

/** `ai-sdk/openai/2.0.1` is version 2.0.1 of ai-sdk/openai; `7.55.0` is a version of what stands in front. */
function productOf(word: string): Product {
  const slash = word.lastIndexOf('/')
  if (slash < 0 && majorMinor(word) !== null) return { name: '', version: word.slice(0, MAX_VERSION_CHARS) }
  const name = slash < 0 ? word : word.slice(0, slash)
  return {
    name: name.slice(0, MAX_NAME_CHARS),
    version: slash < 0 ? '' : word.slice(slash + 1, slash + 1 + MAX_VERSION_CHARS),
  }
}

/** `v26.10.0` is 26.10: a patch release is not another program. null if it is no version number. */
export function majorMinor(version: string): string | null {
  const found = /^v?(\d{1,4})(?:\.(\d{1,4}))?(?!\d)/.exec(version)
  if (found === null) return null
  return found[2] === undefined ? found[1]! : `${found[1]!}.${found[2]}`
}
