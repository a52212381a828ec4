// Reservations of databases in commands: which of the places a command means, and what it does in a
// database. What is written there Kea reads, too, and what Kea would refuse is refused.

import { octetsFromHex } from '../../../bytes/octets.ts'
import { shownReservation } from '../../../config/canonical/hosts.ts'
import { mapsOf } from '../../../config/canonical/members.ts'
import { identifierFromText } from '../../../config/compile/reservation-identity.ts'
import { checkedEdit } from '../../../config/edit-check.ts'
import type { ConfigDocument } from '../../../config/keys/document.ts'
import type { HostRow } from '../../../config/plan/host-rows.ts'
import { isMap, type Members } from '../../../config/text/map.ts'
import type {
  HostChange,
  HostChanged,
  HostSelector,
  StoredHost,
  StoredOption,
} from '../../../ports/hosts.ts'
import type { HostBook } from '../../../server/hosts/host-book.ts'
import type { OptionRegistry } from '../../../wire/options/registry.ts'
import type { Arguments } from '../../arguments.ts'
import type { Answer, ControlRoom } from '../../command.ts'
import { faultText } from '../../kea-words.ts'
import { CommandRefused, goingOn } from '../../refused.ts'
import { addressText, type HostList, IDENTIFIERS, type IdentifierType } from './host-find.ts'
import type { EditFamily } from './places.ts'

export interface Targets {
  readonly memory: boolean
  /** In their order; empty where the command does not mean them. */
  readonly books: readonly HostBook[]
}

/** Kea's words, by what they mean where there are databases; without any there is one place. */
const MEANT: Readonly<Record<string, 'memory' | 'database' | 'all' | 'default'>> = {
  ...{ memory: 'memory', primary: 'memory', database: 'database', alternate: 'database' },
  ...{ all: 'all', default: 'default' },
}

export function targetsOf(
  given: Arguments,
  { server }: ControlRoom,
  { version }: EditFamily,
  byDefault: 'database' | 'all',
): Targets {
  const word = given['operation-target'] ?? 'default'
  const meant = typeof word === 'string' ? MEANT[word] : undefined
  if (meant === undefined)
    throw new CommandRefused(`the parameter 'operation-target' has an invalid value: '${word}'`)
  const books = server.hosts.of(version)
  const target = meant === 'default' ? byDefault : meant
  if (books.length === 0) return { memory: true, books }
  return { memory: target !== 'database', books: target === 'memory' ? [] : books }
}

type Say = (answer: Answer) => void

/** One database after the other; what one refuses ends it, and is told with what is done. */
export function changeEach(
  books: readonly HostBook[],
  change: HostChange,
  room: ControlRoom,
  answer: Say,
  done: (results: readonly HostChanged[]) => void,
): void {
  for (const { plan } of books) {
    const { isReadOnly, type } = plan.connection
    if (!isReadOnly) continue
    const name = type === 'mysql' ? 'MySQL' : 'PostgreSQL'
    throw new CommandRefused(
      `${name} host database backend is configured to operate in read only mode`,
    )
  }
  const results: HostChanged[] = []
  const next = (): void => {
    const book = books[results.length]
    if (book === undefined) return done(results)
    book.database.change(
      change,
      goingOn(room, answer, (result: HostChanged) => {
        book.written()
        const refusal = refusalText(result)
        if (refusal !== '') throw new CommandRefused(refusal + whereText(books, results))
        results.push(result)
        next()
      }),
    )
  }
  next()
}

/** '' where it is none. */
function refusalText(result: HostChanged): string {
  if (typeof result === 'object') return `the host database does not do it: ${result.trouble}`
  return result === 'duplicate' ? 'Database duplicate entry error' : ''
}

/** Of several databases: which one refused, behind `results` of those before it. */
function whereText(books: readonly HostBook[], results: readonly HostChanged[]): string {
  if (books.length === 1) return ''
  const names = (list: readonly HostBook[]) => list.map(({ name }) => name).join(', ')
  const done = books.filter((_, at) => results[at] === 'done')
  const unasked = books.slice(results.length + 1)
  return [
    ` (${books[results.length]!.name})`,
    ...(done.length === 0 ? [] : [`; it is done in ${names(done)}`]),
    ...(unasked.length === 0 ? [] : [`; not asked: ${names(unasked)}`]),
  ].join('')
}

export type HostsSaid = (rows: readonly HostRow[]) => void

/** Of all of them, in their order. */
export function findIn(
  books: readonly HostBook[],
  selector: HostSelector,
  room: ControlRoom,
  answer: Say,
  done: HostsSaid,
): void {
  const [book, ...others] = books
  if (book === undefined) return done([])
  book.database.find(
    selector,
    goingOn(room, answer, (found: readonly HostRow[] | string) => {
      if (typeof found === 'string')
        throw new CommandRefused(`the host database cannot be asked: ${found}`)
      findIn(others, selector, room, answer, (more) => done([...found, ...more]))
    }),
  )
}

/** By its address or an identifier; the arguments were checked before. */
export function selectorOf(given: Arguments, version: 4 | 6): HostSelector {
  const { 'ip-address': address, 'identifier-type': type, identifier } = given
  if (typeof address === 'string') return { address: addressText(version, address) }
  return { identifier: { type: String(type), value: identifierFromText(String(identifier))! } }
}

// ---- what is written

/** Throws CommandRefused where it could not be served. */
export function storedHost(
  host: Members,
  list: HostList,
  family: EditFamily,
  document: ConfigDocument,
  room: ControlRoom,
): StoredHost {
  const kinds = IDENTIFIERS.filter((kind) => typeof host[kind] === 'string')
  const [kind, ...more] = kinds
  if (kind === undefined || more.length > 0 || host.identifiers !== undefined)
    throw new CommandRefused('a reservation in a database has one identifier')
  const path = [...list.path, { [kind]: String(host[kind]) }]
  const { problems } = checkedEdit(document, { path, value: host })
  if (problems.some(({ severity }) => severity === 'error'))
    throw new CommandRefused(faultText(problems, document))
  const { plan } = room.configuration
  const served = family.version === 4 ? plan.dhcp4 : plan.dhcp6
  if (served === undefined) throw new CommandRefused(`${family.ip} is not served`)
  const problem = served.hostProblem({ id: 0, subnetId: list.subnetId, host })
  if (problem !== '') throw new CommandRefused(problem)
  return {
    identifier: { type: kind, value: octetsOf(host, kind) },
    members: withAddresses(host, family),
    options: optionsOf(host, served.registry),
  }
}

function octetsOf(host: Members, kind: IdentifierType): string {
  return identifierFromText(String(host[kind]))!
}

/** In the notation by which they are looked for. */
function withAddresses(host: Members, { version }: EditFamily): Members {
  const { comment, 'user-context': context, ...rest } = host
  const written: Record<string, unknown> = { ...rest }
  const address = host['ip-address']
  if (typeof address === 'string') written['ip-address'] = addressText(version, address)
  for (const key of ['ip-addresses', 'prefixes', 'excluded-prefixes']) {
    const list = host[key]
    if (Array.isArray(list)) written[key] = list.map((one) => addressText(version, String(one)))
  }
  if (context !== undefined || comment !== undefined)
    written['user-context'] = {
      ...(isMap(context) ? context : {}),
      ...(comment === undefined ? {} : { comment }),
    }
  return written
}

function optionsOf(host: Members, registry: OptionRegistry): readonly StoredOption[] {
  const shown = shownReservation(host, registry)
  return mapsOf(shown['option-data']).map((option) => {
    const { code, space, data = '', 'csv-format': csv, 'client-classes': classes } = option
    const isText = csv === true
    const context = option['user-context']
    return {
      code: Number(code),
      space: String(space),
      value: isText ? undefined : octetsFromHex(String(data)),
      text: isText ? String(data) : undefined,
      isPersistent: option['always-send'] === true,
      isCancelled: option['never-send'] === true,
      classes: Array.isArray(classes) ? classes.map(String) : [],
      userContext: isMap(context) ? context : undefined,
    }
  })
}
