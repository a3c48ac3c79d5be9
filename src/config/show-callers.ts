import type {
  CertificateConfig,
  IdentityConfig,
  JwtConfig,
  KeyConfig,
  NetworkConfig,
  ReputationConfig,
  TokensConfig,
} from './config.ts'
import { formatDate } from './date.ts'
import { nothingLeft } from './fields.ts'
import { sha256 } from './identity.ts'
import { formatDuration } from './units.ts'

/** Of a hash so much that two can be told apart, and no more. */
export const abridged = (hash: string): string => `sha256:${hash.slice(0, 8)}…`
export const hidden = (secret: string | null): string | undefined =>
  secret === null ? undefined : abridged(sha256(secret))

export function showIdentity(identity: IdentityConfig): object {
  const { trustedProxies, keys, jwt, certificates, passThrough, tokens, signatures, ...more } = identity
  const { userHeader, sessionHeader, authFailuresPerMinute, ...rest } = more
  nothingLeft(rest)
  const { windowMs, ...restOfSignatures } = signatures
  nothingLeft(restOfSignatures)
  return {
    trusted_proxies: trustedProxies,
    keys: keys.map(showKey),
    jwt: jwt.map(showJwt),
    certificates: certificates.map(showCertificate),
    pass_through: passThrough === null ? undefined : { ...passThrough, trust: passThrough.trust ?? undefined },
    tokens: tokens === null ? undefined : showTokens(tokens),
    signatures: { window: formatDuration(windowMs) },
    user_header: userHeader ?? undefined,
    session_header: sessionHeader ?? undefined,
    auth_failures: { per_minute: authFailuresPerMinute },
  }
}

function showKey({ id, secretSha256, tenant, profile, trust, expiresAtMs, signed, ...rest }: KeyConfig): object {
  nothingLeft(rest)
  return {
    id,
    secret_sha256: abridged(secretSha256),
    tenant: tenant ?? undefined,
    profile,
    trust: trust ?? undefined,
    expires: expiresAtMs === null ? undefined : formatDate(expiresAtMs),
    signed,
  }
}

function showJwt(issuer: JwtConfig): object {
  const {
    name,
    issuer: url,
    audiences,
    algorithms,
    jwksUrl,
    jwks: _,
    jwksFile,
    clockSkewMs,
    maxAgeMs,
    ...more
  } = issuer
  const { claims, profile, trust, ...rest } = more
  nothingLeft(rest)
  const { tenant, user, profile: profileClaim, ...restOfClaims } = claims
  nothingLeft(restOfClaims)
  return {
    name,
    issuer: url,
    audience: audiences,
    algorithms,
    jwks_url: jwksUrl ?? undefined,
    jwks_file: jwksFile ?? undefined,
    clock_skew: formatDuration(clockSkewMs),
    max_age: maxAgeMs === null ? undefined : formatDuration(maxAgeMs),
    claims: { tenant: tenant ?? undefined, user: user ?? undefined, profile: profileClaim ?? undefined },
    profile,
    trust: trust ?? undefined,
  }
}

function showCertificate({ id, sha256, subject, tenant, profile, trust, ...rest }: CertificateConfig): object {
  nothingLeft(rest)
  return {
    id,
    sha256: sha256 ?? undefined,
    subject: subject ?? undefined,
    tenant: tenant ?? undefined,
    profile,
    trust: trust ?? undefined,
  }
}

function showTokens({ ttlMs, bind, ...rest }: TokensConfig): object {
  nothingLeft(rest)
  return { ttl: formatDuration(ttlMs), bind }
}

export function showNetwork({ databases, headers, lists, hostingAsns, reputation, ...rest }: NetworkConfig): object {
  nothingLeft(rest)
  const { asn, country, ja3, ja4, ...restOfHeaders } = headers
  nothingLeft(restOfHeaders)
  return {
    databases,
    headers: {
      asn: asn ?? undefined,
      country: country ?? undefined,
      ja3: ja3 ?? undefined,
      ja4: ja4 ?? undefined,
    },
    lists: lists.map(({ type, path }) => ({ type, file: path })),
    hosting_asns: hostingAsns,
    reputation: reputation.map(showReputation),
  }
}

function showReputation({ kind, value, score, expiresAtMs, reason, ...rest }: ReputationConfig): object {
  nothingLeft(rest)
  return {
    [kind]: kind === 'asn' ? Number(value) : value,
    score,
    expires: expiresAtMs === null ? undefined : formatDate(expiresAtMs),
    reason,
  }
}
