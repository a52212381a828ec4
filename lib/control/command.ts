// What a command of the management side is: a row of the table (table.ts), which says of it all
// that the list of commands, roles, completion and the description for programs need, and carries
// it out. Who asks and through which door stands in the question; what a command may use, in the
// room.

import type { Persona } from '../config/plan/control-plan.ts'
import type { Role } from '../config/plan/role.ts'
import type { ConfigHost } from '../ports/config-host.ts'
import type { LeaseFiles } from '../ports/lease-files.ts'
import type { LeaseHistory } from '../ports/lease-history.ts'
import type { Log } from '../ports/log.ts'
import type { RunningConfiguration } from '../server/configuration/running-configuration.ts'
import type { Server } from '../server/server.ts'
import type { HostFace } from './host-face.ts'
import type { Statistics } from './statistics/statistics.ts'

export type { Persona } from '../config/plan/control-plan.ts'

/** Where the command comes from: Kea's library, the server itself, or it is one of Whio's own. */
export type Library =
  | 'built-in'
  | 'lease_cmds'
  | 'host_cmds'
  | 'subnet_cmds'
  | 'class_cmds'
  | 'stat_cmds'
  | 'ha'
  | 'whio'

export interface Asker {
  /** Empty where the door asks for no name. */
  readonly user: string
  readonly role: Role
  /** Address and port, or what the socket is called. */
  readonly from: string
  /** `own`: an operator's order on this machine. */
  readonly door: 'unix' | 'http' | 'https' | 'own'
}

export interface Asked {
  readonly command: string
  /** Undefined where the request has none; integers beyond 2^53 are BigInt. */
  readonly arguments: unknown
  readonly persona: Persona
  readonly asker: Asker
}

/**
 * 0 success, 1 error, 2 unsupported, 3 nothing found or changed, 4 conflict with what there is;
 * 1001 of ha-maintenance-notify alone: not now.
 */
export type Result = 0 | 1 | 2 | 3 | 4 | 1001

/**
 * `arguments` is a plain value (a BigInt is printed as digits), with a Listing (print.ts) where it
 * may be very long. Kea's replies get no keys beyond Kea's: clients compare them whole.
 */
export interface Answer {
  readonly result: Result
  readonly text?: string | undefined
  readonly arguments?: unknown
}

/** A piece of JSON schema 2020-12: as much of it as arguments need. */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly (string | number | boolean)[]
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly default?: unknown
}

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'

/** The schema of the arguments; undefined where there are none. */
export type Parameters = Schema | undefined

export interface Command {
  readonly name: string
  /** `write`: it is told in the log who gave it, and whoever only reads may not. */
  readonly access: 'read' | 'write'
  readonly library: Library
  /** Who lists and answers it. */
  readonly personas: readonly Persona[]
  /** One sentence without a full stop. */
  readonly summary: string
  readonly parameters: Parameters
  /** Where it is there only at some servers (ha-* in a pair, say); everywhere when absent. */
  readonly isHere?: (room: ControlRoom) => boolean
  /**
   * Calls `answer` once, at once or later; what it throws before (CommandRefused of refused.ts
   * where the words matter) is an answer, too.
   */
  run(asked: Asked, room: ControlRoom, answer: (answer: Answer) => void): void
}

/**
 * What commands may use. Each field is an interface that is declared beside who provides it; the
 * command line puts the room together.
 */
export interface ControlRoom {
  readonly server: Server
  readonly configuration: RunningConfiguration
  readonly configHost: ConfigHost
  readonly statistics: Statistics
  readonly host: HostFace
  readonly leaseFiles: LeaseFiles
  readonly leaseHistory: LeaseHistory
  readonly log: Log
}

/** Both families: the server of each lists and answers it. */
export const SERVERS: readonly Persona[] = ['dhcp4', 'dhcp6']
/** And Kea's updater of DNS: the programs that serve something. */
export const PROGRAMS: readonly Persona[] = ['dhcp4', 'dhcp6', 'd2']
/** And the agent in front of them. */
export const EVERYWHERE: readonly Persona[] = ['dhcp4', 'dhcp6', 'd2', 'ca']
