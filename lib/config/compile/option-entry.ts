// What option-data becomes: an entry as it stands in a list, and what a level adds when its lists
// are read.

import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { OptionValue } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'

/** One entry, encoded. Its code is one of `space`. */
export interface OptionEntry extends OptionValue {
  readonly space: string
  /** Absent for a code without a standard definition. */
  readonly definition: OptionDefinition | undefined
  readonly site: Site
}

/** The options of the message itself (space dhcp4) that one level adds, by code. */
export type OptionLevel = ReadonlyMap<number, OptionValue>
