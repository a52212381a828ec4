// datagrams-responder.ts in the namespace of a server, and clients in their own: started, and their
// lines read one after the other.

import type { Namespace, Running } from './netns.ts'

const RESPONDER = 'test/system/datagrams-responder.ts'
const RESPONDER6 = 'test/system/datagrams6-responder.ts'

export interface Event {
  heard?: string
  sent?: string
  on?: string
  from?: string
  port?: number
  index?: number
  to?: string
  undelivered?: string
  through?: string
  why?: string
  sysctl?: string
  interface?: {
    name: string
    serving: boolean
    trouble: string
    unicast: boolean
    addresses?: string[]
  }
  oversized?: string
  ready?: object[]
  traffic?: Record<string, unknown>[]
  group?: number
  log?: string
}

/** Reads the JSON lines of a child one after the other. */
export class Events {
  readonly running: Running
  readonly seen: Event[] = []
  #at = 0

  constructor(running: Running) {
    this.running = running
  }

  /** The next event that fits; those before it are passed over (and kept in `seen`). */
  async next(fits: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const match = await this.running.until(/.*\n/, this.#at)
      this.#at += match.index + match[0].length
      const event = JSON.parse(match[0]) as Event
      this.seen.push(event)
      if (fits(event)) return event
    }
  }

  hears(text: string): Promise<Event> {
    return this.next((event) => event.heard === text)
  }

  /** Asks an address again and again until the server knows that it is one of its own. */
  async askedUntil(to: string, responder: Events): Promise<void> {
    const timer = setInterval(() => this.running.tell(`${to} 67 1 who are you`), 100)
    try {
      await responder.next((event) => event.heard === 'who are you' && event.to === to)
    } finally {
      clearInterval(timer)
    }
  }

  /** The next report about an interface that says `serving`. */
  async reports(name: string, serving: boolean): Promise<NonNullable<Event['interface']>> {
    const fits = (event: Event): boolean =>
      event.interface?.name === name && event.interface.serving === serving
    return (await this.next(fits)).interface!
  }
}

interface Settings {
  readonly serverPort?: number
  readonly native?: boolean
}

/**
 * A responder on interfaces as in a document, with an address as a number; `without` takes rights.
 */
export async function serve(
  where: Namespace,
  texts: string[],
  more: Settings = {},
  without = '',
): Promise<Events> {
  const named = texts
    .filter((text) => text !== '*')
    .map((text) => {
      const [name, address] = text.split('/')
      return { name, ...(address === undefined ? {} : { address: Number(address) }) }
    })
  const interfaces = { all: texts.includes('*'), named }
  const settings = JSON.stringify({ interfaces, serverPort: 67, refreshEvery: 100, ...more })
  return started(where, RESPONDER, settings, without)
}

/** The same for DHCPv6, on interfaces by name. */
export function serve6(where: Namespace, names: string[], more: Settings = {}): Promise<Events> {
  const named = names.filter((name) => name !== '*').map((name) => ({ name, addresses: [] }))
  const interfaces = { all: names.includes('*'), named }
  const settings = JSON.stringify({ interfaces, serverPort: 547, refreshEvery: 100, ...more })
  return started(where, RESPONDER6, settings, '')
}

async function started(
  where: Namespace,
  responder: string,
  settings: string,
  without: string,
): Promise<Events> {
  const script = ['env', '-u', 'NODE_OPTIONS', process.execPath, responder, settings]
  const rights = without === '' ? [] : ['setpriv', `--bounding-set=${without}`]
  const [program = '', ...rest] = [...rights, ...script]
  const events = new Events(where.start(program, ...rest))
  await events.next((event) => event.ready !== undefined)
  return events
}

/** A socket of IPv6 on the port. */
export async function client6(where: Namespace, port: number): Promise<Events> {
  const events = new Events(where.node('test/system/datagrams-client.ts', `${port}`, '', 'udp6'))
  await events.next((event) => (event as unknown) === 'ready')
  return events
}

export async function client(where: Namespace, port: number, device = ''): Promise<Events> {
  const events = new Events(where.node('test/system/datagrams-client.ts', `${port}`, device))
  await events.next((event) => (event as unknown) === 'ready')
  return events
}
