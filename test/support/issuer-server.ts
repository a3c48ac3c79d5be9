import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'

/** Who signs tokens. */
export interface Signer {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

/** A new key of an issuer, or of somebody who would like to be one. */
export async function createSigner(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } }
}

/** An identity provider on the loopback: what it answers can change at any time. */
export interface Issuer {
  readonly url: string
  answer: { status: number; body: string; location?: string } | 'silence'
  asked: number
  close(): Promise<void>
}

/** Starts one that has the keys of these. */
export async function startIssuer(...signers: readonly Signer[]): Promise<Issuer> {
  const issuer = { url: '', answer: jwks(...signers) as Issuer['answer'], asked: 0 }
  const server = createServer((_request, response) => {
    issuer.asked++
    if (issuer.answer === 'silence') return
    const { status, body, location } = issuer.answer
    response.writeHead(status, { 'content-type': 'application/json', ...(location !== undefined && { location }) })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return Object.assign(issuer, { close })
}

/** The key set that holds these. */
export const jwks = (...signers: readonly Signer[]): { status: number; body: string } => ({
  status: 200,
  body: JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }),
})
