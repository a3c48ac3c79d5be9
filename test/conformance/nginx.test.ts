import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, inFolder, withGateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'
import { findServer } from '../support/needs.ts'

const nginx = findServer('nginx')

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function untilOpen(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined))
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('nginx does not listen')
}

/** As operators write it: the usual headers, and nothing about buffering. */
const config = (folder: string, port: number, weir: string): string => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${weir};
      proxy_http_version 1.1;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`

test('behind nginx: a stream is not held back, and the caller is who nginx says', { skip: nginx.skip }, async (t) => {
  await inFolder(async (folder) => {
    await withGateway({ trustedProxies: '[127.0.0.1/32]' }, async (g) => {
      mkdirSync(join(folder, 'logs'))
      const port = await freePort()
      const file = join(folder, 'nginx.conf')
      writeFileSync(file, config(folder, port, g.serving.dataUrl))
      const server = spawn(nginx.path!, ['-e', 'stderr', '-p', folder, '-c', file], { stdio: 'ignore' })
      t.after(() => server.kill('SIGKILL'))
      await untilOpen(port)
      const body = JSON.stringify({ model: 'demo-x', stream: true, messages: ask('tokens=60 pace_tps=100') })
      const arrivals: number[] = []
      await new Promise<void>((resolve, reject) => {
        const sent = request(
          {
            port,
            host: '127.0.0.1',
            localAddress: '127.0.0.2',
            path: '/v1/chat/completions',
            method: 'POST',
            headers: { authorization: `Bearer ${SECRET}`, 'x-forwarded-for': '6.6.6.6' },
          },
          (response) => {
            response.on('data', () => arrivals.push(Date.now()))
            response.on('end', resolve)
          },
        )
        sent.on('error', reject)
        sent.end(body)
      })
      const spreadMs = arrivals.at(-1)! - arrivals[0]!
      assert.ok(arrivals.length > 20 && spreadMs > 300, `${arrivals.length} reads over ${spreadMs} ms`)
      const [event] = await g.eventsUntil(1)
      assert.deepEqual([event!.outcome, event!.network.ip], ['ok', '127.0.0.2'])
    })
  })
})
