// Lifetimes of a class. Nothing is inherited: what the class does not say follows what it says.

import type { LifetimeDocument } from '../keys/common-document.ts'
import type { PreferredDocument } from '../keys/document6.ts'
import type { Lifetime } from '../plan/given.ts'
import type { Site } from '../text/site.ts'

/** Undefined where the class leaves the lifetime to the subnet: Kea takes 0 for that, too. */
export function compileClassLifetime(
  document: LifetimeDocument & PreferredDocument,
  kind: 'valid' | 'preferred',
  site: Site,
): Lifetime | undefined {
  const key = `${kind}-lifetime` as const
  const { [key]: value, [`min-${key}` as const]: min, [`max-${key}` as const]: max } = document
  if (value === undefined && min !== undefined && max !== undefined) {
    const message = `min-${key} and max-${key}, but no ${key}`
    site.at(`min-${key}`).error('lifetime-bounds', message, 'say which is the usual one')
    return undefined
  }
  const usual = value ?? min ?? max
  if (usual === undefined || usual === 0) return undefined
  const least = min ?? usual
  const most = max ?? usual
  if (least > usual) {
    const message = `${key} ${usual} is below min-${key} ${least}`
    site.at(key).error('lifetime-bounds', message, HINT)
  } else if (usual > most) {
    const message = `${key} ${usual} is above max-${key} ${most}`
    site.at(key).error('lifetime-bounds', message, HINT)
  }
  return { default: usual, min: least, max: most }
}

const HINT = 'min, the usual one and max in this order'
