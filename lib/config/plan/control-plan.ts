// Where management commands are taken: the sockets of each map of the document, with who may come
// in. What commands there are is for others to know.

import type { Role } from './role.ts'

/** Whom a command is for, where it does not say that itself: a server of Kea's or its agent. */
export type Persona = 'dhcp4' | 'dhcp6' | 'd2' | 'ca'

export type DoorPlan = UnixDoorPlan | HttpDoorPlan

export interface UnixDoorPlan {
  readonly kind: 'unix'
  readonly persona: Persona
  /** Absolute. */
  readonly path: string
}

export interface HttpDoorPlan {
  readonly kind: 'http'
  readonly persona: Persona
  /** IPv4 or IPv6 without brackets. */
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  /** Undefined without TLS. */
  readonly tls: DoorTls | undefined
  /** Undefined: whoever reaches the port may come in. */
  readonly users: DoorUsers | undefined
  /** Further headers of answers, in the order of the document. */
  readonly headers: readonly DoorHeader[]
}

export interface DoorTls {
  /** Paths of PEM files; `trustAnchor` may be a folder. */
  readonly trustAnchor: string
  readonly certFile: string
  readonly keyFile: string
  /** Who shows no certificate of the trust anchor is turned away. */
  readonly isCertRequired: boolean
}

/** RFC 7617. */
export interface DoorUsers {
  readonly realm: string
  readonly list: readonly { readonly user: string; readonly password: string }[]
}

export interface DoorHeader {
  readonly name: string
  readonly value: string
}

/** A role with whom it is for. The first that names somebody counts. */
export interface RolePlan extends Role {
  readonly users: readonly string[]
  readonly certificates: readonly string[]
  /** SHA-256 of tokens, hexadecimal in small letters. */
  readonly tokens: readonly string[]
  readonly networks: readonly NetworkPlan[]
  /** Paths of unix sockets. */
  readonly sockets: readonly string[]
}

/** Whom this server calls when something happens. */
export interface WebhookPlan {
  readonly url: string
  readonly events: readonly string[]
  /** '' for none: nothing is signed. */
  readonly secret: string
}

export interface NetworkPlan {
  readonly version: 4 | 6
  readonly address: string
  readonly length: number
}
