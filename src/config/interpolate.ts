import type { Complaint } from './problem.ts'

/** Environment variables, handed in so that a load depends on its arguments only. */
export type Env = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  readonly text: string
  /** The whole scalar was one `${NAME}`. */
  readonly whole: boolean
  readonly complaints: readonly Complaint[]
}

/** Replaces `${NAME}`; `$${` stands for `${` itself. No complaint repeats a value. */
export function interpolate(text: string, env: Env): Interpolated {
  const complaints: Complaint[] = []
  const replaced = text.replace(/\$\$\{|\$\{([^}]*)(\}?)/g, (all, name: string | undefined, close: string) => {
    if (name === undefined) return '${'
    const found = close === '' ? openEnded : lookUp(name, env)
    if (typeof found === 'string') return found
    complaints.push(found)
    return all
  })
  return { text: replaced, whole: /^\$\{\w+\}$/.test(text), complaints }
}

const openEnded: Complaint = {
  message: '"${" without a closing brace',
  hint: 'write ${NAME} for an environment variable, $${ for the characters themselves',
}

function lookUp(name: string, env: Env): string | Complaint {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return {
      message: '"${...}" does not hold the name of an environment variable',
      hint: 'write ${NAME} with letters, digits and _ only, $${ for the characters themselves',
    }
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined || value === '') {
    return {
      message: `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
      hint: `set ${name} before the start, or write the value here`,
    }
  }
  return value
}
