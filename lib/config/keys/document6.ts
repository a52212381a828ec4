// The map Dhcp6 as compile sees it: see document.ts.

import type {
  AllocatorName,
  Annotated,
  CommonClassDocument,
  CommonScopeDocument,
  Count,
  GlobalDocument,
  GuardedDocument,
  OptionDataDocument,
  PlaceDocument,
  PoolDocument,
} from './common-document.ts'

export interface PreferredDocument {
  readonly 'preferred-lifetime'?: Count
  readonly 'min-preferred-lifetime'?: Count
  readonly 'max-preferred-lifetime'?: Count
}

/** What global level, shared network and subnet have in common: the innermost value wins. */
export interface ScopeDocument6 extends CommonScopeDocument, PreferredDocument {
  /** `shared-flq` has become `flq`. */
  readonly 'pd-allocator'?: AllocatorName
}

/** What shared network and subnet have in common. */
export interface PlaceDocument6 extends PlaceDocument {
  readonly 'interface-id'?: string
  readonly 'rapid-commit'?: boolean
}

export interface ClassDocument6 extends CommonClassDocument, PreferredDocument {}

export interface Dhcp6Document extends ScopeDocument6, GlobalDocument {
  readonly 'client-classes'?: readonly ClassDocument6[]
  readonly 'shared-networks'?: readonly NetworkDocument6[]
  readonly subnet6?: readonly SubnetDocument6[]
  readonly reservations?: readonly ReservationDocument6[]
  readonly 'host-reservation-identifiers'?: readonly IdentifierName6[]
  readonly 'server-id'?: ServerIdDocument
  readonly 'mac-sources'?: readonly MacSourceName[]
  readonly 'relay-supplied-options'?: readonly string[]
  readonly 'allow-address-registration'?: boolean
  readonly 'data-directory'?: string
  readonly compatibility?: CompatibilityDocument6
}

export type IdentifierName6 = 'hw-address' | 'duid' | 'flex-id' | 'auto'

export type MacSourceName =
  | 'any'
  | 'raw'
  | 'duid'
  | 'ipv6-link-local'
  | 'client-link-addr-option'
  | 'rfc6939'
  | 'remote-id'
  | 'rfc4649'
  | 'subscriber-id'
  | 'rfc4580'
  | 'docsis-cmts'
  | 'docsis-modem'

export interface NetworkDocument6 extends ScopeDocument6, PlaceDocument6, GuardedDocument {
  readonly name: string
  readonly 'leases-per-ia'?: 'one' | 'per-subnet'
  readonly subnet6?: readonly SubnetDocument6[]
}

export interface SubnetDocument6 extends ScopeDocument6, PlaceDocument6, GuardedDocument {
  /** `2001:db8:1::/64`. */
  readonly subnet: string
  /** `eth1`, or `eth1/56`. */
  readonly 'prefix-from'?: string
  /** 1 to 4294967294; numbered by the reader where the file has none. */
  readonly id: number
  readonly pools?: readonly PoolDocument[]
  readonly 'pd-pools'?: readonly PdPoolDocument[]
  readonly reservations?: readonly ReservationDocument6[]
}

export interface PdPoolDocument extends Annotated, GuardedDocument {
  readonly prefix: string
  readonly 'prefix-len': number
  readonly 'delegated-len': number
  readonly 'excluded-prefix'?: string
  readonly 'excluded-prefix-len'?: number
  readonly 'pool-id'?: number
  readonly 'option-data'?: readonly OptionDataDocument[]
}

/** One of them. */
export interface IdentityDocument6 {
  readonly 'hw-address'?: string
  readonly duid?: string
  readonly 'flex-id'?: string
}

export interface ReservationDocument6 extends Annotated, IdentityDocument6 {
  /** Several of one host, instead of one beside the other members. */
  readonly identifiers?: readonly IdentityDocument6[]
  readonly 'ip-addresses'?: readonly string[]
  readonly prefixes?: readonly string[]
  readonly 'excluded-prefixes'?: readonly string[]
  readonly hostname?: string
  readonly 'client-classes'?: readonly string[]
  readonly 'option-data'?: readonly OptionDataDocument[]
}

export interface ServerIdDocument extends Annotated {
  readonly type: 'LLT' | 'EN' | 'LL'
  readonly identifier?: string
  readonly htype?: number
  readonly time?: Count
  readonly 'enterprise-id'?: Count
  readonly persist?: boolean
}

export interface CompatibilityDocument6 {
  readonly 'lenient-option-parsing'?: boolean
}
