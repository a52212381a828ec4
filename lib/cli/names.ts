// `whio names`: which names of clients are not in DNS as they should be, and why; with --retry,
// what waits is tried at once.

import { parseArgs } from 'node:util'
import { ipv4FromText } from '../address/ipv4.ts'
import { ipv6FromText } from '../address/ipv6.ts'
import { wordsOf } from '../platform/system-error.ts'
import { durationWords } from './forecast.ts'
import { sinkLine, wait } from './names-lines.ts'
import { printable } from './printable.ts'
import { type Family, ServerCommands } from './server-commands.ts'
import { CONFIG_OPTIONS, UsageError } from './usage.ts'

interface Name {
  readonly 'ip-address': string
  readonly name: string
  readonly state: 'done' | 'add' | 'remove' | 'conflict' | 'unserved'
  readonly forward: boolean
  readonly reverse: boolean
  readonly by: 'us' | 'partner'
  readonly seconds: number
  readonly why?: string
}

interface Sink {
  readonly place: string
  readonly seconds?: number
  /** Absent: it takes names. */
  readonly why?: string
}

interface Zone {
  readonly direction: string
  readonly zone: string
  readonly waiting: number
  readonly servers: readonly {
    readonly server: string
    readonly state: 'well' | 'away' | 'refuses'
    readonly seconds?: number
    readonly why?: string
  }[]
}

/**
 * Exit code 0: all is as it should be or in no zone, or was told to be tried; 1: no server; 3: it
 * is not.
 */
export async function names(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      retry: { type: 'boolean', default: false },
    },
  })
  const [about, ...more] = positionals
  if (more.length > 0) throw new UsageError('name one address, one name or one zone')
  const server = new ServerCommands(values)
  try {
    if (values.retry) return await retry(server)
    // Who names something wants to know how it is.
    return await tell(server, about, values.all || about !== undefined, values.json)
  } catch (error) {
    process.stderr.write(`whio names: ${wordsOf(error)}\n`)
    return 1
  }
}

async function retry(server: ServerCommands): Promise<number> {
  const { text } = await ask(server, 'whio-names-retry', {})
  process.stdout.write(`${text}\n`)
  return 0
}

async function tell(
  server: ServerCommands,
  about: string | undefined,
  all: boolean,
  isJson: boolean,
): Promise<number> {
  const found: Name[] = []
  let zones: readonly Zone[] = []
  let sinks: readonly Sink[] = []
  let via = 'off'
  for (let from: string | undefined, isFirst = true; isFirst || from !== undefined; ) {
    const given = { ...aboutWhat(about), all, ...(from !== undefined && { from }) }
    const { arguments: told } = await ask(server, 'whio-names-get', given)
    if (isFirst) {
      ;[zones, via] = [told.zones as readonly Zone[], String(told.via)]
      // A server of an earlier version says nothing of them.
      sinks = (told.sinks ?? []) as readonly Sink[]
    }
    found.push(...(told.names as readonly Name[]))
    from = told.next as string | undefined
    isFirst = false
  }
  const lines = isJson
    ? found.map((one) => JSON.stringify(one))
    : [...(about === undefined ? placeLines(zones, via, sinks) : []), ...found.map(lineOf)]
  for (const line of lines) process.stdout.write(`${printable(line)}\n`)
  const isWell = about !== undefined || sinks.every(({ why }) => why === undefined)
  return isWell && found.every(({ state }) => state === 'done' || state === 'unserved') ? 0 : 3
}

function aboutWhat(about: string | undefined): object {
  if (about === undefined) return {}
  const isAddress = ipv4FromText(about) !== undefined || ipv6FromText(about) !== undefined
  return isAddress ? { 'ip-address': about } : { name: about }
}

/** The process has one answer, whichever family it serves. */
async function ask(server: ServerCommands, command: string, given: object) {
  const family = async (version: Family) => await server.ask(version, command, given)
  const told = await family(4)
  const answered = told.result === 0 ? told : await family(6)
  if (answered.result !== 0) throw new Error(answered.text)
  return answered
}

function placeLines(zones: readonly Zone[], via: string, sinks: readonly Sink[]): string[] {
  const own = sinks.map(({ place, seconds = 0, why = '' }) =>
    sinkLine({ place, trouble: why, away: seconds }),
  )
  return [...zoneLines(zones, via, own.length > 0), ...own]
}

function zoneLines(zones: readonly Zone[], via: string, hasSinks: boolean): string[] {
  if (via === 'off') return hasSinks ? [] : ['no names are registered in DNS']
  return zones.map(({ servers, waiting, zone }) => {
    const what = via === 'd2' ? 'kea-dhcp-ddns' : `zone ${zone}`
    const states = servers.map(({ seconds = 0, server, state, why = '' }) => {
      if (state === 'well') return server
      const span = durationWords(seconds * 1000)
      const trouble = why === 'timeout' ? 'no answer' : why
      return state === 'away' ? `${server} ${trouble} for ${span}` : `${server} refuses: ${trouble}`
    })
    return `${what}: ${states.join(', ') || 'no server'}, ${waiting} ${wait(waiting)}`
  })
}

const STATES: Readonly<Record<Name['state'], string>> = {
  done: 'in DNS',
  add: 'to be added',
  remove: 'to be removed',
  conflict: 'not added',
  unserved: 'not in DNS',
}

function lineOf(one: Name): string {
  const { by, forward, name, reverse, seconds, state, why = '' } = one
  const only = forward === reverse ? '' : forward ? ', name to address' : ', address to name'
  const whose =
    by === 'partner' && state !== 'done' && state !== 'unserved' ? ', by the partner' : ''
  const reason = why === '' ? '' : `: ${why}`
  const span = durationWords(seconds * 1000)
  return `${one['ip-address']} ${name} ${STATES[state]} for ${span}${only}${whose}${reason}`
}
