// Names in DNS compared with what leases want there, by command: a sweep takes its time, so it is
// begun by one command, and another tells how far it is.

import type { SweepKind } from '../../server/names/sweep-report.ts'
import { isInteger, optionalMapOf } from '../arguments.ts'
import { type Answer, type Command, type ControlRoom, EVERYWHERE } from '../command.ts'
import { CommandRefused } from '../refused.ts'
import { shownSweep } from '../sweep-view.ts'

const PAGE_MAX = 1000

const PERSONAS = EVERYWHERE.filter((persona) => persona !== 'ca')

export const NAMES_SWEEP: readonly Command[] = [
  {
    name: 'whio-dns-check',
    access: 'read',
    library: 'whio',
    personas: PERSONAS,
    summary: 'Begins to compare names in DNS with what leases want there, and changes nothing',
    parameters: undefined,
    run(_asked, room, answer) {
      // Who wants to know how names are is told it by a sweep that is under way, too.
      if (room.server.sweep.isRunning) return answer(underWay(room, 'it is under way'))
      answer(begun(room, 'check'))
    },
  },
  {
    name: 'whio-dns-repair',
    access: 'write',
    library: 'whio',
    personas: PERSONAS,
    summary: 'The same, adds what is missing again and removes what no lease has',
    parameters: undefined,
    run: (_asked, room, answer) => answer(begun(room, 'repair')),
  },
  {
    name: 'whio-dns-get',
    access: 'read',
    library: 'whio',
    personas: PERSONAS,
    summary: 'Tells what the last comparison of names in DNS has found, or has found so far',
    parameters: {
      type: 'object',
      properties: {
        from: { type: 'integer', minimum: 0, default: 0, description: 'Findings to pass over' },
        limit: { type: 'integer', minimum: 0, maximum: PAGE_MAX, default: PAGE_MAX },
      },
    },
    run(asked, { server }, answer) {
      const { from = 0, limit = PAGE_MAX } = optionalMapOf(asked, 'arguments must be a map')
      if (!isInteger(from) || from < 0) throw new CommandRefused("'from' is no number of findings")
      if (!isInteger(limit) || limit < 0 || limit > PAGE_MAX)
        throw new CommandRefused(`'limit' is no integer from 0 to ${PAGE_MAX}`)
      const report = server.sweep.report()
      const told = shownSweep(report, Number(from), Number(limit))
      answer({ result: report.number === 0 ? 3 : 0, arguments: told })
    },
  },
]

function begun(room: ControlRoom, kind: SweepKind): Answer {
  if (room.server.state !== 'serving') return { result: 1, text: 'the server is not serving' }
  const why = room.server.sweep.begin(kind)
  return why === '' ? underWay(room, 'it is begun') : { result: 4, text: why }
}

function underWay({ server }: ControlRoom, text: string): Answer {
  const { kind, number } = server.sweep.report()
  return { result: 0, text, arguments: { sweep: number, kind } }
}
