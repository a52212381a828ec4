// lease4-write and lease6-write: the leases as a lease file of Kea, beside the lease database.

import { CSV4_HEADER, csv4FromLease } from '../../../leases/csv4.ts'
import { CSV6_HEADER, csv6FromLease } from '../../../leases/csv6.ts'
import type { Lease, Lease6 } from '../../../leases/lease.ts'
import type { LeaseFileResult } from '../../../ports/lease-files.ts'
import type { Server } from '../../../server/server.ts'
import type { Command } from '../../command.ts'
import { CommandRefused, goingOn } from '../../refused.ts'
import * as given from './arguments.ts'
import { inOrder } from './in-order.ts'
import type { LeaseFamily } from './lease-family.ts'
import { LISTED, momentOf, row } from './lists.ts'

export function write(family: LeaseFamily): Command {
  const { name, version } = family
  return {
    ...row(family, 'write', `Writes the leases of ${name} to a lease file of Kea`),
    access: 'write',
    parameters: {
      type: 'object',
      properties: { filename: { type: 'string', description: 'In the folder of the database' } },
      required: ['filename'],
    },
    run({ arguments: value }, room, answer) {
      const { leaseFiles, server } = room
      const members = given.membersOr(value, "'filename' parameter not specified")
      if (!given.has(members, 'filename'))
        throw new CommandRefused("'filename' parameter not specified")
      const { filename } = members
      if (typeof filename !== 'string' || filename === '')
        throw new CommandRefused("'filename' parameter must be a string")
      const { path, persist } = server.plan.database
      if (!persist)
        return answer({ result: 2, text: 'leases are kept in memory only: there is no folder' })
      const folder = path.slice(0, path.lastIndexOf('/') + 1) || './'
      const heading = version === 4 ? CSV4_HEADER : CSV6_HEADER
      const tell = (result: LeaseFileResult): void => {
        if (result.trouble === undefined)
          return answer({ result: 0, text: `${name} lease database into '${result.path}'.` })
        const { isRefused, trouble } = result
        answer({
          result: 1,
          text: isRefused ? `'filename' parameter is invalid: ${trouble}` : trouble,
        })
      }
      const rows = rowsOf(family, server)
      leaseFiles.write(folder, filename, heading, rows, goingOn(room, answer, tell))
    },
  }
}

function* rowsOf(family: LeaseFamily, server: Server): Generator<string, void, undefined> {
  const next = inOrder(family.table(server), undefined)
  for (let leases = next(LISTED); leases.length > 0; leases = next(LISTED)) {
    const { now, wall } = momentOf(server)
    const rows = leases.map((lease) =>
      family.version === 4
        ? csv4FromLease(lease as Lease, wall, now)
        : csv6FromLease(lease as Lease6, wall, now),
    )
    yield rows.map((text) => (text === '' ? '' : `${text}\n`)).join('')
  }
}
