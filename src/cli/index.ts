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
]
