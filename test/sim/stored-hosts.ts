// In some worlds reservations stand in a database that all servers read, all at once or one by one
// as clients come: it is slow, and away, until the last fault.

import type { WhioDocument } from '../../lib/config/keys/common-document.ts'
import type {
  Dhcp4Document,
  ReservationDocument,
  SubnetDocument,
} from '../../lib/config/keys/document4.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab, LabSettings } from '../../lib/lab/lab.ts'
import type { Draw } from '../../lib/time/draw.ts'
import type { Millis } from '../../lib/time/units.ts'
import { FakeHosts, FakeTable } from '../server/fake-hosts.ts'
import { Admission } from './admission.ts'
import { subnetsOf } from './documents.ts'
import type { Peopled } from './peopled.ts'

export interface Stored<Document extends Partial<Dhcp4Document>> extends Peopled<Document> {
  /** Undefined: reservations are in the documents. */
  readonly table: FakeTable | undefined
  readonly whio: WhioDocument
}

const DATABASE = { type: 'postgresql', host: 'database', name: 'kea' } as const

/** With its own chance: what else a seed decides stays as it is. */
export function withStoredHosts<Document extends Partial<Dhcp4Document>>(
  seed: number,
  world: Peopled<Document>,
): Stored<Document> {
  const draw = chance(seed, 'stored-hosts')
  const stored = subnetsOf(world.documents[0]!).flatMap(({ id, reservations = [] }) =>
    reservations.filter(isPlain).map((host) => ({ subnetId: id!, host })),
  )
  if (!happens(draw, 0.35) || stored.length === 0) return { ...world, table: undefined, whio: {} }
  const all = stored.map(({ host }) => host)
  const rows = stored.map((row, index) => ({ id: 1 + index * oneOf(draw, [1, 700]), ...row }))
  const kept = (one: ReservationDocument) => !isPlain(one) && !all.some((other) => meet(one, other))
  const judgedBy = (known: typeof stored) =>
    world.documents.map((document) =>
      withReservations(document, ({ id, reservations = [] }) => [
        ...reservations.filter(kept),
        ...known.filter(({ subnetId }) => subnetId === id).map(({ host }) => host),
      ]),
    )
  const served = world.documents.map((document) => ({
    ...withReservations(document, ({ reservations = [] }) => reservations.filter(kept)),
    'hosts-databases': [DATABASE],
  }))
  const loadMax = oneOf(draw, [0, 100])
  // Who is looked up while the database is away has no reservation, but for identifiers that were
  // asked before: of another client, if both have them.
  const some = loadMax === 0 ? LOOKED_UP.map((kinds) => stored.filter(isOneOf(kinds))) : []
  const known = [stored, ...some]
  return {
    ...world,
    documents: served,
    admissions: known.flatMap(judgedBy).map((document) => new Admission(document)),
    isPlain: false,
    table: new FakeTable(...rows.map(({ host, ...row }) => ({ ...row, host: { ...host } }))),
    whio: { hosts: { 'load-max': loadMax, refresh: oneOf(draw, [1, 30]) } },
  }
}

/** Identifiers of one client whose rows are known, where not all are. */
const LOOKED_UP: readonly (readonly (keyof ReservationDocument)[])[] = [
  ['hw-address', 'duid'],
  ['hw-address', 'client-id'],
  ['duid', 'client-id'],
  ['hw-address'],
  ['duid'],
  ['client-id'],
  [],
]

function isOneOf(kinds: readonly (keyof ReservationDocument)[]) {
  return ({ host }: { readonly host: ReservationDocument }) => kinds.some((kind) => kind in host)
}

/** A row of a database has one identifier. */
function isPlain({ identifiers }: ReservationDocument): boolean {
  return identifiers === undefined
}

/** Which of two the client of both gets depends on where they stand, and on what it is known by. */
function meet(one: ReservationDocument, other: ReservationDocument): boolean {
  const listed = (one.identifiers ?? []).flatMap((identity) => Object.values(identity))
  const own = [...listed, ...listed.map(duidIn)]
  return (
    one['ip-address'] === other['ip-address'] ||
    [other['hw-address'], other['client-id'], other.duid].some((id) => id && own.includes(id))
  )
}

/** RFC 4361 §6.1: of a client-id in hex, behind the type and the number of the interface; or ''. */
function duidIn(clientId: string): string {
  return clientId.startsWith('ff') ? clientId.slice(10) : ''
}

function withReservations<Document extends Partial<Dhcp4Document>>(
  document: Document,
  reservationsOf: (subnet: SubnetDocument) => ReservationDocument[],
): Document {
  const changed = (subnet: SubnetDocument) => ({ ...subnet, reservations: reservationsOf(subnet) })
  const networks = document['shared-networks']
  return {
    ...document,
    ...(document.subnet4 && { subnet4: document.subnet4.map(changed) }),
    ...(networks && {
      'shared-networks': networks.map((one) => ({
        ...one,
        ...(one.subnet4 && { subnet4: one.subnet4.map(changed) }),
      })),
    }),
  }
}

/** The way of each server to the database. */
export function hostsOf({ table }: Stored<Partial<Dhcp4Document>>): Pick<LabSettings, 'ports'> {
  if (table === undefined) return {}
  return {
    ports: (own, { node }) => ({
      ...own,
      hosts: new FakeHosts((delay, work) => void node.after(delay, work), { 4: [table] }),
    }),
  }
}

const QUICK: Millis = 5

/** What happens to the database until then. */
export function troubleHosts(lab: Lab, table: FakeTable | undefined, until: Millis): void {
  if (table === undefined) return
  const draw = lab.world.draw('stored-hosts')
  const next = (): void => {
    if (lab.now >= until) return set(table, '', QUICK)
    const [trouble, delay] = oneOf(draw, STATES)(draw)
    lab.world.note('chaos', `database of reservations ${trouble || `${delay} ms`}`)
    set(table, trouble, delay)
    lab.world.after(Math.min(until - lab.now, between(draw, 0, 40_000)), next)
  }
  next()
}

const STATES: readonly ((draw: Draw) => [trouble: string, delay: Millis])[] = [
  () => ['', QUICK],
  (draw) => ['', between(draw, 0, 300)],
  // Longer than a message waits, sometimes.
  (draw) => ['', between(draw, 300, 3500)],
  () => ['connection refused', QUICK],
  (draw) => ['no answer', between(draw, 0, 3000)],
]

function set(table: FakeTable, trouble: string, delay: Millis): void {
  Object.assign(table, { trouble, delay })
  table.look()
}
