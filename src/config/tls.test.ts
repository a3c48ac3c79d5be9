import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

const cert = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
const key = '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n'
const files = { 'tls/cert.pem': `subject=weir\n${cert}`, 'tls/key.pem': key, 'ca.pem': cert }
const tls = (fields: string): string => `${minimal}tls: { ${fields} }\n`
const own = 'cert: tls/cert.pem, key: tls/key.pem'

test('the listener has its certificate from files beside the configuration', () => {
  const text = tls(`${own}, client_ca: ca.pem, client_auth: request`)
  const config = configOf(`${text}listen: 0.0.0.0:8443\n`, {}, outsideOf(files))
  assert.deepEqual(config.tls, {
    cert: files['tls/cert.pem'],
    key,
    clientCa: cert,
    clientAuth: 'request',
    paths: { cert: resolve('tls/cert.pem'), key: resolve('tls/key.pem'), clientCa: resolve('ca.pem') },
  })
  assert.deepEqual(
    config.sources,
    ['tls/cert.pem', 'tls/key.pem', 'ca.pem'].map((path) => resolve(path)),
  )
  assert.equal(configOf(tls(own), {}, outsideOf(files)).tls?.clientAuth, 'none')
})

test('with TLS the listener may be open, and the control plane still not', () => {
  const text = `${tls(own)}listen: 0.0.0.0:8443\ncontrol: { listen: 0.0.0.0:8444 }\n`
  assert.deepEqual(problemsOf(text, {}, outsideOf(files)), [
    '7:20 control.listen: plain HTTP beyond this machine: keys could be read',
  ])
})

test('each file is checked for what it should hold', () => {
  const wrong = { ...files, text: 'hello', 'locked.pem': key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE') }
  const cases: Readonly<Record<string, string>> = {
    'cert: none.pem, key: tls/key.pem': '5:14 tls.cert: there is no such file',
    'cert: tls/cert.pem': '5:1 tls.key: is required',
    'cert: text, key: tls/key.pem': '5:14 tls.cert: no certificate in PEM form',
    'cert: tls/key.pem, key: tls/key.pem': '5:14 tls.cert: no certificate in PEM form',
    'cert: tls/cert.pem, key: tls/cert.pem': '5:33 tls.key: no key in PEM form',
    'cert: tls/cert.pem, key: locked.pem': '5:33 tls.key: a key with a passphrase',
    'cert: tls/cert.pem, key: 7': '5:33 tls.key: expected text, found a number',
    [`${own}, client_auth: require`]: '5:46 tls.client_auth: client_auth needs client_ca',
    [`${own}, client_ca: ca.pem`]: '5:46 tls.client_ca: is used only where clients are asked for certificates',
    [`${own}, client_auth: always`]: '5:59 tls.client_auth: not one of the words that are known here',
  }
  for (const [fields, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(tls(fields), {}, outsideOf(wrong)), [problem], fields)
  }
})

test('an upstream can have an authority of its own, and want to see a certificate', () => {
  const upstream = (fields: string): string => minimal.replace('main: {', `main: { tls: { ${fields} },`)
  const found = configOf(upstream('ca: ca.pem, cert: tls/cert.pem, key: tls/key.pem'), {}, outsideOf(files))
  assert.deepEqual(found.upstreams.get('main')?.tls, {
    ca: cert,
    cert: files['tls/cert.pem'],
    key,
    paths: { ca: resolve('ca.pem'), cert: resolve('tls/cert.pem'), key: resolve('tls/key.pem') },
  })
  const bare = { ca: null, cert: null, key: null, paths: { ca: null, cert: null, key: null } }
  assert.deepEqual(configOf(upstream('')).upstreams.get('main')?.tls, bare)
  assert.deepEqual(problemsOf(upstream('cert: tls/cert.pem'), {}, outsideOf(files)), [
    '2:18 upstreams.main.tls.cert: cert and key belong together',
  ])
})

test('a new certificate changes the hash, and a new place of it does not', () => {
  const { hash } = configOf(tls(own), {}, outsideOf(files))
  assert.notEqual(configOf(tls(own), {}, outsideOf({ ...files, 'tls/cert.pem': `${cert}${cert}` })).hash, hash)
  const moved = { ...files, 'c.pem': files['tls/cert.pem'] }
  assert.equal(configOf(tls('cert: c.pem, key: tls/key.pem'), {}, outsideOf(moved)).hash, hash)
})
