import type { Random } from '../random.ts'
import { chance, geometric } from '../chance.ts'

// What tools answer to coding agents: listings, file excerpts, searches, test runs. Made up, since no record of any is
// in the data; honest agents and agentic harvests get them from here alike.

const folders = [
  'src',
  'lib',
  'internal',
  'cmd',
  'pkg',
  'app',
  'tests',
  'server',
  'web',
  'tools',
  'core',
  'api',
  'models',
  'utils',
]
const stems = [
  'session',
  'config',
  'parser',
  'client',
  'router',
  'cache',
  'store',
  'user',
  'auth',
  'index',
  'worker',
  'queue',
  'report',
  'export',
  'import',
  'schema',
  'token',
  'checkpoint',
  'migrate',
  'logger',
  'metrics',
  'handler',
  'payment',
  'search',
]
const verbs = [
  'load',
  'save',
  'parse',
  'read',
  'write',
  'merge',
  'find',
  'open',
  'close',
  'build',
  'apply',
  'check',
  'list',
  'sync',
]
const endings = ['.go', '.ts', '.py', '.rs', '.java', '_test.go', '.test.ts', '.md', '.yaml', '.sql']

export const fileName = (random: Random): string =>
  `${random.pick(folders)}/${random.pick(stems)}${chance(random, 0.4) ? `_${random.pick(stems)}` : ''}${random.pick(endings)}`

export const symbol = (random: Random): string => {
  const stem = random.pick(stems)
  return `${random.pick(verbs)}${stem[0]!.toUpperCase()}${stem.slice(1)}`
}

/** By the name of the tool, roughly in the shape that it answers. */
export function toolResult(random: Random, tool: string): string {
  switch (tool) {
    case 'Grep':
    case 'Glob':
      return (
        block(random, 6, () => `${fileName(random)}:${1 + random.below(900)}: ${codeLine(random)}`) || 'No files found'
      )
    case 'Read':
      return block(random, 25, (i) => `${String(i + 1).padStart(6)}\t${codeLine(random)}`)
    case 'Edit':
    case 'Write':
      return `The file ${fileName(random)} has been updated. ${geometric(random, 6)} lines changed.`
    case 'Bash':
      return chance(random, 0.5)
        ? block(
            random,
            5,
            () => `${chance(random, 0.85) ? 'ok  ' : 'FAIL'}\t${fileName(random)}\t${(random.next() * 4).toFixed(3)}s`,
          )
        : block(
            random,
            5,
            () =>
              `${random.below(0x1000_0000).toString(16)} ${symbol(random)}: ${random.pick(verbs)} ${random.pick(stems)}`,
          )
    default:
      return `${tool || 'Tool'} finished: ${geometric(random, 4)} ${random.pick(stems)} items, ${random.below(5)} left`
  }
}

const block = (random: Random, mean: number, line: (i: number) => string): string =>
  Array.from({ length: Math.min(120, geometric(random, mean)) }, (_, i) => line(i)).join('\n')

function codeLine(random: Random): string {
  const name = symbol(random)
  return random.pick([
    `if err := ${name}(ctx, ${random.below(64)}); err != nil {`,
    `const ${random.pick(stems)} = await ${name}(${random.pick(stems)}Id)`,
    `return ${name}(${random.pick(stems)}, ${random.below(1000)})`,
    `def ${name.toLowerCase()}(self, ${random.pick(stems)}):`,
    `// ${random.pick(verbs)} the ${random.pick(stems)} before the ${random.pick(stems)} is gone`,
    `assert ${name}(${random.pick(stems)}) == ${random.below(100)}`,
    '}',
    '',
  ])
}
