// What option-data becomes: an entry as it stands in a list.

import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { OptionValue } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'

/** One entry, encoded. Its code is one of `space`. */
export interface OptionEntry extends OptionValue {
  readonly space: string
  /** Absent for a code that nothing defines. */
  readonly definition: OptionDefinition | undefined
  readonly site: Site
}

/** What entries mean where they stand. */
export interface OptionTerms {
  readonly registry: OptionRegistry
  /** For the classes that an entry is for. */
  readonly classes: ClassLists
}

export function nameOf({ definition, code }: OptionEntry): string {
  return definition?.name ?? `option ${code}`
}
