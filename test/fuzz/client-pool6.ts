// Clients of DHCPv6 that know the protocol: they ask for what they were offered and renew what they
// were given, so that the campaign reaches states that random bytes never do. Replies feed them.

import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { iaEntry6, iaOption6, octetsFromCodes } from '../../lib/wire/v6/builder.ts'
import { type IaKind, MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import type { Message6 } from '../../lib/wire/v6/reader.ts'

const CLIENTS = 64

interface Named {
  readonly kind: IaKind
  readonly iaid: number
  readonly key: Octets
}

export interface FuzzClient6 {
  readonly duid: Octets
  readonly ias: readonly Omit<Named, 'key'>[]
  readonly hostname: string
  offered: readonly Named[]
  leased: readonly Named[]
  server: Octets
}

/** What a message says apart from xid and where it passes. */
export interface Speech6 {
  readonly type: number
  readonly options: readonly OptionPair6[]
}

const { solicit, request, confirm, renew, rebind, release, decline, informationRequest } =
  MESSAGE_TYPE6

export class ClientPool6 {
  readonly #draw: Draw
  readonly #clients: FuzzClient6[] = []
  readonly #byDuid = new Map<Octets, FuzzClient6>()

  constructor(draw: Draw) {
    this.#draw = draw
    for (let number = 0; number < CLIENTS; number++) {
      const client = newClient(number)
      this.#clients.push(client)
      this.#byDuid.set(client.duid, client)
    }
  }

  any(): FuzzClient6 {
    return this.#clients[this.#draw(CLIENTS)]!
  }

  /** A reply left for the client with this DUID. */
  hear(reply: Message6): void {
    const client = this.#byDuid.get(reply.clientId)
    if (client === undefined) return
    client.server = reply.serverId
    const named = reply.ias.flatMap(({ kind, iaid, entries }) =>
      entries.filter(({ valid }) => valid > 0).map(({ key }) => ({ kind, iaid, key })),
    )
    if (named.length === 0) return
    if (reply.type === MESSAGE_TYPE6.advertise) client.offered = named
    if (reply.type === MESSAGE_TYPE6.reply) client.leased = named
  }

  /** Something that this client may say now. */
  speech(client: FuzzClient6): Speech6 {
    const { offered, leased, server } = client
    const choice = this.#draw(20)
    const toServer: OptionPair6[] = server === '' ? [] : [[OPTION6.serverId, server]]
    const say = (type: number, named: readonly Named[], ...more: OptionPair6[]): Speech6 => ({
      type,
      options: [...this.#common(client), ...more, ...iasOf(client, named)],
    })
    if (leased.length > 0) {
      if (choice < 5) return say(renew, leased, ...toServer)
      if (choice < 8) return say(rebind, leased)
      if (choice < 10) return say(confirm, leased)
      if (choice < 12) return this.#ended(client, say(release, leased, ...toServer))
      if (choice === 12) return this.#ended(client, say(decline, leased, ...toServer))
      if (choice === 13) return say(request, leased, ...toServer)
    }
    if (offered.length > 0 && choice < 14) return say(request, offered, ...toServer)
    if (choice === 19) return { type: informationRequest, options: this.#common(client) }
    const rapid: OptionPair6[] = choice % 4 === 0 ? [[OPTION6.rapidCommit, '']] : []
    return say(solicit, choice % 2 === 0 ? [] : leased, ...rapid)
  }

  #ended(client: FuzzClient6, speech: Speech6): Speech6 {
    if (this.#draw(4) > 0) client.leased = []
    return speech
  }

  #common({ duid, hostname }: FuzzClient6): OptionPair6[] {
    const options: OptionPair6[] = [[OPTION6.clientId, duid]]
    if (this.#draw(3) > 0) options.push([OPTION6.elapsedTime, octetsFromUint(this.#draw(800), 2)])
    if (this.#draw(3) > 0)
      options.push([OPTION6.optionRequest, octetsFromCodes([17, 23, 24, 32, 39, 56, 67, 82, 148])])
    if (hostname !== '')
      options.push([OPTION6.fqdn, `\x01${String.fromCharCode(hostname.length)}${hostname}`])
    return options
  }
}

function iasOf({ ias }: FuzzClient6, named: readonly Named[]): OptionPair6[] {
  return ias.map(({ kind, iaid }) =>
    iaOption6(
      kind,
      iaid,
      named
        .filter((one) => one.kind === kind && one.iaid === iaid)
        .map(({ key }) => iaEntry6(kind, key)),
    ),
  )
}

/** The first three have reservations; one in eight has several IAs of a kind. */
function newClient(number: number): FuzzClient6 {
  const last = String.fromCharCode(number)
  const duid = number % 4 === 3 ? `\0\x02\0\0\x09\xbf${last}abc` : `\0\x03\0\x01\x02\0\0\0\0${last}`
  const { iaNa, iaPd } = OPTION6
  const ias = [
    { kind: iaNa, iaid: number },
    ...(number % 3 === 0 ? [{ kind: iaPd, iaid: number }] : []),
    ...(number % 8 === 7 ? [{ kind: iaNa, iaid: 0xffff_ffff }] : []),
  ]
  const hostname = number % 5 === 0 ? `host-${number}` : ''
  return { duid, ias, hostname, offered: [], leased: [], server: '' }
}
