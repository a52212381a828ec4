// Subnets are added, changed and deleted: edits of the document, at both servers of a pair. Leases
// stay, whatever becomes of their subnet.

import { isSame } from '../../../config/difference.ts'
import type { ConfigDocument } from '../../../config/keys/document.ts'
import { isMap, type Members } from '../../../config/text/map.ts'
import type { RunningConfiguration } from '../../../server/configuration/running-configuration.ts'
import { isInteger } from '../../arguments.ts'
import type { Answer, Asked, Command, Schema } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import { withDelta, withoutDelta } from './delta.ts'
import { editBy, type Wanted } from './edit-command.ts'
import { onlyMapIn } from './only-map.ts'
import { type EditFamily, Places, type SubnetAt } from './places.ts'

type Want = (asked: Asked, places: Places, configuration: RunningConfiguration) => Wanted

export function changing(
  family: EditFamily,
  name: string,
  summary: string,
  parameters: Schema,
  want: Want,
): Command {
  return {
    name,
    access: 'write',
    library: 'subnet_cmds',
    personas: [family.persona],
    summary,
    parameters,
    run(asked, room, answer) {
      const placesIn = (document: ConfigDocument) => new Places(document, family)
      const wanted = (document: ConfigDocument) =>
        want(asked, placesIn(document), room.configuration)
      editBy(asked, room, answer, wanted, (document) => placesIn(document).indexing())
    },
  }
}

function oneSubnet({ subnets }: EditFamily): Schema {
  const one: Schema = { type: 'object', description: 'A subnet as in the configuration' }
  return {
    type: 'object',
    properties: { [subnets]: { type: 'array', items: one, minItems: 1, maxItems: 1 } },
    required: [subnets],
  }
}

export function subnetChanges(family: EditFamily): readonly Command[] {
  const { subnets, ip } = family
  const row = (verb: string, summary: string, want: Want) =>
    changing(family, `${subnets}-${verb}`, summary, oneSubnet(family), want)
  return [
    row('add', `Adds an ${ip} subnet`, added),
    row('update', `Puts an ${ip} subnet in the place of that with the same id`, (asked, places) =>
      changed(asked, places, (before, given) => replacing(before, given)),
    ),
    row('delta-add', `Adds to an ${ip} subnet, or changes what it says`, (asked, places) =>
      changed(asked, places, (before, given) => withDelta(before, given)),
    ),
    row('delta-del', `Takes parts of an ${ip} subnet away`, (asked, places) =>
      changed(asked, places, (before, given) => withoutDelta(before, given)),
    ),
    changing(
      family,
      `${subnets}-del`,
      `Deletes an ${ip} subnet with its reservations; leases stay`,
      { type: 'object', properties: { id: ID }, required: ['id'] },
      deleted,
    ),
  ]
}

export const ID: Schema = { type: 'integer', minimum: 1, description: 'Of the subnet' }

/** Hosts have a store of their own in Kea. */
function replacing({ reservations }: Members, given: Members): Members {
  return reservations === undefined ? given : { ...given, reservations }
}

const added: Want = (asked, places, configuration) => {
  const { family } = places
  const subnet = subnetOf(asked, family)
  const { command } = asked
  if (subnet.reservations !== undefined)
    throw new CommandRefused(
      `must not specify host reservations with '${command}'. Use 'reservation-add' to add them`,
    )
  const id = subnet.id === undefined || subnet.id === 0 ? freeId(places) : Number(subnet.id)
  const value = { ...subnet, id }
  const path = [family.map, family.subnets, { id }]
  const answer = answered(`${family.ip} subnet added`, id, subnet.subnet)
  // Who tells both servers of a pair may do so: the other one has told this one.
  if (configuration.isFromPartner(path, value)) return { edits: [], answer }
  if (places.withId(id) !== undefined)
    throw new CommandRefused(`ID of the new ${family.ip} subnet '${id}' is already in use`)
  if (typeof subnet.subnet === 'string' && places.withPrefix(subnet.subnet) !== undefined)
    throw new CommandRefused(`subnet with the prefix of '${subnet.subnet}' already exists`)
  return { edits: [{ path, value }], answer }
}

function changed(
  asked: Asked,
  places: Places,
  change: (before: Members, given: Members) => Members,
): Wanted {
  const { family } = places
  const given = subnetOf(asked, family)
  if (given.id === undefined)
    throw new CommandRefused(`must specify subnet id with '${asked.command}' command.`)
  const at = places.withId(given.id)
  if (at === undefined) throw new CommandRefused(`Can't find subnet '${given.id}' to update`)
  const { subnet, path } = at
  const value = change(subnet, given)
  const answer = answered(`${family.ip} subnet updated`, subnet.id, value.subnet)
  return isSame(subnet, value) ? { edits: [], answer } : { edits: [{ path, value }], answer }
}

const deleted: Want = (asked, places, configuration) => {
  const { family } = places
  const at = subnetWithId(asked, places, `for the '${asked.command}' command`)
  if (typeof at === 'object') {
    const { subnet, path } = at
    const text = `${family.ip} subnet ${subnet.subnet} (id ${subnet.id}) deleted`
    return {
      edits: [{ path, value: undefined }],
      answer: answered(text, subnet.id, subnet.subnet),
    }
  }
  const path = [family.map, family.subnets, { id: at }]
  const text = `no subnet with id ${at} found`
  // The other server of the pair was told the same before.
  if (configuration.isFromPartner(path, undefined))
    return { edits: [], answer: { result: 0, text: `${family.ip} subnet (id ${at}) deleted` } }
  return { edits: [], answer: { result: 3, text } }
}

/** The number where there is no such subnet. */
export function subnetWithId(asked: Asked, places: Places, what: string): SubnetAt | number {
  const { arguments: given } = asked
  const id = isMap(given) ? given.id : undefined
  if (id === undefined) throw new CommandRefused(`subnet identifier is required ${what}`)
  if (!isInteger(id)) throw new CommandRefused("'id' parameter is not an integer")
  return places.withId(id) ?? Number(id)
}

function subnetOf(asked: Asked, { subnets }: EditFamily): Members {
  const subnet = onlyMapIn(asked, subnets, 'subnet')
  if (subnet.subnet === undefined)
    throw new CommandRefused(
      "subnet configuration failed: mandatory 'subnet' parameter is missing for a subnet being configured",
    )
  if (subnet.id !== undefined && !isInteger(subnet.id))
    throw new CommandRefused("'id' parameter is not an integer")
  return subnet
}

/** As files that leave it out are numbered. */
function freeId(places: Places): number {
  let highest = 0
  for (const { subnet } of places.subnets()) highest = Math.max(highest, subnet.id)
  return highest + 1
}

function answered(text: string, id: number, subnet: unknown): Answer {
  return { result: 0, text, arguments: { subnets: [{ id, subnet }] } }
}
