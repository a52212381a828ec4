// Subnets and shared networks are asked for.

import { isMap } from '../../../config/text/map.ts'
import { isInteger } from '../../arguments.ts'
import type { Answer, Asked, Command, Schema } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import { type EditFamily, Places } from './places.ts'
import { ID } from './subnet-change.ts'

type Get = (asked: Asked, places: Places) => Answer

function reading(
  family: EditFamily,
  name: string,
  summary: string,
  parameters: Schema | undefined,
  get: Get,
): Command {
  return {
    name,
    access: 'read',
    library: 'subnet_cmds',
    personas: [family.persona],
    summary,
    parameters,
    run: (asked, { configuration }, answer) =>
      answer(get(asked, new Places(configuration.document, family))),
  }
}

export function subnetReads(family: EditFamily): readonly Command[] {
  const { version, subnets, ip } = family
  const network = `network${version}`
  const NAME: Schema = { type: 'string', description: 'Of the shared network' }
  return [
    reading(
      family,
      `${subnets}-list`,
      `Tells ids and prefixes of all ${ip} subnets`,
      undefined,
      list,
    ),
    reading(
      family,
      `${subnets}-get`,
      `Tells an ${ip} subnet`,
      {
        type: 'object',
        properties: { id: ID, subnet: { type: 'string', description: 'Its prefix' } },
      },
      get,
    ),
    reading(
      family,
      `${network}-list`,
      `Tells the names of all ${ip} shared networks`,
      undefined,
      (_, places) => {
        const names = places.networks.map(({ name }) => ({ name }))
        return {
          result: names.length === 0 ? 3 : 0,
          text: `${counted(names.length, `${ip} network`)} found`,
          arguments: { 'shared-networks': names },
        }
      },
    ),
    reading(
      family,
      `${network}-get`,
      `Tells an ${ip} shared network with its subnets`,
      { type: 'object', properties: { name: NAME }, required: ['name'] },
      (asked, places) => {
        const name = nameOf(asked)
        const found = places.networkNamed(name)
        if (found === undefined) return { result: 3, text: `No '${name}' shared network found` }
        return {
          result: 0,
          text: `Info about ${ip} shared network '${name}' returned`,
          arguments: { 'shared-networks': [places.shownNetwork(found)] },
        }
      },
    ),
  ]
}

const list: Get = (_, places) => {
  const subnets = [...places.subnets()].map(({ subnet, network }) => ({
    id: subnet.id,
    subnet: subnet.subnet,
    'shared-network-name': network?.name ?? null,
  }))
  const text = `${counted(subnets.length, `${places.family.ip} subnet`)} found`
  return { result: subnets.length === 0 ? 3 : 0, text, arguments: { subnets } }
}

const get: Get = ({ command, arguments: given }, places) => {
  const { subnets, ip } = places.family
  const { id, subnet } = isMap(given) ? given : {}
  const count = isMap(given) ? Object.keys(given).length : 0
  if (count !== 1 || (id === undefined) === (subnet === undefined))
    throw new CommandRefused(
      `invalid number of arguments ${count} for the '${command}' command. Expecting 'id' or 'subnet'`,
    )
  if (id !== undefined && !isInteger(id))
    throw new CommandRefused("'id' parameter is not an integer")
  if (subnet !== undefined && typeof subnet !== 'string')
    throw new CommandRefused("'subnet' parameter is not a string")
  const at = subnet === undefined ? places.withId(id) : places.withPrefix(subnet)
  if (at === undefined) {
    const text =
      subnet === undefined ? `No subnet with id ${id} found` : `No ${subnet} subnet found`
    return { result: 3, text }
  }
  return {
    result: 0,
    text: `Info about ${ip} subnet ${at.subnet.subnet} (id ${at.subnet.id}) returned`,
    arguments: { [subnets]: [places.shownSubnet(at)] },
  }
}

export function nameOf({ command, arguments: given }: Asked): string {
  const name = isMap(given) ? given.name : undefined
  if (name === undefined)
    throw new CommandRefused(`shared network name is required for the '${command}' command`)
  if (typeof name !== 'string') throw new CommandRefused("'name' parameter is not a string")
  return name
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
