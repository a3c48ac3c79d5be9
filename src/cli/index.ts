import type { Command } from './command.ts'

const configOption = { flags: '--config <file>', describe: 'configuration file (default: weir.yaml)' }

const bundleOptions = [
  { flags: '--since <checkpoint>', describe: 'prove that the log still starts with what this checkpoint covers' },
  { flags: '--reveal', describe: 'open the commitments of these entries, as far as their salts are not erased' },
  { flags: '--out <file>', describe: 'where it goes (default: standard output)' },
]

const changeOptions = [
  configOption,
  { flags: '--token <token>', describe: 'of the control plane, where the configuration names none' },
]

const connectOptions = [
  configOption,
  { flags: '--url <url>', describe: 'its control plane (default: as the configuration says)' },
  { flags: '--token <token>', describe: 'default: WEIR_CONTROL_TOKEN, else as the configuration says' },
]

const signOptions = [
  { flags: '--reason <text>', describe: 'why; it goes into the log' },
  { flags: '--by <name>', describe: 'who does it (default: the user of this machine)' },
]

const lastingOptions = [
  { flags: '--for <duration>', describe: 'how long, such as 30m, 6h, 1d' },
  { flags: '--until <time>', describe: 'or until when, such as 2026-12-31T00:00:00Z' },
]

const json = { flags: '--json', describe: 'as JSON' }

/** One for each procedure, so that each says what it takes. */
const procedure = (name: string, describe: string, args: NonNullable<Command['args']>): Command => ({
  name: `contain ${name}`,
  describe,
  args,
  options: [...signOptions, ...lastingOptions, ...connectOptions, json],
  load: async () => (await import('./contain.ts')).contain(name),
})

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
    name: 'calibrate',
    describe: 'measure honest accounts in your own logs, and say what evidence they can support',
    args: [{ name: '<file...>', describe: 'logs of honest accounts, oldest first; read twice, so no pipes' }],
    options: [
      {
        flags: '--segment <name>',
        describe:
          'all accounts are of it: human_seat, agent, app, batch, research, reseller (default: as each line says)',
      },
      { flags: '--out <file>', describe: 'default: calibration.json' },
      { flags: '--merge', describe: 'add to what is in that file, or to the calibration that ships' },
      { flags: '--keep-suspects', describe: 'measure accounts that look like copying too, because you know them' },
      { flags: '--from <format>', describe: 'own, litellm or openai (default: own)' },
      { flags: '--json', describe: 'the report as JSON' },
    ],
    load: () => import('./calibrate.ts'),
  },
  {
    name: 'lab',
    describe: 'run attacks and honest traffic through the real pipeline on a virtual clock, and print the bill',
    args: [{ name: '[scenario...]', describe: 'names, "student", or "all" (default: a quick set)' }],
    options: [
      { flags: '--list', describe: 'name the scenarios' },
      { flags: '--quick', describe: 'play what is named at the size of the quick set' },
      { flags: '--seed <text>', describe: 'the same seed plays the same (default: weir)' },
      { flags: '--svg <file>', describe: "where the student's plot goes (default: weir-student.svg)" },
      { flags: '--json', describe: 'as JSON' },
    ],
    load: () => import('./lab.ts'),
  },
  {
    name: 'status',
    describe: 'one screen about a running Weir: traffic, limits, actions in force, detection, health',
    options: [...connectOptions, json],
    load: () => import('./status.ts'),
  },
  {
    name: 'action list',
    describe: 'the actions in force, the newest first, with what each rests on',
    options: [
      { flags: '--subject <subject>', describe: 'on this subject only, such as key:acme-1' },
      { flags: '--kind <kind>', describe: 'on such subjects only: key, user, account, campaign, …' },
      { flags: '--action <action>', describe: 'such actions only: throttle, block, …' },
      { flags: '--limit <n>', describe: 'as many at most (default: 100, at most 1000)' },
      ...connectOptions,
      json,
    ],
    load: () => import('./action-list.ts'),
  },
  {
    name: 'action apply',
    describe: 'put an action in force by hand',
    args: [
      {
        name: '<action>',
        describe: 'throttle, tarpit, restrict, step_up, decoy, squeeze, cooldown, quarantine, block',
      },
      { name: '<subject>', describe: 'key:acme-1, account:acme, user:acme/anna, …, or match:model=gpt-4o*,country=XX' },
      { name: '[setting...]', describe: 'such as requests_per_minute=6, first_byte=2s,8s' },
    ],
    options: [
      { flags: '--match <match>', describe: 'only requests of the subject that fit, such as model=gpt-4o*|o1' },
      { flags: '--shadow', describe: 'note what would have been met, and touch nobody' },
      ...signOptions,
      ...lastingOptions,
      ...connectOptions,
      json,
    ],
    load: () => import('./action-apply.ts'),
  },
  {
    name: 'action lift',
    describe: 'end an action by hand, before its time',
    args: [{ name: '<id>', describe: 'as the list says' }],
    options: [...signOptions, ...connectOptions, json],
    load: () => import('./action-lift.ts'),
  },
  {
    name: 'action review',
    describe: 'say of an action of a rule, once you have looked at it, whether it was right',
    args: [
      { name: '<id>', describe: 'as the list or the log says; it may be over' },
      { name: '<verdict>', describe: 'right, or wrong; saying it again replaces it' },
    ],
    options: [
      { flags: '--by <name>', describe: 'who has looked (default: the user of this machine)' },
      ...connectOptions,
      json,
    ],
    load: () => import('./action-review.ts'),
  },
  {
    name: 'action rules',
    describe: 'how each rule has done: how often it was applied, and what people who have looked say',
    options: [...connectOptions, json],
    load: () => import('./action-rules.ts'),
  },
  procedure('isolate-model', 'refuse requests for a model', [
    { name: '<glob>', describe: 'of names of models, such as gpt-4o*' },
  ]),
  procedure('isolate-route', 'refuse requests to an endpoint or a route', [
    {
      name: '<glob>',
      describe: 'of endpoints, such as chat.*, or with a slash in it of routes, such as */v1/embeddings',
    },
  ]),
  procedure('switch-off', 'refuse whatever fits', [{ name: '<match>', describe: 'such as model=gpt-4o*,country=XX' }]),
  procedure('quarantine-keys', 'put keys out of use', [
    { name: '<key...>', describe: 'ids of keys, or campaign:<id> for all of a campaign' },
  ]),
  procedure('reroute', 'send what goes to one upstream to another one', [
    { name: '<from>', describe: 'the upstream in question' },
    { name: '<to>', describe: 'the one that stands in for it' },
  ]),
  {
    name: 'contain list',
    describe: 'what is contained, the newest first',
    options: [...connectOptions, json],
    load: () => import('./contain-list.ts'),
  },
  {
    name: 'contain rollback',
    describe: 'take a procedure back as a whole',
    args: [{ name: '<group>', describe: 'as the list says' }],
    options: [...signOptions, ...connectOptions, json],
    load: () => import('./contain-rollback.ts'),
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
      { flags: '--witness <vkey>', describe: 'the witness that must have cosigned that checkpoint' },
      { flags: '--json', describe: 'for programs' },
    ],
    load: () => import('./audit-verify.ts'),
  },
  {
    name: 'audit export',
    describe: 'take entries out of a log into one file that verifies offline',
    args: [{ name: '<folder>', describe: 'the folder audit/ of a data_dir' }],
    options: [
      { flags: '--from <n>', describe: 'the first entry (default: 0)' },
      { flags: '--to <n>', describe: 'up to before this entry (default: the end)' },
      { flags: '--type <type>', describe: 'entries of this type only, such as decision' },
      { flags: '--exchange <id>', describe: 'entries that name this exchange only' },
      ...bundleOptions,
    ],
    load: () => import('./audit-export.ts'),
  },
  {
    name: 'audit prove',
    describe: 'prove that an entry, or an exchange, is in the log: a bundle of what tells of it',
    args: [
      { name: '<folder>', describe: 'the folder audit/ of a data_dir' },
      { name: '<what>', describe: 'the number of an entry, or the id of an exchange' },
    ],
    options: bundleOptions,
    load: () => import('./audit-export.ts'),
  },
  {
    name: 'audit rotate-key',
    describe: 'give the log a new key, signed by the old one; prints the new public key',
    options: changeOptions,
    load: () => import('./audit-rotate-key.ts'),
  },
  {
    name: 'audit erase',
    describe: 'make the commitments of the log to a value unreadable for good; every proof stays valid',
    args: [
      { name: '<kind>', describe: 'such as account, key, user, ip' },
      { name: '<value>', describe: 'as Weir knows it' },
    ],
    options: changeOptions,
    load: () => import('./audit-erase.ts'),
  },
]
