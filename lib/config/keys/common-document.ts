// The document, where both families have the same: see document.ts.

import type { ConflictMode } from '../../names/rules.ts'
import type { ControlSocketDocument, RoleDocument, WebhookDocument } from './control-document.ts'
import type { DhcpDdnsDocument, WhioDdnsDocument } from './ddns-document.ts'
import type { HaDocument } from './ha-document.ts'

/** Numbers of seconds are whole, 0 to 4294967295 (= infinite for a lifetime). */
export type Count = number

/** The top-level map `Whio`: what Kea has no word for. */
export interface WhioDocument {
  /**
   * What an acknowledged lease survives: full (default) = loss of power, normal = of the process,
   * off = nothing.
   */
  readonly durability?: 'full' | 'normal' | 'off'
  readonly 'lease-history'?: {
    readonly 'max-age'?: Count
    readonly 'max-rows'?: Count
  }
  readonly 'log-renewals'?: boolean
  readonly 'pool-low'?: number
  readonly 'log-format'?: 'json' | 'kea' | 'people'
  readonly 'strict-option-parsing'?: boolean
  readonly 'reconfigure-accept'?: boolean
  /** 1 to 256. */
  readonly 'max-leases-per-client6'?: Count
  readonly 'verify-source'?: boolean
  readonly 'witness-folder'?: string
  readonly 'kea-version'?: string
  readonly hosts?: {
    readonly refresh?: Count
    readonly 'load-max'?: Count
    readonly 'cache-size'?: Count
  }
  readonly roles?: readonly RoleDocument[]
  readonly webhooks?: readonly WebhookDocument[]
  readonly ha?: {
    readonly 'when-silent'?: 'safe' | 'available'
    /** 0 to 50. */
    readonly 'reserve-percent'?: number
    readonly 'certificate-names'?: 'checked' | 'any'
    readonly 'share-edits'?: boolean
  }
  readonly ddns?: WhioDdnsDocument
}

/** Kept and shown, without effect. */
export interface Annotated {
  readonly 'user-context'?: Readonly<Record<string, unknown>>
  readonly comment?: string
}

export interface LifetimeDocument {
  readonly 'valid-lifetime'?: Count
  readonly 'min-valid-lifetime'?: Count
  readonly 'max-valid-lifetime'?: Count
}

export interface LeasingDocument {
  readonly 'offer-lifetime'?: Count
  /** Fractions, 0 to 1. */
  readonly 'cache-threshold'?: number
  readonly 'cache-max-age'?: Count
  readonly 'adaptive-lease-time-threshold'?: number
  readonly 'store-extended-info'?: boolean
}

export interface TimersDocument {
  readonly 'renew-timer'?: Count
  readonly 'rebind-timer'?: Count
  readonly 'calculate-tee-times'?: boolean
  /** Fractions of the lifetime, 0 to 1 (exclusive). */
  readonly 't1-percent'?: number
  readonly 't2-percent'?: number
}

/** What global level, shared network, subnet and pool say about names of clients. */
export interface NamesDocument {
  readonly 'hostname-char-set'?: string
  readonly 'hostname-char-replacement'?: string
  readonly 'ddns-replace-client-name'?: 'never' | 'always' | 'when-present' | 'when-not-present'
  readonly 'ddns-generated-prefix'?: string
  readonly 'ddns-qualifying-suffix'?: string
  readonly 'ddns-send-updates'?: boolean
  readonly 'ddns-override-no-update'?: boolean
  readonly 'ddns-override-client-update'?: boolean
  readonly 'ddns-update-on-renew'?: boolean
  readonly 'ddns-conflict-resolution-mode'?: ConflictMode
  readonly 'ddns-ttl'?: Count
  /** A fraction, 0 to 1. */
  readonly 'ddns-ttl-percent'?: number
  readonly 'ddns-ttl-min'?: Count
  readonly 'ddns-ttl-max'?: Count
}

/** What global level, shared network and subnet have in common: the innermost value wins. */
export interface CommonScopeDocument
  extends Annotated,
    LifetimeDocument,
    LeasingDocument,
    TimersDocument,
    NamesDocument {
  readonly 'option-data'?: readonly OptionDataDocument[]
  readonly 'reservations-global'?: boolean
  readonly 'reservations-in-subnet'?: boolean
  readonly 'reservations-out-of-pool'?: boolean
  /** Kea's `shared-flq` has become `flq` (with a warning) before compile sees it. */
  readonly allocator?: AllocatorName
}

export type AllocatorName = 'iterative' | 'random' | 'flq'

export interface CommonClassDocument extends Annotated, LifetimeDocument {
  readonly name: string
  readonly test?: string
  readonly 'template-test'?: string
  readonly 'only-in-additional-list'?: boolean
  readonly 'option-data'?: readonly OptionDataDocument[]
}

/** What is said once in either map, beside subnets, classes and reservations. */
export interface GlobalDocument {
  readonly 'early-global-reservations-lookup'?: boolean
  readonly 'interfaces-config'?: InterfacesDocument
  readonly 'lease-database'?: LeaseDatabaseDocument
  readonly 'server-tag'?: string
  readonly 'hosts-databases'?: readonly DatabaseDocument[]
  readonly 'config-control'?: ConfigControlDocument
  readonly 'option-def'?: readonly OptionDefDocument[]
  readonly 'hooks-libraries'?: readonly HookDocument[]
  readonly 'decline-probation-period'?: Count
  readonly 'statistic-default-sample-count'?: Count
  readonly 'statistic-default-sample-age'?: Count
  readonly 'expired-leases-processing'?: ExpiryDocument
  /** False: several reservations may name one address. */
  readonly 'ip-reservations-unique'?: boolean
  readonly loggers?: readonly LoggerDocument[]
  readonly 'control-sockets'?: readonly ControlSocketDocument[]
  readonly 'dhcp-ddns'?: DhcpDdnsDocument
}

export interface InterfacesDocument extends Annotated {
  /** `*`, `eth0`, `eth0/192.0.2.1` or `eth0/2001:db8::1`. */
  readonly interfaces?: readonly string[]
}

export interface LeaseDatabaseDocument extends DatabaseDocument {
  /** Of memfile. */
  readonly persist?: boolean
}

export interface ConfigControlDocument extends Annotated {
  /** One at most. */
  readonly 'config-databases'?: readonly DatabaseDocument[]
  /** Seconds. */
  readonly 'config-fetch-wait-time'?: Count
}

/** A database server: of leases, of reservations, of configuration. */
export interface DatabaseDocument extends Annotated {
  readonly type: 'memfile' | 'mysql' | 'postgresql'
  readonly name?: string
  /** Several, separated by commas, are tried one after the other. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly 'password-file'?: string
  readonly 'connect-timeout'?: Count
  readonly 'read-timeout'?: Count
  readonly 'write-timeout'?: Count
  readonly 'tcp-user-timeout'?: Count
  readonly 'max-reconnect-tries'?: Count
  /** Milliseconds. */
  readonly 'reconnect-wait-time'?: Count
  readonly 'on-fail'?: 'stop-retry-exit' | 'serve-retry-exit' | 'serve-retry-continue'
  readonly 'retry-on-startup'?: boolean
  readonly readonly?: boolean
  readonly 'trust-anchor'?: string
  readonly 'cert-file'?: string
  readonly 'key-file'?: string
  readonly 'cipher-list'?: string
  readonly 'ssl-mode'?: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
}

export interface HookDocument {
  /** Path or file name, or the name of a package. */
  readonly library: string
  /** Those of other libraries are checked where they are compiled (library-rows.ts). */
  readonly parameters?: {
    readonly 'high-availability'?: readonly HaDocument[]
    readonly [parameter: string]: unknown
  }
  /** Of modules alone. */
  readonly timeout?: number
  readonly 'on-timeout'?: 'drop' | 'continue'
  readonly 'on-error'?: 'drop' | 'continue' | 'nak'
  readonly required?: boolean
  readonly worker?: boolean
}

/** Where a shared network and a subnet are. */
export interface PlaceDocument {
  readonly interface?: string
  readonly relay?: { readonly 'ip-addresses'?: readonly string[] }
}

export interface GuardedDocument {
  readonly 'client-classes'?: readonly string[]
  readonly 'evaluate-additional-classes'?: readonly string[]
}

export interface PoolDocument extends Annotated, GuardedDocument, NamesDocument {
  /** `192.0.2.10 - 192.0.2.99` or `192.0.2.64/26`, or such of IPv6. */
  readonly pool: string
  readonly 'pool-id'?: number
  readonly 'option-data'?: readonly OptionDataDocument[]
}

export interface OptionDefDocument extends Annotated {
  readonly name: string
  readonly code: number
  /** One of the types of options. */
  readonly type: string
  readonly array?: boolean
  /** Types, separated by commas. */
  readonly 'record-types'?: string
  readonly space?: string
  readonly encapsulate?: string
}

export interface OptionDataDocument extends Annotated {
  readonly name?: string
  readonly code?: number
  readonly space?: string
  readonly data?: string
  readonly 'csv-format'?: boolean
  readonly 'always-send'?: boolean
  readonly 'never-send'?: boolean
  readonly 'client-classes'?: readonly string[]
}

export interface ExpiryDocument {
  readonly 'reclaim-timer-wait-time'?: Count
  readonly 'hold-reclaimed-time'?: Count
  readonly 'max-reclaim-leases'?: Count
}

export interface LoggerDocument extends Annotated {
  readonly name: string
  readonly severity?: 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG' | 'NONE'
  readonly debuglevel?: number
  readonly 'output-options'?: readonly LogOutputDocument[]
}

export interface LogOutputDocument extends Annotated {
  /** `stdout`, `stderr`, `syslog`, `syslog:` with a facility, or a path. */
  readonly output: string
  readonly flush?: boolean
  readonly maxsize?: Count
  readonly maxver?: Count
  readonly pattern?: string
}
