import type { Upstream } from '../core/upstream.ts'

/** When, in real milliseconds, the model was asked and when it began to answer; 0: not yet. */
export interface Marks {
  askedAtMs: number
  answeredAtMs: number
}

/**
 * Tells the time that Weir takes from the time that the model takes. On a virtual clock an exchange runs from its start to
 * its model without anything between, so that whoever was put in last is who the model is asked for.
 */
export interface Probe {
  current: Marks
}

export function probed(upstream: Upstream, probe: Probe, realNow: () => number): Upstream {
  return {
    name: upstream.name,
    send(request, sink) {
      const marks = probe.current
      marks.askedAtMs = realNow()
      return upstream.send(request, {
        onHead(status, headers, by) {
          marks.answeredAtMs = realNow()
          sink.onHead(status, headers, by)
        },
        onData: (bytes) => sink.onData(bytes),
        onEnd: () => sink.onEnd(),
        onFault: (fault) => sink.onFault(fault),
      })
    },
    close: () => upstream.close(),
  }
}
