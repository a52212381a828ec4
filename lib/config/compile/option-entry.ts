// What option-data becomes: an entry as it stands in a list.

import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { OptionValue } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'

/** One entry, encoded. Its code is one of `space`. */
export interface OptionEntry extends OptionValue {
  readonly space: string
  /** Absent for a code without a standard definition. */
  readonly definition: OptionDefinition | undefined
  readonly site: Site
}
