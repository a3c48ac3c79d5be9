import { Command as Program, CommanderError } from 'commander'
import { exit, type Command } from './cli/command.ts'
import { commands } from './cli/index.ts'

/** Where `weir` starts: finds the command, hands it its words, and turns what it says into an exit code. */
async function main(argv: readonly string[]): Promise<number> {
  let code: number = exit.done
  const program = new Program('weir').description('An abuse firewall for LLM APIs.').exitOverride()
  const groups = new Map<string, Program>()
  for (const command of commands) {
    add(program, groups, command, (result) => {
      code = result
    })
  }
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help is an answer; everything else that commander throws is about how it was called.
    return error.exitCode === 0 ? exit.done : exit.usage
  }
  return code
}

/** `config check` becomes the sub-command `check` of a group `config`. */
function add(program: Program, groups: Map<string, Program>, command: Command, done: (code: number) => void): void {
  const words = command.name.split(' ')
  let parent = program
  if (words.length > 1) {
    const group = words[0]!
    parent = groups.get(group) ?? program.command(group).exitOverride()
    groups.set(group, parent)
  }
  const made = parent.command(words.at(-1)!).description(command.describe).exitOverride()
  for (const { name, describe } of command.args ?? []) made.argument(name, describe)
  for (const { flags, describe } of command.options ?? []) made.option(flags, describe)
  made.action(async (...given: unknown[]) => {
    // An argument that can be given several times comes as a list.
    const words = given.slice(0, command.args?.length ?? 0).flat() as (string | undefined)[]
    const args = words.filter((word) => word !== undefined)
    const { run } = await command.load()
    done(
      await run({
        args,
        options: made.opts(),
        print: (line) => process.stdout.write(`${line}\n`),
        complain: (line) => process.stderr.write(`${line}\n`),
      }),
    )
  })
}

main(process.argv).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`weir: a bug, please report it: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = exit.bug
  },
)
