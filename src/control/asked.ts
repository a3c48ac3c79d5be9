/** How the control plane reads what it is asked. */
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000
export const badLimit: { readonly error: string } = {
  error: `"limit" must be a whole number from 1 to ${MAX_LIMIT}.`,
}

/** null: not a number that is allowed. */
export function limitOf(written: string | undefined): number | null {
  if (written === undefined) return DEFAULT_LIMIT
  const limit = /^\d{1,4}$/.test(written) ? Number(written) : 0
  return limit >= 1 && limit <= MAX_LIMIT ? limit : null
}

/** null for what is no JSON. A body that is too large is for its own handler. */
export async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
