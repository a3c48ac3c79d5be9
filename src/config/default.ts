/**
 * What is served where there is no weir.yaml: the demo model inside the process, and limits that a person notices and
 * does not mind. It names no key, and nobody can call without one: the caller appends an `identity` section.
 */
export const demoConfigText = (): string => `listen: 127.0.0.1:8080
control: { listen: 127.0.0.1:8081 }
upstreams:
  demo: { dialect: openai, embedded: demo }
models:
  "*": { upstream: demo }
quotas:
  - { name: key-rpm, per: [key], requests: 60, window: 1m }
  - { name: key-tpm, per: [key], tokens: 60000, window: 1m }
  - { name: key-inflight, per: [key], concurrent: 8 }
`
