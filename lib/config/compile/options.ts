// option-data of one level -> values as they go on the wire. An entry that is wrong is reported and
// left out; the others of its list are still compiled.

import { uintFromOctets } from '../../bytes/cursor.ts'
import type { ClassMask } from '../../classify/class-set.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import { enterpriseOf } from '../../wire/options/registry.ts'
import type { OptionDataDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import { NO_OPTIONS, type OptionLevel } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import { encode } from './option-encode.ts'
import { nameOf, type OptionEntry, type OptionTerms } from './option-entry.ts'
import { identify } from './option-identity.ts'
import { joinSubOptions } from './option-spaces.ts'
import { ownedOptions } from './owned-options.ts'

const DEFAULTS = defaultsOf('optionData', 'always-send', 'never-send')

/** Compiles the option-data that stands at `site`. */
export function compileOptions(
  documents: readonly OptionDataDocument[] | undefined,
  site: Site,
  terms: OptionTerms,
): OptionLevel {
  if (documents === undefined || documents.length === 0) return NO_OPTIONS
  const entries: OptionEntry[] = []
  for (const [index, document] of documents.entries()) {
    const entry = compileEntry(document, terms, site.at(index))
    if (entry !== undefined && !isOwned(entry, terms.registry.table)) entries.push(entry)
  }
  return joinSubOptions(withoutDuplicates(entries, terms.registry.table), terms.registry)
}

function compileEntry(
  document: OptionDataDocument,
  terms: OptionTerms,
  site: Site,
): OptionEntry | undefined {
  const { registry } = terms
  const space = document.space ?? registry.table.space
  const found = identify(document, space, registry, site)
  if (found === undefined) return undefined
  const value = encode(document, found, registry, site)
  if (value === undefined) return undefined
  const alwaysSend = document['always-send'] ?? DEFAULTS['always-send']
  const neverSend = document['never-send'] ?? DEFAULTS['never-send']
  const tag = compileTag(document, space, terms, site)
  return { ...found, ...value, alwaysSend, neverSend, tag, space, site }
}

/** Sub-options are encoded once, for all clients; those of enterprises stand for themselves. */
function compileTag(
  { 'client-classes': names }: OptionDataDocument,
  space: string,
  { classes, registry }: OptionTerms,
  site: Site,
): ClassMask {
  const at = site.at('client-classes')
  const tag = classes.guard(names, [], at)
  if (tag === undefined || space === registry.table.space || enterpriseOf(space) >= 0) return tag
  const message = 'clients of other classes get this sub-option, too'
  at.warning('option-tag', message, 'give client-classes to the option that carries it')
  return undefined
}

function isOwned(entry: OptionEntry, table: OptionTable): boolean {
  const reason = entry.space === table.space ? ownedOptions(table).get(entry.code) : undefined
  if (reason === undefined) return false
  entry.site.warning('option-owned', `${nameOf(entry)} is not sent from option-data`, reason)
  return true
}

/**
 * Of two entries for the same clients one counts, as in Kea: the last for all clients, the first
 * for those of some classes. What either says of sending counts.
 */
function withoutDuplicates(
  entries: readonly OptionEntry[],
  table: OptionTable,
): readonly OptionEntry[] {
  const kept = new Map<string, OptionEntry>()
  for (const [index, entry] of entries.entries()) {
    if (table.traits.repeating.has(entry.space)) {
      kept.set(`${index}`, entry)
      continue
    }
    const key = `${entry.space}/${entry.code}/${enterpriseIn(entry, table)}/${entry.tag?.join() ?? ''}`
    const former = kept.get(key)
    if (former === undefined) {
      kept.set(key, entry)
      continue
    }
    const isLast = entry.tag === undefined
    reportDuplicate(entry, former, isLast)
    const alwaysSend = entry.alwaysSend || former.alwaysSend
    const neverSend = entry.neverSend || former.neverSend
    // Where it stands among others means something.
    if (isLast) kept.delete(key)
    kept.set(key, { ...(isLast ? entry : former), alwaysSend, neverSend })
  }
  return [...kept.values()]
}

/** The options of enterprises say something for each of them. */
function enterpriseIn({ space, code, data }: OptionEntry, table: OptionTable): number {
  const { vendorClass, vendorOptions } = table.traits
  const isOf = code === vendorClass || code === vendorOptions
  return space === table.space && isOf && data.length >= 4 ? uintFromOctets(data, 0, 4) : -1
}

function reportDuplicate(entry: OptionEntry, former: OptionEntry, isLast: boolean): void {
  const counts = isLast ? 'and counts instead of the first' : 'and the first counts'
  const message = `${nameOf(entry)} stands in this list a second time, ${counts}`
  const hint = `the first is option-data[${former.site.path.at(-1)}]`
  entry.site.warning('duplicate', message, hint)
}
