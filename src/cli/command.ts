/** Exit codes of the contract. */
export const exit = { done: 0, checkFailed: 1, usage: 2, bug: 70 } as const

/**
 * One command: a file of its own, loaded when it is called, and a line in `index.ts`. `run` gives the exit code;
 * what it throws is a bug.
 */
export interface Command {
  readonly name: string
  readonly describe: string
  readonly args?: readonly { readonly name: string; readonly describe: string }[]
  readonly options?: readonly { readonly flags: string; readonly describe: string }[]
  load(): Promise<{ run(input: CommandInput): Promise<number> }>
}

export interface CommandInput {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  print(line: string): void
  complain(line: string): void
}
