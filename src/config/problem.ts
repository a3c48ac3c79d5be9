export type Path = readonly (string | number)[]

/** Why one value was not taken: what is wrong, and what to write instead. Never holds the value itself. */
export interface Complaint {
  readonly message: string
  readonly hint: string
  /** The character of the value that it is about, where that is known. */
  readonly within?: number
}

/** A complaint and the place in the configuration it is about. */
export interface Finding extends Complaint {
  readonly path: Path
  /** Which half of the entry is at fault. */
  readonly at: 'key' | 'value'
  /** The last step of the path is not to be repeated. */
  readonly unnamed?: boolean
}

/** One thing that keeps a configuration from being loaded. */
export interface ConfigProblem extends Complaint {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Like `quotas[2].window`; empty for the file as a whole. */
  readonly path: string
}

export const formatProblems = (problems: readonly ConfigProblem[]): string =>
  problems
    .map(({ file, line, column, path, message, hint }) => {
      const what = path === '' ? message : `${path}: ${message}`
      return `${file}:${line}:${column}: ${what}\n    hint: ${hint}`
    })
    .join('\n')

export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (!/^[\w-]{1,64}$/.test(step)) text += `[${JSON.stringify(clip(step))}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

const clip = (text: string): string => (text.length > 64 ? `${text.slice(0, 61)}...` : text)

/**
 * Whether an unknown key can be repeated in a message. A secret that lost its place ends up as a key; secrets are longer
 * than this, or not of lower-case letters alone.
 */
export const canRepeat = (key: string): boolean => /^(?:[\w.-]{1,15}|[a-z_]{1,23})$/.test(key)
