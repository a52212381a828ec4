// Classes of clients by command: Kea's library class_cmds.

import { globalAbove, shownClass } from '../../config/canonical/canonical.ts'
import { mapsOf } from '../../config/canonical/members.ts'
import type { Step } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { KEYS } from '../../config/keys/keys.ts'
import { isMap, type Members } from '../../config/text/map.ts'
import { type Arguments, mapOf } from '../arguments.ts'
import type { Answer, Asked, Command, Schema } from '../command.ts'
import { SERVERS } from '../command.ts'
import { CommandRefused } from '../refused.ts'
import { editBy, type Wanted } from './edit/edit-command.ts'
import { type EditFamily, familyOf } from './edit/places.ts'

const NAMED: Schema = {
  type: 'object',
  properties: { name: { type: 'string', description: 'Of the class' } },
  required: ['name'],
}
const DEFINED: Schema = {
  type: 'object',
  properties: {
    'client-classes': { type: 'array', items: { type: 'object' }, minItems: 1, maxItems: 1 },
  },
  required: ['client-classes'],
}

const common = { library: 'class_cmds', personas: SERVERS } as const

const LIST: Command = {
  ...common,
  name: 'class-list',
  access: 'read',
  summary: 'Tells the names of all classes',
  parameters: undefined,
  run(asked, { configuration }, answer) {
    const names = classesOf(configuration.document, familyOf(asked.persona)).map(({ name }) => ({
      name,
    }))
    const { length } = names
    const text = `${length} ${length === 1 ? 'class' : 'classes'} found`
    answer({ result: length === 0 ? 3 : 0, text, arguments: { 'client-classes': names } })
  },
}

const GET: Command = {
  ...common,
  name: 'class-get',
  access: 'read',
  summary: 'Tells the definition of a class',
  parameters: NAMED,
  run(asked, { configuration }, answer) {
    const { document } = configuration
    const family = familyOf(asked.persona)
    const name = nameIn(asked)
    const found = classesOf(document, family).find((one) => one.name === name)
    if (found === undefined) return answer({ result: 3, text: `Class '${name}' not found` })
    const map = (document[family.map] ?? {}) as Members
    const shown = shownClass(found, globalAbove(map, family.version))
    const text = `Class '${name}' definition returned`
    answer({ result: 0, text, arguments: { 'client-classes': [shown] } })
  },
}

const ADD: Command = {
  ...common,
  name: 'class-add',
  access: 'write',
  summary: 'Defines a class, behind the others',
  parameters: DEFINED,
  run: (asked, room, answer) =>
    editBy(asked, room, answer, (document) => {
      const family = familyOf(asked.persona)
      const value = definitionIn(asked, family)
      const path = pathOf(family, String(value.name))
      const done: Answer = { result: 0, text: `Class '${value.name}' added` }
      // Who tells both servers of a pair may do so: the other one has told this one.
      if (room.configuration.isFromPartner(path, value)) return { edits: [], answer: done }
      if (classesOf(document, family).some(({ name }) => name === value.name))
        throw new CommandRefused(`Client class '${value.name}' has already been defined`)
      return { edits: [{ path, value }], answer: done }
    }),
}

const UPDATE: Command = {
  ...common,
  name: 'class-update',
  access: 'write',
  summary: 'Defines a class anew; it keeps its place among the others',
  parameters: DEFINED,
  run: (asked, room, answer) =>
    editBy(asked, room, answer, (document) => {
      const family = familyOf(asked.persona)
      const value = definitionIn(asked, family)
      const { name } = value
      const before = classesOf(document, family).find((one) => one.name === name)
      if (before === undefined) return none(`Class '${name}' is not found`)
      if (asksWhetherKnown(before) !== asksWhetherKnown(value))
        throw new CommandRefused(
          `modification of the class '${name}' would affect its dependency on the KNOWN and/or UNKNOWN built-in classes. Such modification is not allowed because there may be other classes depending on those built-ins.`,
        )
      return {
        edits: [{ path: pathOf(family, String(name)), value }],
        answer: { result: 0, text: `Class '${name}' updated` },
      }
    }),
}

const DEL: Command = {
  ...common,
  name: 'class-del',
  access: 'write',
  summary: 'Deletes the definition of a class that no other one asks for',
  parameters: NAMED,
  run: (asked, room, answer) =>
    editBy(asked, room, answer, (document) => {
      const family = familyOf(asked.persona)
      const name = nameIn(asked)
      const classes = classesOf(document, family)
      if (!classes.some((one) => one.name === name)) return none(`Class '${name}' not found`)
      const user = classes.find((one) => one.name !== name && asksFor(one, name))
      if (user !== undefined)
        throw new CommandRefused(`Class '${name}' is used by class '${user.name}'`)
      return {
        edits: [{ path: pathOf(family, name), value: undefined }],
        answer: { result: 0, text: `Class '${name}' deleted` },
      }
    }),
}

export const CLASS: readonly Command[] = [LIST, GET, ADD, UPDATE, DEL]

function classesOf(document: ConfigDocument, { map }: EditFamily): readonly Members[] {
  return mapsOf((document[map] as Members | undefined)?.['client-classes'])
}

function pathOf({ map }: EditFamily, name: string): readonly Step[] {
  return [map, 'client-classes', { name }]
}

function none(text: string): Wanted {
  return { edits: [], answer: { result: 3, text } }
}

function nameIn(asked: Asked): string {
  const { name } = mapOf(asked)
  if (name === undefined)
    throw new CommandRefused(`missing 'name' argument for the '${asked.command}' command`)
  if (typeof name !== 'string')
    throw new CommandRefused(
      `'name' argument specified for the '${asked.command}' command is not a string`,
    )
  return name
}

function definitionIn(asked: Asked, family: EditFamily): Members {
  const given: Arguments = mapOf(asked)
  const { command } = asked
  const list = given['client-classes']
  const what = `'client-classes' argument`
  if (list === undefined) throw new CommandRefused(`missing ${what} for the '${command}' command`)
  if (!Array.isArray(list))
    throw new CommandRefused(`${what} specified for the '${command}' command is not a list`)
  if (list.length !== 1)
    throw new CommandRefused(
      `invalid number of classes specified for the '${command}' command. Expected one class`,
    )
  const [definition] = list as [unknown]
  if (!isMap(definition))
    throw new CommandRefused(`${what} specified for the '${command}' command is not a list of maps`)
  const known = KEYS[family.version === 4 ? 'class' : 'class6']!.keys
  const unknown = Object.keys(definition).find((key) => !Object.hasOwn(known, key))
  if (unknown !== undefined)
    throw new CommandRefused(`unsupported client class parameter '${unknown}'`)
  if (typeof definition.name !== 'string' || definition.name === '')
    throw new CommandRefused("missing parameter 'name'")
  return definition
}

function asksFor({ test, 'template-test': template }: Members, name: string): boolean {
  const asked = `member('${name}')`
  return [test, template].some(
    (text) => typeof text === 'string' && text.replaceAll(/\s/g, '').includes(asked),
  )
}

function asksWhetherKnown(definition: Members): boolean {
  return asksFor(definition, 'KNOWN') || asksFor(definition, 'UNKNOWN')
}
