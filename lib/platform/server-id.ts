// The DUID of this server, where it is kept: in its database, beside its leases, and in a file next
// to it, for a database that is lost. At the first start that of Kea is taken over. Only then one
// is made, from the card of an interface, and never again: no client renews with a server that has
// become another one.

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { hexFromOctets, type Octets, octetsFromBytes, octetsFromHex } from '../bytes/octets.ts'
import type { ServerIdPlan } from '../config/plan/plan6.ts'
import { type DuidSource, serverDuid } from '../dhcp6/server-duid.ts'
import { type Log, tell } from '../ports/log.ts'
import type { ServerId } from '../ports/server-id.ts'
import { duidFromText } from '../wire/v6/duid.ts'
import { makeFolder } from './folder.ts'
import { syncPath } from './sync-path.ts'
import { wordsOf } from './system-error.ts'

/** Kea's name for it. */
const KEA_FILE = 'kea-dhcp6-serverid'

export interface ServerIdPlace {
  /** Path of the lease database; the file is `<path>.duid`. */
  readonly database: string
  /** What the database has; '' = none. */
  readonly stored: Octets
  /** Stores it there. */
  readonly store: (duid: Octets) => void
  /** Where Kea has kept one; undefined: nowhere. */
  readonly keaFolder: string | undefined
  readonly log: Log
}

export function openServerId(place: ServerIdPlace): ServerId {
  return new KeptServerId(place)
}

class KeptServerId implements ServerId {
  readonly kept: Octets
  readonly #place: ServerIdPlace
  readonly #file: string
  #stored: Octets
  #inFile: Octets

  constructor(place: ServerIdPlace) {
    this.#place = place
    this.#file = `${place.database}.duid`
    this.#stored = place.stored
    this.#inFile = this.#read(this.#file)
    const { keaFolder } = place
    const known = this.#stored || this.#inFile
    const ofKea = known === '' && keaFolder !== undefined
    this.kept = ofKea ? this.#read(join(keaFolder, KEA_FILE)) : known
    if (ofKea && this.kept !== '') this.#tell('DHCP6_SERVER_ID_TAKEN_OVER', this.kept)
    if (this.#stored !== '' && this.#inFile !== '' && this.#stored !== this.#inFile)
      tell(place.log, 'DHCP6_SERVER_ID_CONFLICT', {
        database: hexFromOctets(this.#stored, ':'),
        file: this.#file,
        inFile: hexFromOctets(this.#inFile, ':'),
      })
  }

  duidOf(plan: ServerIdPlan): Octets {
    const former = this.#stored || this.kept
    const duid = serverDuid(plan, former, SOURCE)
    if (former === '') this.#tell('DHCP6_SERVER_ID_MADE', duid)
    if (plan.persists && this.#inFile !== duid) this.#write(duid)
    if (this.#stored !== duid) this.#place.store(duid)
    this.#stored = duid
    return duid
  }

  #tell(id: 'DHCP6_SERVER_ID_TAKEN_OVER' | 'DHCP6_SERVER_ID_MADE', duid: Octets): void {
    tell(this.#place.log, id, { duid: hexFromOctets(duid, ':') })
  }

  /** White space counts for nothing; what is no DUID is told, and there is none. */
  #read(file: string): Octets {
    let text: string
    try {
      text = readFileSync(file, 'latin1').replace(/\s/g, '')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#trouble(file, error)
      return ''
    }
    const duid = duidFromText(text)
    if (duid === undefined) this.#trouble(file, new Error('it has no DUID'))
    return duid ?? ''
  }

  #write(duid: Octets): void {
    try {
      makeFolder(dirname(this.#file))
      writeFileSync(`${this.#file}.new`, `${hexFromOctets(duid, ':')}\n`, { mode: 0o640 })
      syncPath(`${this.#file}.new`)
      renameSync(`${this.#file}.new`, this.#file)
      syncPath(dirname(this.#file))
      this.#inFile = duid
    } catch (error) {
      this.#trouble(this.#file, error)
    }
  }

  #trouble(file: string, error: unknown): void {
    tell(this.#place.log, 'DHCP6_SERVER_ID_FILE', { file, trouble: wordsOf(error) })
  }
}

const SOURCE: DuidSource = {
  hardware: hardwareOfHost,
  time: () => Math.floor(Date.now() / 1000),
  random: (length) => octetsFromBytes(randomBytes(length)),
}

/**
 * A card rather than something that programs make, and of those the first by name: the one that is
 * likely to stay.
 */
function hardwareOfHost(): { htype: number; address: Octets } | undefined {
  const devices = cardsOfKernel() ?? cardsOfNode()
  const usable = devices.filter(({ address }) => address.length >= 6 && /[^\0]/.test(address))
  const rank = ({ htype, isCard }: Card): number => (isCard ? 0 : 2) + (htype === ETHERNET ? 0 : 1)
  return usable.sort((one, other) => rank(one) - rank(other))[0]
}

interface Card {
  readonly htype: number
  readonly address: Octets
  readonly isCard: boolean
}

const ETHERNET = 1
const LOOPBACK = 772
const DEVICES = '/sys/class/net'

/** Undefined on other systems than Linux. */
function cardsOfKernel(): Card[] | undefined {
  try {
    const names = readdirSync(DEVICES).sort()
    return names.flatMap((name) => {
      const htype = Number(readLine(name, 'type'))
      const address = octetsFromHex(readLine(name, 'address')) ?? ''
      return htype === LOOPBACK ? [] : [{ htype, address, isCard: isThere(name, 'device') }]
    })
  } catch {
    return undefined
  }
}

function cardsOfNode(): Card[] {
  return Object.values(os.networkInterfaces()).flatMap((infos) =>
    (infos ?? [])
      .filter(({ internal }) => !internal)
      .map(({ mac }) => ({
        htype: ETHERNET,
        address: octetsFromHex(mac) ?? '',
        isCard: true,
      })),
  )
}

function readLine(name: string, field: string): string {
  try {
    return readFileSync(join(DEVICES, name, field), 'latin1').trim()
  } catch {
    return ''
  }
}

function isThere(name: string, field: string): boolean {
  return statSync(join(DEVICES, name, field), { throwIfNoEntry: false }) !== undefined
}
