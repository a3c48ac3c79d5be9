import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const DEADLINE_MS = 10_000

/** Sends one message, over UDP (RFC 5426) or framed by its length over TCP (RFC 6587). Rejects with what went wrong. */
export function sendSyslog(url: string, line: Buffer): Promise<void> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replaceAll(/[[\]]/g, '')
  const number = port === '' ? 514 : Number(port)
  return protocol === 'udp:' ? overUdp(host, number, line) : overTcp(host, number, line)
}

function overUdp(host: string, port: number, line: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.on('error', reject)
    socket.send(line, port, host, (error) => {
      socket.close()
      if (error === null) resolve()
      else reject(error)
    })
  })
}

function overTcp(host: string, port: number, line: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: DEADLINE_MS })
    socket.on('error', reject)
    socket.on('timeout', () => socket.destroy(new Error('no answer in time')))
    socket.on('connect', () => socket.end(Buffer.concat([Buffer.from(`${line.length} `), line])))
    socket.on('close', (failed) => {
      if (!failed) resolve()
    })
  })
}
