import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fetchJson } from './fetch-json.ts'

async function served(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test('a JSON document is read', () =>
  served(
    (_request, response) => response.end('{"keys":[]}'),
    async (url) => assert.deepEqual(await fetchJson(url), { keys: [] }),
  ))

test('a redirect is not followed, whatever it leads to', async () => {
  let reached = 0
  await served(
    (request, response) => {
      if (request.url === '/keys') response.writeHead(302, { location: '/other' }).end()
      else {
        reached++
        response.end('{}')
      }
    },
    (url) => assert.rejects(fetchJson(url), /status 302/),
  )
  assert.equal(reached, 0)
})

test('a document without an end is left at a megabyte', () =>
  served(
    (_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      response.on('error', () => {})
      more()
    },
    (url) => assert.rejects(fetchJson(url), /larger than/),
  ))

test('what is not JSON is an error', () =>
  served(
    (_request, response) => response.end('<html>'),
    (url) => assert.rejects(fetchJson(url), SyntaxError),
  ))
