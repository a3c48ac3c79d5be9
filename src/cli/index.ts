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
    name: 'replay',
    describe: 'run recorded exchanges through the decision path and report what would have been done',
    args: [{ name: '<file...>', describe: 'logs, oldest first, one JSON object a line; "-" for standard input' }],
    options: [
      { flags: '--config <file>', describe: 'configuration file (default: pack public-llm-api)' },
      {
        flags: '--state <dir>',
        describe: 'go on from what an earlier run left there (default: start empty, leave nothing)',
      },
      { flags: '--decisions <out>', describe: 'write what each exchange would have met; "-" for standard output' },
      { flags: '--json', describe: 'the report as JSON' },
      { flags: '--from <format>', describe: 'own, litellm or openai (default: own)' },
    ],
    load: () => import('./replay.ts'),
  },
  {
    name: 'status',
    describe: 'one screen about a running Weir: traffic, limits, detection, health',
    options: [
      configOption,
      { flags: '--url <url>', describe: 'its control plane (default: as the configuration says)' },
      { flags: '--token <token>', describe: 'default: WEIR_CONTROL_TOKEN, else as the configuration says' },
      { flags: '--json', describe: 'as JSON' },
    ],
    load: () => import('./status.ts'),
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
]
