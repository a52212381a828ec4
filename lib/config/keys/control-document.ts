// The document, where management commands are taken: see document.ts.

import type { RoleLevel } from '../plan/role.ts'

export interface TlsDocument {
  readonly 'trust-anchor'?: string
  readonly 'cert-file'?: string
  readonly 'key-file'?: string
  readonly 'cert-required'?: boolean
}

/** One map up to Kea 2.7, which has become a list of one. */
export interface ControlSocketDocument extends TlsDocument {
  readonly 'socket-type'?: 'unix' | 'http' | 'https'
  readonly 'socket-name'?: string
  readonly 'socket-address'?: string
  readonly 'socket-port'?: number
  readonly 'http-headers'?: readonly HttpHeaderDocument[]
  readonly authentication?: AuthenticationDocument
}

export interface HttpHeaderDocument {
  readonly name: string
  readonly value: string
}

export interface AuthenticationDocument {
  readonly type: 'basic'
  readonly realm?: string
  readonly directory?: string
  readonly clients?: readonly AuthClientDocument[]
}

export interface AuthClientDocument {
  readonly user?: string
  readonly 'user-file'?: string
  readonly password?: string
  readonly 'password-file'?: string
}

export interface ControlAgentDocument extends TlsDocument {
  readonly 'http-host'?: string
  readonly 'http-port'?: number
  readonly 'http-headers'?: readonly HttpHeaderDocument[]
  readonly authentication?: AuthenticationDocument
  /** By their names: `dhcp4`, `dhcp6`, `d2`. */
  readonly 'control-sockets'?: Readonly<Record<string, unknown>>
}

export interface WebhookDocument {
  readonly url: string
  readonly events: readonly string[]
  readonly secret?: string
  readonly 'secret-file'?: string
}

export interface RoleDocument {
  readonly name: string
  readonly level?: RoleLevel
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly users?: readonly string[]
  readonly certificates?: readonly string[]
  readonly tokens?: readonly string[]
  readonly addresses?: readonly string[]
  readonly sockets?: readonly string[]
}
