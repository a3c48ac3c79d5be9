import type { Config, UpstreamConfig } from './config/config.ts'
import type { Upstream } from './core/upstream.ts'
import { createPoolUpstream } from './gateway/pool.ts'
import { openTarget, type OpenUpstream } from './compile.ts'
import type { World } from './world.ts'

export type OpenUpstreams = ReadonlyMap<string, OpenUpstream>

/** Keeps the connections of upstreams that a reload did not touch. */
export function openUpstreams(config: Config, known: OpenUpstreams, world: World): OpenUpstreams {
  const opened = new Map<string, OpenUpstream>()
  for (const [name, upstream] of config.upstreams) {
    const before = known.get(name)
    const same = before !== undefined && JSON.stringify(before.config) === JSON.stringify(upstream)
    opened.set(name, same ? before : openTarget(upstream, openUpstream(upstream, world), world.clock))
  }
  return opened
}

function openUpstream(config: UpstreamConfig, world: World): Upstream {
  const { name, baseUrls, apiKey, tls, connections, connectTimeoutMs } = config
  return config.embedded !== null
    ? world.embedded(config)
    : createPoolUpstream({ name, baseUrls, apiKey, tls, connections, connectTimeoutMs, clock: world.clock })
}
