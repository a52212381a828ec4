// Where management commands are taken: `control-sockets` of either server, and Kea's control agent.
// A socket that is written wrongly is an error, as in Kea; one whose files cannot be read stays
// closed, and clients are served all the same.

import { ipv4FromText } from '../../address/ipv4.ts'
import { ipv6FromText } from '../../address/ipv6.ts'
import { TLS_KEYS } from '../ha/tls-file.ts'
import type {
  AuthenticationDocument,
  ControlAgentDocument,
  ControlSocketDocument,
  HttpHeaderDocument,
  TlsDocument,
} from '../keys/control-document.ts'
import type { DdnsDocument } from '../keys/ddns-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { DoorHeader, DoorPlan, HttpDoorPlan, Persona } from '../plan/control-plan.ts'
import type { HaUrl } from '../plan/ha-plan.ts'
import { socketPathTrouble } from '../plan/socket-path.ts'
import type { Site } from '../text/site.ts'
import { compileDoorTls, compileDoorUsers } from './door-files.ts'

const SOCKET = defaultsOf('controlSocket', 'socket-address', 'socket-port')
const AGENT = defaultsOf('controlAgent', 'http-host', 'http-port')
const REALMS: Readonly<Record<Persona, string>> = {
  dhcp4: defaultsOf('authentication', 'realm').realm,
  dhcp6: defaultsOf('authentication6', 'realm').realm,
  d2: defaultsOf('authenticationD2', 'realm').realm,
  ca: defaultsOf('authenticationAgent', 'realm').realm,
}

/** Where a socket is that has a name alone, as in Kea. */
const SOCKET_FOLDER = '/var/run/kea'

interface HttpWords extends TlsDocument {
  readonly address: string
  readonly port: number
  readonly keys: { readonly address: string; readonly port: string }
  readonly 'http-headers'?: readonly HttpHeaderDocument[]
  readonly authentication?: AuthenticationDocument
  /** https: TLS must be there. */
  readonly isSecure: boolean
}

/** The maps that name sockets, each where it is there. */
export interface DoorMaps {
  readonly maps: readonly ServerMap[]
  readonly agent: Placed<ControlAgentDocument> | undefined
  readonly ddns: Placed<DdnsDocument> | undefined
}

interface SocketsDocument {
  readonly 'control-sockets'?: readonly ControlSocketDocument[]
}

interface Placed<Document> {
  readonly document: Document
  readonly site: Site
}

export function compileDoors(
  maps: DoorMaps,
  pair: HaUrl | undefined,
  context: CompileContext,
): readonly DoorPlan[] {
  return new DoorCompiler(pair, context).compile(maps)
}

class DoorCompiler {
  /** Where this server of a pair is dialled. */
  readonly #pair: HaUrl | undefined
  readonly #context: CompileContext
  readonly #doors: DoorPlan[] = []
  /** Paths and ports that are named. */
  readonly #named = new Set<string>()

  constructor(pair: HaUrl | undefined, context: CompileContext) {
    this.#pair = pair
    this.#context = context
  }

  compile({ maps, agent, ddns }: DoorMaps): readonly DoorPlan[] {
    for (const map of maps) this.#sockets(map, `dhcp${map.version}`)
    if (ddns !== undefined) this.#sockets(ddns, 'd2')
    if (agent !== undefined) this.#agent(agent.document, agent.site)
    return this.#doors
  }

  #sockets({ document, site }: Placed<SocketsDocument>, persona: Persona): void {
    for (const [index, socket] of (document['control-sockets'] ?? []).entries())
      this.#socket(socket, persona, site.at('control-sockets').at(index))
  }

  #socket(document: ControlSocketDocument, persona: Persona, site: Site): void {
    const type = document['socket-type'] ?? 'unix'
    this.#warnOfForeign(document, type, site)
    if (type === 'unix') return this.#unix(document, persona, site)
    const address = document['socket-address'] ?? SOCKET['socket-address']
    const port = document['socket-port'] ?? SOCKET['socket-port']
    const keys = { address: 'socket-address', port: 'socket-port' }
    const isSecure = type === 'https'
    this.#http({ ...document, address, port, keys, isSecure }, persona, site)
  }

  #agent(document: ControlAgentDocument, site: Site): void {
    const address = document['http-host'] ?? AGENT['http-host']
    const port = document['http-port'] ?? AGENT['http-port']
    const keys = { address: 'http-host', port: 'http-port' }
    this.#http({ ...document, address, port, keys, isSecure: false }, 'ca', site)
  }

  #unix({ 'socket-name': name }: ControlSocketDocument, persona: Persona, site: Site): void {
    if (name === undefined || name === '') {
      site.gap('control-socket', 'the socket has no name', 'add socket-name, a path')
      return
    }
    const at = site.at('socket-name')
    const path = name.startsWith('/') ? name : `${SOCKET_FOLDER}/${name}`
    const trouble = socketPathTrouble(path)
    if (trouble !== undefined) return at.error('control-socket', trouble, path)
    if (this.#doors.some((door) => door.kind === 'unix' && door.persona === persona))
      return site.error('control-socket', 'a second unix socket', 'a server has one')
    if (!this.#isFirst(path)) return at.error('control-socket', `'${path}' is named twice`)
    this.#doors.push({ kind: 'unix', persona, path })
  }

  #http(words: HttpWords, persona: Persona, site: Site): void {
    const { address, port, keys, isSecure, authentication } = words
    if (!isAddress(address)) {
      const message = `'${address}' is no address`
      return site.at(keys.address).error('control-socket', message, 'an IPv4 or IPv6 address')
    }
    if (port !== 0 && !this.#isFirst(`${address} ${port}`)) {
      const message = `port ${port} of ${address} is named twice`
      return site.at(keys.port).error('control-socket', message, 'each socket has its own')
    }
    if (this.#pair !== undefined && isSamePort(this.#pair, address, port)) {
      const message = `the pair listens on port ${port} of ${address}, and takes no commands there`
      return site.at(keys.port).warning('control-socket', message, 'give commands another port')
    }
    const tls = compileDoorTls(words, isSecure, site, this.#context)
    const users = compileDoorUsers(authentication, REALMS[persona], site, this.#context)
    const headers = compileHeaders(words['http-headers'] ?? [], site.at('http-headers'))
    if (tls === 'wrong' || users === 'wrong') return
    const door: HttpDoorPlan = { kind: 'http', persona, address, port, tls, users, headers }
    if (isOpen(door)) {
      const message = 'whoever reaches the port may change everything'
      site.warning('control-open', message, 'add authentication, or TLS with cert-required')
    }
    this.#doors.push(door)
  }

  /** Kea refuses keys of the other kind of socket. */
  #warnOfForeign(document: ControlSocketDocument, type: string, site: Site): void {
    for (const key of type === 'unix' ? HTTP_KEYS : UNIX_KEYS)
      if (Object.hasOwn(document, key))
        site.at(key).warning('control-socket', `without effect on a socket of the type ${type}`)
  }

  #isFirst(name: string): boolean {
    if (this.#named.has(name)) return false
    this.#named.add(name)
    return true
  }
}

const UNIX_KEYS = ['socket-name']
const HTTP_KEYS: readonly string[] = [
  ...['socket-address', 'socket-port', 'http-headers', 'authentication', 'cert-required'],
  ...TLS_KEYS,
]

/** RFC 9110 §5.6.2, and what may stand in one line. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** What an answer needs to be understood is not the document's to say. */
const OWN_HEADERS = new Set(['content-length', 'transfer-encoding', 'connection', 'content-type'])

function compileHeaders(documents: readonly HttpHeaderDocument[], site: Site): DoorHeader[] {
  return documents.flatMap(({ name, value }, index) => {
    const at = site.at(index)
    if (!NAME.test(name)) at.at('name').error('http-header', `'${name}' is no name of a header`)
    else if (OWN_HEADERS.has(name.toLowerCase()))
      at.at('name').error('http-header', `${name} is not to be set`, 'it depends on the answer')
    else if (!VALUE.test(value)) at.at('value').error('http-header', 'it does not fit into a line')
    else return [{ name, value }]
    return []
  })
}

/** An address that stands for all has the port of each. */
function isSamePort(pair: HaUrl, address: string, port: number): boolean {
  const all = ['0.0.0.0', '::']
  return pair.port === port && [pair.host, ...all].includes(address)
}

function isAddress(text: string): boolean {
  return ipv4FromText(text) !== undefined || ipv6FromText(text) !== undefined
}

/** Anybody on another machine may come in. */
function isOpen({ address, tls, users }: HttpDoorPlan): boolean {
  const isProven = users !== undefined || tls?.isCertRequired === true
  return !isProven && !address.startsWith('127.') && address !== '::1'
}
