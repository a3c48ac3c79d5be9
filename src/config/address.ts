import { isIP, isIPv4, isIPv6 } from 'node:net'
import { err, ok, type Result } from '../core/result.ts'
import type { Address } from './config.ts'
import type { Complaint } from './problem.ts'

/** Reads `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`. */
export function parseAddress(text: string): Result<Address, Complaint> {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  if (found === null) {
    const hint = isIPv6(text.replace(/:\d+$/, ''))
      ? 'put an IPv6 address in brackets: "[::1]:8080"'
      : 'write for instance 127.0.0.1:8080 or "[::1]:8080"'
    return err({ message: 'not an address of the form host:port', hint })
  }
  const port = Number(found[3])
  if (port > 65_535)
    return err({ message: 'not a port', hint: 'write a port from 0 to 65535; 0 lets the system choose' })
  const [, v6, name] = found
  if (v6 !== undefined) {
    if (isIPv6(v6)) return ok({ host: v6, port })
    return err({ message: 'not an IPv6 address between the brackets', hint: 'write for instance "[::1]:8080"' })
  }
  if (name === '') {
    return err({
      message: 'the host is missing',
      hint: 'write 0.0.0.0 to listen everywhere, 127.0.0.1 for this machine',
    })
  }
  if (isHost(name!)) return ok({ host: name!, port })
  return err({ message: 'not a host', hint: 'write an IP address or a host name before the colon' })
}

const isHost = (text: string): boolean =>
  /^[\d.]+$/.test(text) ? isIPv4(text) : text.length <= 253 && /^[A-Za-z0-9]/.test(text) && /^[\w.-]+$/.test(text)

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** Whether what listens there is reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** Reads a network or a single address; the result is always in CIDR form. */
export function parseNetwork(text: string, everybody: Complaint = tooWide): Result<string, Complaint> {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const version = isIP(address)
  if (version === 0 || address.includes('%')) {
    return err({
      message: 'not an IP address or network',
      hint: 'write for instance 10.0.0.0/8, 127.0.0.1 or "fd00::/8"',
    })
  }
  if (/^::ffff:/i.test(address)) {
    // ::ffff:0:0/96 is every IPv4 address there is, and does not look it.
    return err({ message: 'an IPv4 network written as IPv6', hint: 'write it as IPv4, for instance 10.0.0.0/8' })
  }
  const bits = version === 4 ? 32 : 128
  const prefix = slash < 0 ? String(bits) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
    return err({ message: 'not a prefix length after the slash', hint: `write a number from 1 to ${bits}` })
  }
  if (Number(prefix) === 0) return err(everybody)
  return ok(`${address}/${Number(prefix)}`)
}

const tooWide: Complaint = {
  message: 'every address there is',
  hint: 'write the networks that are meant, such as 10.0.0.0/8',
}
