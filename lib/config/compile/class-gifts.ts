// What a definition of a class gives to the clients that are in it, in either family.

import type { Membership } from '../../classify/program.ts'
import type { ClassDocument } from '../keys/document4.ts'
import type { ClassDocument6 } from '../keys/document6.ts'
import type { Class4, Class6 } from '../plan/class-plan.ts'
import { NO_BOOT_FIELDS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import { compileClassLifetime } from './class-lifetime.ts'
import { compileClassDefinitions } from './option-definitions.ts'
import type { OptionTerms } from './option-entry.ts'
import { compileOptions } from './options.ts'
import { compileBootFields } from './scope.ts'

type Gifts4 = Omit<Class4, keyof Membership>
type Gifts6 = Omit<Class6, keyof Membership>

export function compileGifts4(
  document: ClassDocument,
  { classes, registry }: OptionTerms,
  site: Site,
): Gifts4 {
  const at = site.entry
  const definitions = document['option-def']
  const optionDefinitions = compileClassDefinitions(definitions, registry, at.at('option-def'))
  const terms = { classes, registry: registry.with(optionDefinitions) }
  return {
    options: compileOptions(document['option-data'], at.at('option-data'), terms),
    optionDefinitions,
    bootFields: compileBootFields(document, NO_BOOT_FIELDS, site),
    lifetime: compileClassLifetime(document, 'valid', site),
    offerLifetime: document['offer-lifetime'],
  }
}

export function compileGifts6(document: ClassDocument6, terms: OptionTerms, site: Site): Gifts6 {
  const valid = compileClassLifetime(document, 'valid', site)
  const preferred = compileClassLifetime(document, 'preferred', site)
  if (valid !== undefined && preferred !== undefined && preferred.default > valid.default) {
    const message = `preferred-lifetime ${preferred.default} is above valid-lifetime ${valid.default}`
    const hint = '5/8 of the valid lifetime is what clients get'
    site.at('preferred-lifetime').warning('lifetime-preferred', message, hint)
  }
  return {
    options: compileOptions(document['option-data'], site.entry.at('option-data'), terms),
    valid,
    preferred,
  }
}
