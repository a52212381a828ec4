// Classes as the server runs them: their names and numbers, and what each gives to clients that are
// in it. How a client gets into them is the program's (classify/program.ts).

import type { ClassProgram, Membership } from '../../classify/program.ts'
import type { Seconds } from '../../time/units.ts'
import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { BootFields, Lifetime } from './given.ts'
import type { OptionLevel } from './option-set.ts'

export interface ClassPlan<Given extends Membership = Class4> {
  /** By number: of every class that something in the document names; '' where a number has none. */
  readonly names: readonly string[]
  /** Undefined where nothing names the class: no client is in it. */
  numberOf(name: string): number | undefined
  /** What a class gives, by its number; undefined where the document does not define it. */
  readonly given: readonly (Given | undefined)[]
  /** The definitions as they stand in the document, which is the order of evaluation. */
  readonly definitions: readonly Given[]
  /** Undefined where nothing depends on classes, but those of a pair. */
  readonly program: ClassProgram | undefined
  /** Global reservations are looked up before the subnet: their classes steer its choice. */
  readonly looksUpEarly: boolean
}

/** A class that the document defines: who is in it, and what it gives. */
export interface Class4 extends Membership {
  /** Only its own. */
  readonly options: OptionLevel
  /** How its clients mean options 43 and 224 to 254, where the class says so. */
  readonly optionDefinitions: readonly OptionDefinition[]
  /** Only its own; 0 and '' = nothing. */
  readonly bootFields: BootFields
  /** Undefined where the class says nothing of it. */
  readonly lifetime: Lifetime | undefined
  readonly offerLifetime: Seconds | undefined
}

/** The same of DHCPv6. */
export interface Class6 extends Membership {
  /** Only its own. */
  readonly options: OptionLevel
  /** Undefined where the class says nothing of it; each counts by itself. */
  readonly valid: Lifetime | undefined
  readonly preferred: Lifetime | undefined
}
