// The map Dhcp4 as compile sees it: see document.ts.

import type {
  Annotated,
  CommonClassDocument,
  CommonScopeDocument,
  Count,
  GlobalDocument,
  GuardedDocument,
  OptionDataDocument,
  OptionDefDocument,
  PlaceDocument,
  PoolDocument,
} from './common-document.ts'

export interface BootDocument {
  readonly 'next-server'?: string
  readonly 'server-hostname'?: string
  readonly 'boot-file-name'?: string
}

/** What global level, shared network and subnet have in common: the innermost value wins. */
export interface ScopeDocument extends CommonScopeDocument, BootDocument {
  readonly authoritative?: boolean
  readonly 'match-client-id'?: boolean
}

export interface ClassDocument extends CommonClassDocument, BootDocument {
  readonly 'offer-lifetime'?: Count
  readonly 'option-def'?: readonly OptionDefDocument[]
}

export interface Dhcp4Document extends ScopeDocument, GlobalDocument {
  readonly 'client-classes'?: readonly ClassDocument[]
  readonly 'shared-networks'?: readonly NetworkDocument[]
  readonly subnet4?: readonly SubnetDocument[]
  readonly reservations?: readonly ReservationDocument[]
  readonly 'echo-client-id'?: boolean
  readonly 'stash-agent-options'?: boolean
  readonly 'host-reservation-identifiers'?: readonly IdentifierName[]
  readonly compatibility?: CompatibilityDocument
}

export type IdentifierName = 'hw-address' | 'duid' | 'circuit-id' | 'client-id' | 'flex-id' | 'auto'

export interface NetworkDocument extends ScopeDocument, PlaceDocument, GuardedDocument {
  readonly name: string
  readonly subnet4?: readonly SubnetDocument[]
}

export interface SubnetDocument extends ScopeDocument, PlaceDocument, GuardedDocument {
  /** `192.0.2.0/24`. */
  readonly subnet: string
  /** 1 to 4294967294; numbered by the reader where the file has none. */
  readonly id: number
  readonly pools?: readonly PoolDocument[]
  readonly reservations?: readonly ReservationDocument[]
}

/** One of them. */
export interface IdentityDocument {
  readonly 'hw-address'?: string
  readonly duid?: string
  readonly 'circuit-id'?: string
  readonly 'client-id'?: string
  readonly 'flex-id'?: string
}

export interface ReservationDocument extends Annotated, BootDocument, IdentityDocument {
  /** Several of one host, instead of one beside the other members. */
  readonly identifiers?: readonly IdentityDocument[]
  readonly 'ip-address'?: string
  readonly hostname?: string
  readonly 'client-classes'?: readonly string[]
  readonly 'option-data'?: readonly OptionDataDocument[]
}

export interface CompatibilityDocument {
  readonly 'lenient-option-parsing'?: boolean
  readonly 'ignore-dhcp-server-identifier'?: boolean
  readonly 'ignore-rai-link-selection'?: boolean
  readonly 'exclude-first-last-24'?: boolean
}
