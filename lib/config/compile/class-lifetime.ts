// Lifetimes of a class. Nothing is inherited: what the class does not say follows what it says.

import type { ClassDocument } from '../keys/document4.ts'
import type { Lifetime } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'

/** Undefined where the class leaves lifetimes to the subnet: Kea takes 0 for that, too. */
export function compileClassLifetime(document: ClassDocument, site: Site): Lifetime | undefined {
  const { 'valid-lifetime': value, 'min-valid-lifetime': min, 'max-valid-lifetime': max } = document
  if (value === undefined && min !== undefined && max !== undefined) {
    const message = 'min-valid-lifetime and max-valid-lifetime, but no valid-lifetime'
    site.at('min-valid-lifetime').error('lifetime-bounds', message, 'say which is the usual one')
    return undefined
  }
  const usual = value ?? min ?? max
  if (usual === undefined || usual === 0) return undefined
  const least = min ?? usual
  const most = max ?? usual
  if (least > usual) {
    const message = `valid-lifetime ${usual} is below min-valid-lifetime ${least}`
    site.at('valid-lifetime').error('lifetime-bounds', message, HINT)
  } else if (usual > most) {
    const message = `valid-lifetime ${usual} is above max-valid-lifetime ${most}`
    site.at('valid-lifetime').error('lifetime-bounds', message, HINT)
  }
  return { default: usual, min: least, max: most }
}

const HINT = 'min, valid and max in this order'
