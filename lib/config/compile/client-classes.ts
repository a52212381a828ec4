// Definitions of classes: who is in each, and what it gives. Their order is that of evaluation, and
// of two classes that give the same it says which counts.

import { CLASS } from '../../classify/class-set.ts'
import { compileTest, compileText } from '../../classify/compile.ts'
import type { Compiled, CompiledTest, CompiledText, Refused } from '../../classify/expression.ts'
import { type Membership, OF_VENDOR } from '../../classify/program.ts'
import type { CommonClassDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Site } from '../text/site.ts'
import type { OptionTerms } from './option-entry.ts'

const { 'only-in-additional-list': ONLY_ADDITIONAL } = defaultsOf(
  'class',
  'only-in-additional-list',
)

/** Kea finds out by itself who is in them: a definition may only say what they give. */
const BUILT_IN: readonly string[] = ['ALL', 'KNOWN', 'UNKNOWN', 'BOOTP']
/** What they do is done before additional classes are tested. */
const WITH_EFFECT: readonly string[] = ['DROP', 'REJECT']
const RESERVED: readonly string[] = [...BUILT_IN, ...WITH_EFFECT, 'SKIP_DDNS']
/** Classes that others than a definition assign, by how their names begin. */
const PREFIXES: readonly string[] = [OF_VENDOR, 'HA_', 'AFTER_', 'EXTERNAL_']

/** What a class gives to who is in it. */
export type CompileGifts<Document, Gifts> = (
  document: Document,
  terms: OptionTerms,
  site: Site,
) => Gifts

/** In the order of the document. A definition whose name is wrong is left out. */
export function compileClasses<Document extends CommonClassDocument, Gifts>(
  documents: readonly Document[] | undefined,
  compileGifts: CompileGifts<Document, Gifts>,
  terms: OptionTerms,
  site: Site,
): readonly (Membership & Gifts)[] {
  const compiler = new ClassCompiler(compileGifts, terms)
  for (const [index, document] of (documents ?? []).entries())
    compiler.add(document, index, site.at(index))
  return compiler.definitions
}

interface Expressions {
  readonly test: CompiledTest | undefined
  readonly template: CompiledText | undefined
}

class ClassCompiler<Document extends CommonClassDocument, Gifts> {
  readonly definitions: (Membership & Gifts)[] = []
  readonly #compileGifts: CompileGifts<Document, Gifts>
  readonly #terms: OptionTerms
  readonly #indexes = new Map<string, number>()
  /** Numbers of classes that are assigned when it is known whether the client has a reservation. */
  readonly #afterKnown = new Set<number>([CLASS.known, CLASS.unknown])

  constructor(compileGifts: CompileGifts<Document, Gifts>, terms: OptionTerms) {
    this.#compileGifts = compileGifts
    this.#terms = terms
  }

  add(document: Document, index: number, site: Site): void {
    const { name } = document
    if (!this.#hasOwnName(name, site.at('name'))) return
    checkReserved(document, site)
    const expressions = this.#expressions(document, site)
    // From here on the tests of others may name it.
    this.#indexes.set(name, index)
    this.definitions.push({
      ...this.#membership(document, expressions, site),
      ...this.#compileGifts(document, this.#terms, site),
    })
  }

  #hasOwnName(name: string, site: Site): boolean {
    const first = this.#indexes.get(name)
    if (name.trim() === '') site.error('class-name', 'a class needs a name')
    else if (first !== undefined)
      site.error('duplicate', `the class ${name} is defined already`, `as client-classes[${first}]`)
    else return true
    return false
  }

  #membership(document: CommonClassDocument, { test, template }: Expressions, site: Site) {
    const { name } = document
    const number = this.#terms.classes.names.mention(name)
    const members = test?.members ?? template?.members ?? []
    const afterKnown = [...members].some((member) => this.#afterKnown.has(member))
    if (afterKnown) this.#afterKnown.add(number)
    const onlyAdditional = document['only-in-additional-list'] ?? ONLY_ADDITIONAL
    if (!afterKnown && !onlyAdditional && (test ?? template)?.readsLate === true) {
      const message = 'options 43 and 224 to 254 are not decoded yet when the class is tested'
      const hint =
        "nothing is in them; with member('KNOWN') or member('UNKNOWN') it is tested later"
      site.at(test === undefined ? 'template-test' : 'test').warning('class-early', message, hint)
    }
    return { name, number, test, template, onlyAdditional, afterKnown }
  }

  #expressions(document: CommonClassDocument, site: Site): Expressions {
    const { test: testText, 'template-test': templateText } = document
    if (testText !== undefined && templateText !== undefined) {
      const hint = 'a class has one or the other'
      site.at('template-test').error('class-test', 'both test and template-test', hint)
    }
    const earlier = (name: string) => this.#numberIfEarlier(name)
    const any = (name: string) => this.#terms.classes.names.mention(name)
    const test = testText === undefined ? undefined : compileTest(testText, this.#names(earlier))
    const template =
      templateText === undefined ? undefined : compileText(templateText, this.#names(any))
    return {
      test: accepted(test, site.at('test')),
      template: accepted(template, site.at('template-test')),
    }
  }

  /** Of a class that a test may name: it is built in, or defined before. */
  #numberIfEarlier(name: string): number | undefined {
    const isGiven = PREFIXES.some((prefix) => name.startsWith(prefix) && name !== prefix)
    const isEarlier = isGiven || BUILT_IN.includes(name) || this.#indexes.has(name)
    return isEarlier ? this.#terms.classes.names.mention(name) : undefined
  }

  #names(classNumber: (name: string) => number | undefined) {
    const { registry } = this.#terms
    return {
      family: registry.table.traits.family,
      optionByName: (space: string, name: string) => registry.byName(space, name),
      optionByCode: (space: string, code: number) => registry.byCode(space, code),
      classNumber,
    } as const
  }
}

/** The expression, with what is to say of it; undefined where there is none. */
function accepted<Found extends Compiled>(
  compiled: Found | Refused | undefined,
  site: Site,
): Found | undefined {
  if (compiled === undefined) return undefined
  if ('problems' in compiled) {
    for (const { code, column, message, hint } of compiled.problems)
      site.error(code, `${message}, at column ${column}`, hint)
    return undefined
  }
  for (const { kind, code, column, message, hint } of compiled.notes) {
    const text = `${message}, at column ${column}`
    if (kind === 'doubt') site.warning(code, text, hint)
    else site.info(code, text, hint)
  }
  return compiled
}

const LIFETIMES = ['valid-lifetime', 'preferred-lifetime'] as const

/** Names that mean something by themselves. */
function checkReserved(document: CommonClassDocument, site: Site): void {
  const { name } = document
  const onlyAdditional = document['only-in-additional-list'] === true
  if (BUILT_IN.includes(name)) {
    for (const key of ['test', 'template-test'] as const)
      if (document[key] !== undefined) {
        const hint = 'leave the test out; the class may give options and lifetimes'
        site.at(key).error('class-built-in', `who is in ${name} is not for a test to say`, hint)
      }
  }
  if (onlyAdditional && (BUILT_IN.includes(name) || WITH_EFFECT.includes(name))) {
    const message = `${name} counts before additional classes are tested`
    site.at('only-in-additional-list').error('class-built-in', message, 'leave the key out')
  }
  for (const key of LIFETIMES)
    if (onlyAdditional && key in document) {
      const message = 'the lifetimes of the class have no effect'
      const hint = 'a lifetime is decided before additional classes are tested'
      site.at(key).warning('class-lifetime', message, hint)
    }
  const meant = RESERVED.find((reserved) => reserved !== name && reserved === name.toUpperCase())
  if (meant === undefined) return
  const message = `${name} is a class like any other`
  site.at('name').warning('class-name', message, `${meant} is the one with a meaning of its own`)
}
