// option-data of one level -> values as they go on the wire. An entry that is wrong is reported and
// left out; the others of its list are still compiled.

import { uintFromOctets } from '../../bytes/cursor.ts'
import type { ClassMask } from '../../classify/class-set.ts'
import { enterpriseOf } from '../../wire/options/registry.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import { defaults4 } from '../keys/defaults4.ts'
import type { OptionDataDocument } from '../keys/document4.ts'
import { NO_OPTIONS, type OptionLevel } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import { encode } from './option-encode.ts'
import { nameOf, type OptionEntry, type OptionTerms } from './option-entry.ts'
import { identify } from './option-identity.ts'
import { joinSubOptions } from './option-spaces.ts'
import { OWNED_OPTIONS4 } from './owned-options.ts'

const DEFAULTS = defaults4('optionData', 'space', 'always-send', 'never-send')

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
    if (entry !== undefined && !isOwned(entry)) entries.push(entry)
  }
  return joinSubOptions(withoutDuplicates(entries), terms.registry)
}

function compileEntry(
  document: OptionDataDocument,
  terms: OptionTerms,
  site: Site,
): OptionEntry | undefined {
  const space = document.space ?? DEFAULTS.space
  const found = identify(document, space, terms.registry, site)
  if (found === undefined) return undefined
  const data = encode(document, found, site)
  if (data === undefined) return undefined
  const alwaysSend = document['always-send'] ?? DEFAULTS['always-send']
  const neverSend = document['never-send'] ?? DEFAULTS['never-send']
  const tag = compileTag(document, space, terms, site)
  return { ...found, data, alwaysSend, neverSend, tag, space, site }
}

/** Sub-options are encoded once, for all clients; those of enterprises stand for themselves. */
function compileTag(
  { 'client-classes': names }: OptionDataDocument,
  space: string,
  { classes }: OptionTerms,
  site: Site,
): ClassMask {
  const at = site.at('client-classes')
  const tag = classes.guard(names, [], at)
  if (tag === undefined || space === 'dhcp4' || enterpriseOf(space) >= 0) return tag
  const message = 'clients of other classes get this sub-option, too'
  at.warning('option-tag', message, 'give client-classes to the option that carries it')
  return undefined
}

/** RFC 2563 §3: the option is made for clients that get no address. */
function warnOfAutoConfig({ space, code, site }: OptionEntry): void {
  if (space !== 'dhcp4' || code !== OPTION4.autoConfig) return
  const message = 'auto-config is sent with an address only'
  site.warning('option-partly', message, 'a client for whom no address is free is not answered')
}

function isOwned(entry: OptionEntry): boolean {
  warnOfAutoConfig(entry)
  const reason = entry.space === 'dhcp4' ? OWNED_OPTIONS4.get(entry.code) : undefined
  if (reason === undefined) return false
  entry.site.warning('option-owned', `${nameOf(entry)} is not sent from option-data`, reason)
  return true
}

/**
 * Of two entries for the same clients one counts, as in Kea: the last for all clients, the first
 * for those of some classes. What either says of sending counts.
 */
function withoutDuplicates(entries: readonly OptionEntry[]): readonly OptionEntry[] {
  const kept = new Map<string, OptionEntry>()
  for (const entry of entries) {
    const key = `${entry.space}/${entry.code}/${enterpriseIn(entry)}/${entry.tag?.join() ?? ''}`
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

/** Options 124 and 125 say something for each enterprise. */
function enterpriseIn({ space, code, data }: OptionEntry): number {
  const { vendorIdentifyingClass, vendorIdentifyingInformation } = OPTION4
  const isOf = code === vendorIdentifyingClass || code === vendorIdentifyingInformation
  return space === 'dhcp4' && isOf && data.length >= 4 ? uintFromOctets(data, 0, 4) : -1
}

function reportDuplicate(entry: OptionEntry, former: OptionEntry, isLast: boolean): void {
  const counts = isLast ? 'and counts instead of the first' : 'and the first counts'
  const message = `${nameOf(entry)} stands in this list a second time, ${counts}`
  const hint = `the first is option-data[${former.site.path.at(-1)}]`
  entry.site.warning('duplicate', message, hint)
}
