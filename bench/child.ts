import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Puts a server of this process on a free loopback port, says so the way Weir does, and ends with its parent. */
export function announce(server: Server): void {
  // What lies idle while others have their round must not be closed under a request that is just being sent.
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
  process.stdin.resume()
  process.stdin.on('end', () => process.exit())
}
