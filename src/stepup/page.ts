import { hash as digest } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * The page for people, put together from its files into one that needs nothing else. Its policy lets run what was read
 * here and nothing besides: no other script or style, no other host, no frame around it.
 */
export function stepUpPageAnswer(): Page {
  const file = (name: string): string => readFileSync(join(import.meta.dirname, 'page', name), 'utf8')
  const style = file('page.css')
  // As a string that cannot end the element it stands in.
  const work = JSON.stringify(file('work.js')).replaceAll('<', String.raw`\u003c`)
  const script = `'use strict'\nconst WORK = ${work}\n${file('page.js')}`
  const body = Buffer.from(
    file('page.html')
      .replace('<style></style>', () => `<style>${style}</style>`)
      .replace('<script></script>', () => `<script>${script}</script>`),
  )
  const policy = [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    "connect-src 'self'",
    // The proof is worked on beside the page, by a script of its own that it makes of itself.
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(body.length),
      'content-security-policy': policy,
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    body,
  }
}

const sourceHash = (text: string): string => `sha256-${digest('sha256', text, 'base64')}`
