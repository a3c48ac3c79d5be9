import type { Command } from './command.ts'

const configOption = { flags: '--config <file>', describe: 'configuration file (default: weir.yaml)' }

/** Every command of `weir`. */
export const commands: readonly Command[] = [
  {
    name: 'serve',
    describe: 'run the gateway and its control plane',
    options: [configOption],
    load: () => import('./serve.ts'),
  },
  {
    name: 'config check',
    describe: 'check a configuration and say everything that is wrong with it',
    args: [{ name: '[file]', describe: 'default: weir.yaml' }],
    load: () => import('./config-check.ts'),
  },
  {
    name: 'config show',
    describe: 'print the effective configuration, secrets as hashes',
    args: [{ name: '[file]', describe: 'default: weir.yaml' }],
    load: () => import('./config-show.ts'),
  },
  {
    name: 'config schema',
    describe: 'print the JSON Schema of weir.yaml, for editors',
    load: () => import('./config-schema.ts'),
  },
  {
    name: 'config import-prices',
    describe: "turn LiteLLM's public price file into a price book",
    args: [{ name: '<file>', describe: '"-" for standard input' }],
    options: [
      { flags: '--out <file>', describe: 'where the book goes (default: standard output)' },
      { flags: '--book-version <text>', describe: 'default: litellm-<day>-<hash of the file>' },
      { flags: '--source <text>', describe: 'where the prices come from' },
      { flags: '--fetched <day>', describe: 'default: today' },
    ],
    load: () => import('./config-import-prices.ts'),
  },
  {
    name: 'audit verify',
    describe: 'verify a log folder or an exported bundle, with the public key only',
    args: [{ name: '<path>', describe: 'the folder audit/ of a data_dir, or a bundle' }],
    options: [
      { flags: '--key <vkey>', describe: "the log's public key, or a file that holds it" },
      { flags: '--since <checkpoint>', describe: 'a checkpoint kept from earlier: shows what was rolled back since' },
      { flags: '--json', describe: 'for programs' },
    ],
    load: () => import('./audit-verify.ts'),
  },
]
