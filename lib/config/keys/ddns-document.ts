// The document, where names are registered: see document.ts.

import type { ControlSocketDocument } from './control-document.ts'

/** The map DhcpDdns. */
export interface DdnsDocument {
  /** Milliseconds. */
  readonly 'dns-server-timeout'?: number
  readonly 'forward-ddns'?: DdnsZonesDocument
  readonly 'reverse-ddns'?: DdnsZonesDocument
  readonly 'tsig-keys'?: readonly TsigKeyDocument[]
  readonly 'control-sockets'?: readonly ControlSocketDocument[]
}

export interface DdnsZonesDocument {
  readonly 'ddns-domains'?: readonly DdnsDomainDocument[]
}

export interface DdnsDomainDocument {
  readonly name: string
  readonly 'key-name'?: string
  readonly 'dns-servers': readonly DdnsServerDocument[]
}

export interface DdnsServerDocument {
  readonly 'ip-address': string
  readonly port?: number
  readonly 'key-name'?: string
}

/** One of the two secrets, or both. */
export interface TsigKeyDocument {
  readonly name: string
  readonly algorithm: string
  readonly 'digest-bits'?: number
  readonly secret?: string
  readonly 'secret-file'?: string
}

/** How kea-dhcp-ddns is reached. */
export interface DhcpDdnsDocument {
  readonly 'enable-updates'?: boolean
  readonly 'server-ip'?: string
  readonly 'server-port'?: number
  readonly 'sender-ip'?: string
  readonly 'sender-port'?: number
  readonly 'max-queue-size'?: number
}

/** Whio.ddns. */
export interface WhioDdnsDocument {
  readonly via?: 'self' | 'd2' | 'off'
  readonly queue?: number
  readonly rate?: number
  readonly 'keep-name'?: boolean
  readonly 'link-families'?: 'mac' | 'duid' | 'off'
  readonly sinks?: readonly SinkDocument[]
}

export interface SinkDocument {
  readonly type: 'hosts-file' | 'dnsmasq' | 'unbound' | 'powerdns'
  readonly file?: string
  readonly hostsdir?: string
  readonly 'control-interface'?: string
  readonly 'control-port'?: number
  readonly 'server-cert-file'?: string
  readonly 'control-key-file'?: string
  readonly 'control-cert-file'?: string
  readonly url?: string
  readonly 'api-key'?: string
  readonly 'api-key-file'?: string
  readonly 'server-id'?: string
  readonly zones?: readonly string[]
}
