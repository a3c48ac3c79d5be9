/** The configuration that other programs are built on, word for word. */
export const contractSample = `extends: [public-llm-api]            # policy packs, in order; this file wins
listen: 127.0.0.1:8080
control: { listen: 127.0.0.1:8081, token: "\${WEIR_CONTROL_TOKEN}" }
data_dir: ./.weir
upstreams:
  main: { dialect: openai, base_url: "http://127.0.0.1:9100/v1", api_key: "\${UPSTREAM_KEY}" }
models:                              # names or globs, first match wins; price in USD per million tokens
  "gpt-4o*": { upstream: main, price: { input: 2.5, cached_input: 1.25, output: 10 } }
  "*":       { upstream: main }
identity:
  trusted_proxies: [127.0.0.1/32]
  keys:                              # or \`keys_file: keys.yaml\`
    - { id: acme-1, secret: "wr_acme1_0123456789abcdef0123456789abcdef", tenant: acme, profile: app }   # or secret_sha256
quotas:
  - { name: key-tpm,  per: [key],    tokens: 60000,  window: 1m }                      # token bucket, burst = one window unless said
  - { name: key-day,  per: [key],    tokens: 2000000, window: 1d, kind: calendar }
  - { name: cost,     per: [tenant], cost_usd: 5,    window: 1m, kind: sliding }
  - { name: campaign, per: [key],    requests: 20000, window: 3d, kind: sliding }      # sustained
  - { name: inflight, per: [key],    concurrent: 8 }
  - { name: code,     per: [tenant], output_tokens: 100000, window: 1h, match: { prompt_class: code }, mode: shadow }
`
