import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findServer } from './needs.ts'

/** Node can read certificates and cannot make them. */
export const openssl: { readonly path: string | null; readonly skip: string | false } = findServer('openssl')

export interface Pem {
  readonly cert: string
  readonly key: string
}

export interface Authority extends Pem {
  /** Signs a certificate for a new key: `subject` as in `/CN=name`, `names` as in `DNS:localhost,IP:127.0.0.1`. */
  issue(subject: string, names?: string): Pem
}

/** A certificate authority that lives as long as the test. */
export function createAuthority(name: string): Authority {
  const authority = inTemp((folder) => {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
    run('req', '-x509', ...newKey(key), '-out', cert, '-days', '2', '-subj', `/CN=${name}`)
    return { cert: read(cert), key: read(key) }
  })
  return {
    ...authority,
    issue: (subject, names) =>
      inTemp((folder) => {
        const [key, cert, request] = [join(folder, 'key'), join(folder, 'cert'), join(folder, 'request')]
        const [caKey, caCert, extensions] = [
          join(folder, 'ca-key'),
          join(folder, 'ca-cert'),
          join(folder, 'extensions'),
        ]
        writeFileSync(caKey, authority.key)
        writeFileSync(caCert, authority.cert)
        writeFileSync(
          extensions,
          `basicConstraints=CA:FALSE\n${names === undefined ? '' : `subjectAltName=${names}\n`}`,
        )
        run('req', '-new', ...newKey(key), '-out', request, '-subj', subject)
        const signed = ['-CA', caCert, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions]
        run('x509', '-req', '-in', request, ...signed, '-out', cert)
        return { cert: read(cert), key: read(key) }
      }),
  }
}

const newKey = (path: string): readonly string[] => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-keyout',
  path,
]

const read = (path: string): string => readFileSync(path, 'utf8')

const run = (...args: readonly string[]): void => void execFileSync(openssl.path!, args, { stdio: 'pipe' })

function inTemp<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'weir-pem-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
