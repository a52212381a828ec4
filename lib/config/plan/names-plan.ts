// Where names of clients are registered: zones with their servers and keys, a D2 that does it,
// other places that people look names up in. Whose names, and how, each place of the document says:
// names/rules.ts.

import type { Octets } from '../../bytes/octets.ts'
import type { Millis } from '../../time/units.ts'

export interface NamesPlan {
  /** There is a map DhcpDdns: this process stands in for Kea's updater. */
  readonly isUpdater: boolean
  /**
   * Who writes into DNS. self: this server, into the zones. d2: Kea's updater, which this server
   * sends its name change requests to. off: nobody.
   */
  readonly via: 'self' | 'd2' | 'off'
  /** Whether names of a family go there. Sinks have those of both. */
  readonly inDns: Readonly<Record<4 | 6, boolean>>
  /** Of names, and of `…in-addr.arpa` and `…ip6.arpa`; the longest name first. */
  readonly forward: readonly ZonePlan[]
  readonly reverse: readonly ZonePlan[]
  /** How long an answer of a name server is waited for, the first time. */
  readonly serverTimeout: Millis
  /** Where the changes of a family go, where `via` is d2. */
  readonly d2: Readonly<Record<4 | 6, D2Plan>>
  readonly sinks: readonly SinkPlan[]
  /** The most changes that are owed. */
  readonly queueMax: number
  /** The most changes a second that a server is sent. */
  readonly rate: number
  /** A client that renews and says no name keeps the one it has. */
  readonly keepsName: boolean
  /** By what a client of DHCPv4 and one of DHCPv6 are the same machine. */
  readonly linkFamilies: 'mac' | 'duid' | 'off'
}

export interface ZonePlan {
  /**
   * In lower case, without a dot at its end. '' = all names that no other zone of the list has:
   * which zone it is, its server is asked.
   */
  readonly name: Octets
  /** The one to ask first is the first. */
  readonly servers: readonly NameServerPlan[]
}

export interface NameServerPlan {
  /** IPv4 or IPv6, as text. */
  readonly address: string
  readonly port: number
  /** Undefined: messages are not signed. */
  readonly key: TsigKeyPlan | undefined
}

/** RFC 8945. */
export interface TsigKeyPlan {
  /** In lower case, without a dot at its end. */
  readonly name: Octets
  readonly algorithm: TsigAlgorithm
  readonly secret: Octets
  /** Signatures are cut to so many; 0 = whole. */
  readonly digestBits: number
}

/** With the bits of a whole signature. */
export const TSIG_ALGORITHMS = {
  'hmac-md5': 128,
  'hmac-sha1': 160,
  'hmac-sha224': 224,
  'hmac-sha256': 256,
  'hmac-sha384': 384,
  'hmac-sha512': 512,
} as const

export type TsigAlgorithm = keyof typeof TSIG_ALGORITHMS

/** A kea-dhcp-ddns. */
export interface D2Plan {
  readonly address: string
  readonly port: number
  /** '' = any. */
  readonly fromAddress: string
  /** 0 = any. */
  readonly fromPort: number
}

/** A place other than DNS where people look names up. */
export type SinkPlan = HostsFilePlan | HostsFolderPlan | UnboundPlan | PowerDnsPlan

/** A file such as /etc/hosts, for CoreDNS, dnsmasq and what else reads one. */
export interface HostsFilePlan {
  readonly kind: 'hosts-file'
  /** Absolute. */
  readonly path: string
}

/** A file in the folder of dnsmasq's `hostsdir`. */
export interface HostsFolderPlan {
  readonly kind: 'dnsmasq'
  readonly folder: string
}

/** The control channel of Unbound. */
export interface UnboundPlan {
  readonly kind: 'unbound'
  /** Path of the unix socket, or where it listens for TLS. */
  readonly at: string | UnboundTlsPlan
}

export interface UnboundTlsPlan {
  readonly address: string
  readonly port: number
  /** Paths of PEM files: the certificate of the server, and what it knows this client by. */
  readonly serverCertFile: string
  readonly certFile: string
  readonly keyFile: string
}

export interface PowerDnsPlan {
  readonly kind: 'powerdns'
  /** Of the API, without a slash at its end: `http://127.0.0.1:8081`. */
  readonly url: string
  readonly apiKey: string
  /** `localhost`, but behind proxies of several. */
  readonly serverId: string
  /** As of ZonePlan; names in no one of them are left out. */
  readonly zones: readonly Octets[]
}

const D2: D2Plan = { address: '127.0.0.1', port: 53001, fromAddress: '', fromPort: 0 }

/** Nothing is registered. */
export const NO_NAMES: NamesPlan = {
  isUpdater: false,
  via: 'off',
  inDns: { 4: false, 6: false },
  forward: [],
  reverse: [],
  serverTimeout: 500,
  d2: { 4: D2, 6: D2 },
  sinks: [],
  queueMax: 200_000,
  rate: 200,
  keepsName: true,
  linkFamilies: 'off',
}

/** Whether anybody learns the names of clients of a family. */
export function registersNames({ inDns, sinks }: NamesPlan, version: 4 | 6): boolean {
  return inDns[version] || sinks.length > 0
}
