// How much is given to whom at most: libdhcp_limits.

import type { Text } from '../../classify/expression.ts'
import type { Millis } from '../../time/units.ts'

/** So many messages in any such time; 0 = none. */
export interface RateLimit {
  readonly messages: number
  readonly within: Millis
}

export interface SubnetLimits {
  readonly rate: RateLimit | undefined
  /** Leases at a time; undefined: as many as there are addresses. */
  readonly addresses: number | undefined
  /** The same of prefixes. */
  readonly prefixes: number | undefined
}

/** Limits of classes, in the order of the document. */
export interface ClassLimits {
  readonly rates: readonly ClassLimit[]
  /** Of addresses and prefixes. */
  readonly addresses: readonly ClassAddressLimit[]
}

export interface ClassAddressLimit {
  readonly number: number
  readonly name: string
  /** Of a template: what its classes are called before their value, '' = it is none. */
  readonly spawns: string
  /** Of a template: each of its values is limited by itself. */
  readonly value: Text | undefined
  /** Leases at a time; undefined: as many as there are. */
  readonly addresses: number | undefined
  /** The same of prefixes. */
  readonly prefixes: number | undefined
}

export interface ClassLimit {
  /** The number of the class. */
  readonly number: number
  readonly rate: RateLimit
  /** Of a template: each of its values is limited by itself. */
  readonly value: Text | undefined
}
