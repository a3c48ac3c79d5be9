import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Says where a call comes from. A forwarded address counts only if a trusted proxy has sent it, and only as far back as
 * trusted proxies vouch for each other: everything further left is whatever the client liked to write.
 */
export function createNetworkReader(
  trustedProxies: readonly string[],
): (peer: string, forwardedFor: string | undefined) => ClientAddress {
  const trusted = new BlockList()
  for (const range of trustedProxies) {
    const [address, bits] = range.split('/') as [string, string?]
    const { kind, text } = parse(address) ?? { kind: 'ipv4' as const, text: address }
    // A network written as ::ffff:10.0.0.0/104 is 10.0.0.0/8.
    const mapped = kind === 'ipv4' && address.includes(':') ? 96 : 0
    if (bits === undefined) trusted.addAddress(text, kind)
    else trusted.addSubnet(text, Math.max(0, Number(bits) - mapped), kind)
  }
  // One client sends many requests over one connection, and few proxies speak for many clients.
  const peers = new Map<string, ClientAddress>()
  return (peer, forwardedFor) => {
    if (forwardedFor === undefined || trustedProxies.length === 0) {
      const known = peers.get(peer)
      if (known !== undefined) return known
      if (peers.size >= MAX_PEERS) peers.clear()
      const address = parse(peer)
      const network = addressOf(address, address !== null && trusted.check(address.text, address.kind))
      peers.set(peer, network)
      return network
    }
    let client = parse(peer)
    const viaProxy = client !== null && trusted.check(client.text, client.kind)
    if (viaProxy) {
      const hops = forwardedFor.slice(-MAX_HEADER_CHARS).split(',')
      for (let i = hops.length - 1; i >= 0; i--) {
        const hop = parse(withoutPort(hops[i]!.trim()))
        // What a trusted proxy could not have written ends its word.
        if (hop === null) break
        client = hop
        if (!trusted.check(hop.text, hop.kind)) break
      }
    }
    return addressOf(client, viaProxy)
  }
}

/** Where a call comes from. */
export interface ClientAddress {
  readonly ip: string
  readonly ipPrefix: string
  /** The other end of the socket is a trusted proxy: what it says of the client counts. */
  readonly viaProxy: boolean
}

const addressOf = (client: Address | null, viaProxy: boolean): ClientAddress =>
  client === null
    ? { ip: 'unknown', ipPrefix: 'unknown', viaProxy }
    : { ip: client.text, ipPrefix: prefixOf(client), viaProxy }

const MAX_PEERS = 4096

const MAX_HEADER_CHARS = 4096

interface Address {
  readonly kind: 'ipv4' | 'ipv6'
  readonly text: string
}

/** Normal form, with IPv4 out of IPv6's clothes, so that one host has one name. */
function parse(text: string): Address | null {
  // node's check, since ipaddr's own also takes 010.1 and 0x7f.1, which nobody writes honestly.
  if (isIP(text) === 0) return null
  // The zone of a link-local address is free text of whoever wrote it.
  const zone = text.indexOf('%')
  const address = ipaddr.process(zone < 0 ? text : text.slice(0, zone))
  return { kind: address.kind(), text: address.toString() }
}

/** Some proxies append the port: `192.0.2.1:443`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  if (hop.startsWith('[')) return hop.slice(1, Math.max(1, hop.indexOf(']')))
  const colon = hop.indexOf(':')
  return colon >= 0 && hop.indexOf(':', colon + 1) < 0 ? hop.slice(0, colon) : hop
}

/** The network of an address as text; null: it is none. */
export function networkOf(text: string): string | null {
  const address = parse(text)
  return address === null ? null : prefixOf(address)
}

function prefixOf({ kind, text }: Address): string {
  if (kind === 'ipv4') return `${text.slice(0, text.lastIndexOf('.'))}.0/24`
  const { parts } = ipaddr.IPv6.parse(text)
  const network = [...parts.slice(0, 4), 0, 0, 0, 0]
  return `${new ipaddr.IPv6(network).toString()}/64`
}
