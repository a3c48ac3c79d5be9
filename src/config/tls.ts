import * as z from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import type { ListenerTls, UpstreamTls } from './config.ts'
import { complain, file, nothingLeft, onAnyMap } from './fields.ts'
import type { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'

const MAX_PEM_BYTES = 1_048_576

const certificate = (example: string): z.ZodType<FoundFile> =>
  file(MAX_PEM_BYTES, example, (found) => {
    if (!/^-----BEGIN CERTIFICATE-----/m.test(found.text)) return wrongPem('certificate', 'BEGIN CERTIFICATE')
    return ok(found)
  })

const privateKey = (example: string): z.ZodType<FoundFile> =>
  file(MAX_PEM_BYTES, example, (found) => {
    if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(found.text)) {
      return err({ message: 'a key with a passphrase', hint: 'take the passphrase off, and guard the file instead' })
    }
    return /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m.test(found.text)
      ? ok(found)
      : wrongPem('key', 'BEGIN PRIVATE KEY')
  })

const wrongPem = (what: string, line: string): Result<never, Complaint> =>
  err({ message: `no ${what} in PEM form`, hint: `name a file with a line -----${line}-----` })

/** The data plane's own TLS. */
export const tls: z.ZodType<ListenerTls> = z
  .strictObject({
    cert: certificate('tls/cert.pem'),
    key: privateKey('tls/key.pem'),
    client_ca: certificate('tls/ca.pem').optional(),
    client_auth: z.enum(['none', 'request', 'require']).default('none').describe('Whether clients show certificates.'),
  })
  .superRefine(({ client_ca, client_auth }, ctx) => {
    if (client_ca === undefined && (client_auth === 'request' || client_auth === 'require')) {
      const hint = 'add client_ca: the authority whose certificates are taken'
      ctx.addIssue(complain({ message: 'client_auth needs client_ca', hint }, ['client_auth'], 'key'))
    } else if (client_ca !== undefined && client_auth === 'none') {
      const hint = 'add client_auth: request, or client_auth: require'
      ctx.addIssue(
        complain({ message: 'is used only where clients are asked for certificates', hint }, ['client_ca'], 'key'),
      )
    }
  }, onAnyMap)
  .transform(({ cert, key, client_ca, client_auth, ...rest }) => {
    nothingLeft(rest)
    return {
      cert: cert.text,
      key: key.text,
      clientCa: client_ca?.text ?? null,
      clientAuth: client_auth,
      paths: { cert: cert.path, key: key.path, clientCa: client_ca?.path ?? null },
    }
  })

/** What an upstream is trusted by, and what it is shown. */
export const upstreamTls: z.ZodType<UpstreamTls> = z
  .strictObject({
    ca: certificate('ca.pem').optional(),
    cert: certificate('client.pem').optional(),
    key: privateKey('client-key.pem').optional(),
  })
  .superRefine(({ cert, key }, ctx) => {
    if ((cert === undefined) === (key === undefined)) return
    const hint = 'write both, or neither'
    const at = cert === undefined ? 'key' : 'cert'
    ctx.addIssue(complain({ message: 'cert and key belong together', hint }, [at], 'key'))
  }, onAnyMap)
  .transform(({ ca, cert, key, ...rest }) => {
    nothingLeft(rest)
    return {
      ca: ca?.text ?? null,
      cert: cert?.text ?? null,
      key: key?.text ?? null,
      paths: { ca: ca?.path ?? null, cert: cert?.path ?? null, key: key?.path ?? null },
    }
  })
