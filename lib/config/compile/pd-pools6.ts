// Pools of prefixes that are delegated (RFC 9915 §6.3).

import { ipv6FromText } from '../../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  isInside,
  type Prefix6,
  prefix6,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import { partsOf } from '../../address/range6.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { PdPoolDocument } from '../keys/document6.ts'
import type { PdPool6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { compileOptions } from './options.ts'
import type { PoolsLevel6 } from './pools6.ts'

const { 'pool-id': POOL_ID, 'excluded-prefix-len': EXCLUDED_LENGTH } = defaultsOf(
  'pdPool6',
  'pool-id',
  'excluded-prefix-len',
)

/** A pool that is wrong is left out. In document order. */
export function compilePdPools6(
  documents: readonly PdPoolDocument[] | undefined,
  upper: PoolsLevel6,
  site: Site,
): readonly PdPool6[] {
  const pools: PdPool6[] = []
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    const level = compileOptions(document['option-data'], at.entry.at('option-data'), upper)
    const { classes, guards } = upper
    const guard = classes.guard(document['client-classes'], guards, at.at('client-classes'))
    const prefix = compilePrefix(document, at)
    if (prefix === undefined) continue
    const delegatedLength = document['delegated-len']
    pools.push({
      id: document['pool-id'] ?? POOL_ID,
      prefix,
      delegatedLength,
      range: partsOf(prefix, delegatedLength),
      excluded: compileExcluded(document, prefix, at),
      guard,
      additional: classes.numbers(document['evaluate-additional-classes']),
      options: upper.merge.over(upper.options, 'pool', level),
    })
  }
  return pools
}

function compilePrefix(document: PdPoolDocument, site: Site): Prefix6 | undefined {
  const { prefix: text, 'prefix-len': length, 'delegated-len': delegated } = document
  const address = ipv6FromText(text.trim())
  if (address === undefined) {
    site.at('prefix').error('prefix', `'${text}' is not a prefix`, 'such as 2001:db8:8000::')
    return undefined
  }
  if (delegated < length) {
    const message = `prefixes of /${delegated} do not fit into a pool of /${length}`
    site.at('delegated-len').error('delegated-len', message, `at least ${length}`)
    return undefined
  }
  if (delegated === ADDRESS_BITS) {
    const message = 'a prefix of /128 is an address'
    site.at('delegated-len').error('delegated-len', message, 'addresses go into pools')
    return undefined
  }
  const prefix = prefix6(address, length)
  if (addressOf(prefix) !== address) {
    const message = `${text.trim()}/${length} has host bits`
    site.entry.at('prefix').warning('host-bits', message, `taken for ${textFromPrefix6(prefix)}`)
  }
  return prefix
}

/** RFC 6603 §4.2: a part of a delegated prefix. One that is wrong is left out. */
function compileExcluded(document: PdPoolDocument, pool: Prefix6, site: Site): Prefix6 | undefined {
  const { 'excluded-prefix': text = '', 'delegated-len': delegated } = document
  const length = document['excluded-prefix-len'] ?? EXCLUDED_LENGTH
  // Kea writes both where there is none.
  if (length === 0 && (text === '' || ipv6FromText(text.trim()) === NOWHERE)) return undefined
  const at = site.at(text === '' ? 'excluded-prefix-len' : 'excluded-prefix')
  const address = ipv6FromText(text.trim())
  if (address === undefined) {
    at.error('excluded-prefix', `'${text}' is not a prefix`, 'excluded-prefix and its length')
    return undefined
  }
  if (length <= delegated) {
    const message = `an excluded prefix of /${length} is no part of one of /${delegated}`
    site.at('excluded-prefix-len').error('excluded-prefix', message, `above ${delegated}`)
    return undefined
  }
  const excluded = prefix6(address, length)
  if (isInside(excluded, pool)) return excluded
  const message = `${textFromPrefix6(excluded)} is not in the pool`
  at.error('excluded-prefix', message, `inside ${textFromPrefix6(pool)}`)
  return undefined
}

const NOWHERE = '\0'.repeat(16)
