// Where statistics come from: names and values of a family as they are now, globally and by subnet.

import type { Kind, Value } from './history.ts'

/** A statistic of the whole family. */
export interface GlobalReading {
  readonly name: string
  readonly kind: Kind
  /** Kea knows no such statistic before it happens for the first time. */
  readonly isLate?: boolean
  read(): number
}

/** A statistic of a subnet or of one of its pools; the name is what follows `subnet[ID].`. */
export interface Reading {
  readonly name: string
  readonly kind: Kind
  readonly value: Value
}

/** A subnet of the plan in force: another object after a reload is another subnet. */
export interface Place {
  readonly id: number
}

/** A row of stat-lease4-get and stat-lease6-get. */
export type Row = readonly Value[]

export interface Source {
  readonly family: 4 | 6
  readonly globals: readonly GlobalReading[]
  /** Names of the globals that there are once there is a subnet. */
  readonly ofSubnets: ReadonlySet<string>
  /** Of the plan in force, lowest id first. */
  subnets(): readonly Place[]
  subnet(id: number): Place | undefined
  /** By name. */
  readings(place: Place): readonly Reading[]
  /** Counting by subnet begins anew. */
  beginAnew(): void
  readonly columns: readonly string[]
  row(place: Place): Row
}
