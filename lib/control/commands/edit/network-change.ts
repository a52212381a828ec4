// Shared networks are added and deleted, and subnets go into them and out of them: edits of the
// document, at both servers of a pair.

import { mapsOf } from '../../../config/canonical/members.ts'
import type { Edit } from '../../../config/edits.ts'
import type { Asked, Command, Schema } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import type { Wanted } from './edit-command.ts'
import { onlyMapIn } from './only-map.ts'
import type { EditFamily, Places } from './places.ts'
import { changing, ID, subnetWithId } from './subnet-change.ts'
import { nameOf } from './subnet-get.ts'

const NAME: Schema = { type: 'string', description: 'Of the shared network' }

export function networkChanges(family: EditFamily): readonly Command[] {
  const { version, ip } = family
  const network = `network${version}`
  const named = {
    type: 'object',
    properties: { name: NAME, id: ID },
    required: ['name', 'id'],
  } as const
  const one: Schema = { type: 'object', description: 'A shared network as in the configuration' }
  return [
    changing(
      family,
      `${network}-add`,
      `Adds an ${ip} shared network, which may hold subnets`,
      {
        type: 'object',
        properties: { 'shared-networks': { type: 'array', items: one, minItems: 1, maxItems: 1 } },
        required: ['shared-networks'],
      },
      (asked, places, configuration) => {
        const given = networkOf(asked)
        const { name } = given
        const path = places.networkPath(String(name))
        const answer = {
          result: 0,
          text: `A new ${ip} shared network '${name}' added`,
          arguments: { 'shared-networks': [{ name }] },
        } as const
        // Who tells both servers of a pair may do so: the other one has told this one.
        if (configuration.isFromPartner(path, given)) return { edits: [], answer }
        if (places.networkNamed(name) !== undefined)
          throw new CommandRefused(`duplicate network '${name}' found in the configuration`)
        return { edits: [{ path, value: given }], answer }
      },
    ),
    changing(
      family,
      `${network}-del`,
      `Deletes an ${ip} shared network; its subnets are kept or deleted`,
      {
        type: 'object',
        properties: {
          name: NAME,
          'subnets-action': { type: 'string', enum: ['keep', 'delete'], default: 'keep' },
        },
        required: ['name'],
      },
      (asked, places) => deleted(asked, places),
    ),
    changing(
      family,
      `${network}-subnet-add`,
      `Puts an ${ip} subnet into a shared network`,
      named,
      (asked, places) => entered(asked, places),
    ),
    changing(
      family,
      `${network}-subnet-del`,
      `Takes an ${ip} subnet out of its shared network`,
      named,
      (asked, places) => left(asked, places),
    ),
  ]
}

function deleted(asked: Asked, places: Places): Wanted {
  const { map, subnets, ip } = places.family
  const name = nameOf(asked)
  const { 'subnets-action': action = 'keep' } = asked.arguments as { 'subnets-action'?: unknown }
  if (action !== 'keep' && action !== 'delete')
    throw new CommandRefused(`invalid value for 'subnets-action' parameter: '${action}'`)
  const network = places.networkNamed(name)
  if (network === undefined) return noNetwork(name)
  const kept: Edit[] = mapsOf(network[subnets]).map((subnet) => ({
    path: [map, subnets, { id: Number(subnet.id) }],
    value: subnet,
  }))
  return {
    edits: [
      { path: places.networkPath(name), value: undefined },
      ...(action === 'keep' ? kept : []),
    ],
    answer: {
      result: 0,
      text: `${ip} shared network '${name}' deleted`,
      arguments: { 'shared-networks': [{ name }] },
    },
  }
}

function entered(asked: Asked, places: Places): Wanted {
  const { subnets, ip } = places.family
  const name = nameOf(asked)
  const at = subnetWithId(asked, places, `for the '${asked.command}' command`)
  if (places.networkNamed(name) === undefined) return noNetwork(name)
  if (typeof at === 'number') return noSubnet(at)
  const { subnet, network, path } = at
  const about = `${ip} subnet ${subnet.subnet} (id ${subnet.id})`
  if (network !== undefined)
    throw new CommandRefused(`${about} is already part of shared network '${network.name}'`)
  return {
    edits: [
      { path, value: undefined },
      { path: [...places.networkPath(name), subnets, { id: subnet.id }], value: subnet },
    ],
    answer: { result: 0, text: `${about} is now part of shared network '${name}'` },
  }
}

function left(asked: Asked, places: Places): Wanted {
  const { map, subnets, ip } = places.family
  const name = nameOf(asked)
  const at = subnetWithId(asked, places, `for the '${asked.command}' command`)
  if (places.networkNamed(name) === undefined) return noNetwork(name)
  if (typeof at === 'number') return noSubnet(at)
  const { subnet, network, path } = at
  const about = `${ip} subnet ${subnet.subnet} (id ${subnet.id})`
  if (network?.name !== name)
    throw new CommandRefused(`${about} is not part of shared network '${name}'`)
  return {
    edits: [
      { path, value: undefined },
      { path: [map, subnets, { id: subnet.id }], value: subnet },
    ],
    answer: { result: 0, text: `${about} is now removed from shared network '${name}'` },
  }
}

function networkOf(asked: Asked) {
  const network = onlyMapIn(asked, 'shared-networks', 'network')
  if (typeof network.name !== 'string') throw new CommandRefused("missing parameter 'name'")
  return network
}

function noNetwork(name: string): Wanted {
  return { edits: [], answer: { result: 3, text: `no shared network with name '${name}' found` } }
}

function noSubnet(id: number): Wanted {
  return { edits: [], answer: { result: 3, text: `no subnet with id ${id} found` } }
}
