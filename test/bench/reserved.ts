// What 100,000 reservations cost: a file of them, an edit of one, and an exchange, of clients that
// have one and of those that have none.

import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { edited } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { loadPlan } from '../../lib/config/load.ts'
import { Bench, CONFIG, FIRST, planOf } from './engine-bench.ts'

const MANY = 100_000
const FEW = 10
const EDITS = 50

/** `microseconds`: the best of some runs of an exchange. */
export function reservedRows(
  microseconds: (exchange: (round: number) => void) => number,
): string[] {
  const text = JSON.stringify({ Dhcp4: documentWith(MANY) })
  const began = performance.now()
  loadPlan(text, 'bench', () => undefined, { stateDirectory: undefined })
  const seconds = (performance.now() - began) / 1000
  const [few, many] = [FEW, MANY].map(benchWith)
  const row = (who: string, client: (round: number) => number) => {
    const [one, other] = [few!, many!].map((bench) =>
      microseconds((round) => bench.exchange(client(round))),
    ) as [number, number]
    const ratio = (other / one).toFixed(2)
    return `| exchange of ${who}, 10 / 100,000 reservations | ${one.toFixed(1)} / ${other.toFixed(1)} µs (x ${ratio}) |`
  }
  return [
    `| 100,000 reservations, from text to plan | ${seconds.toFixed(2)} s |`,
    `| an edit of one of them, from document to plan | ${editMilliseconds().toFixed(1)} ms |`,
    row('a client with a reservation', (round) => round % FEW),
    row('a client without', (round) => 0x40000000 + (round % FEW)),
  ]
}

function benchWith(count: number): Bench {
  const plan = planOf(documentWith(count))
  const bench = new Bench(plan, '10.0.0.2')
  bench.table.setReserved(plan.dhcp4!.reservedAddresses())
  return bench
}

/** In a list of the global level, the middle one of some edits. */
function editMilliseconds(): number {
  const compiler = new Compiler()
  let document: ConfigDocument = { Dhcp4: documentWith(MANY) }
  const times: number[] = []
  for (let edit = 0; edit <= EDITS; edit++) {
    const began = performance.now()
    const path = ['Dhcp4', 'reservations', edit * 997, 'hostname']
    document = edited(document, path, `edit-${edit}`) as ConfigDocument
    compiler.compile(document, { stateDirectory: undefined })
    if (edit > 0) times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[EDITS / 2]!
}

function documentWith(count: number): Dhcp4Document {
  const subnet = { ...CONFIG.subnet4[0]!, 'reservations-global': true }
  const reservations = Array.from({ length: count }, (_, client) => ({
    'hw-address': `0200${client.toString(16).padStart(8, '0')}`,
    'ip-address': textFromIpv4(FIRST + client),
    hostname: `host-${client}`,
  }))
  return { ...CONFIG, reservations, subnet4: [subnet] }
}
