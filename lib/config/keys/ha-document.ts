// The parameters of libdhcp_ha as people write them, see document4.ts. An empty text says the same
// as none.

import type { HaMode, HaRole, HaState } from '../plan/ha-plan.ts'

/** Whole, 0 to 4294967295; milliseconds where it is a time. */
type Count = number

export interface TlsDocument {
  readonly 'trust-anchor'?: string
  readonly 'cert-file'?: string
  readonly 'key-file'?: string
}

export interface HaDocument extends TlsDocument {
  readonly 'this-server-name'?: string
  readonly mode: HaMode
  readonly peers: readonly HaPeerDocument[]
  readonly 'heartbeat-delay'?: Count
  readonly 'max-response-delay'?: Count
  readonly 'max-ack-delay'?: Count
  readonly 'max-unacked-clients'?: Count
  readonly 'send-lease-updates'?: boolean
  readonly 'sync-leases'?: boolean
  readonly 'sync-timeout'?: Count
  readonly 'sync-page-limit'?: Count
  readonly 'delayed-updates-limit'?: Count
  readonly 'wait-backup-ack'?: boolean
  readonly 'require-client-certs'?: boolean
  readonly 'state-machine'?: { readonly states?: readonly HaStateDocument[] }
}

export interface HaPeerDocument extends TlsDocument {
  readonly name: string
  readonly url: string
  readonly role: HaRole
  readonly 'auto-failover'?: boolean
  readonly 'basic-auth-user'?: string
  readonly 'basic-auth-user-file'?: string
  readonly 'basic-auth-password'?: string
  readonly 'basic-auth-password-file'?: string
}

export interface HaStateDocument {
  readonly state: HaState
  readonly pause?: 'never' | 'once' | 'always'
}
