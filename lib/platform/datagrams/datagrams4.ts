// The network behind ports/datagrams4.ts: UDP sockets of Node, one or more an interface, with the
// Linux C library (through koffi, optional) for what Node cannot do.
//
//   datagrams4-selection   which interfaces are asked for
//   datagrams4-sockets     opens them; datagrams4-listener receives; datagrams4-sender sends
//   datagrams4-passed      sockets that systemd opened
//   datagrams4-asked       a socket for each address of an interface
//   routes4 undeliverable4 where replies can go, and what became of them
//   interfaces libc device-binding frame4 message-vector send-batch systemd   what these stand on
//
// Once a second, and after an error that says the device is gone, the devices are looked at again
// (`#refresh`): whatever is asked for and not served is opened, whatever has changed is bound anew.

import { textFromIpv4 } from '../../address/ipv4.ts'
import type { InterfacesPlan } from '../../config/plan/plan4.ts'
import type { Traffic } from '../../ports/datagrams.ts'
import type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
  Reply4,
} from '../../ports/datagrams4.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import { libcForDevices } from '../device-binding.ts'
import { type Device, type DeviceAddress, Interfaces, sameAddresses } from '../interfaces.ts'
import type { Libc } from '../libc.ts'
import { localAddresses4 } from '../local-addresses.ts'
import { passedDevices } from '../systemd.ts'
import { hearApart } from './asked.ts'
import { Drain, Listener4 } from './listener.ts'
import { PassedSockets4 } from './passed.ts'
import { servedAddresses, type Wanted4, wantedInterfaces } from './selection.ts'
import { Sender4 } from './sender.ts'
import {
  openPackets4,
  openSockets4,
  type Socket4,
  type SocketsWish4,
  sendWithoutSums,
  socketsWish,
} from './sockets.ts'
import { deafness, openTrouble, tellMissing, tellReversePath } from './trouble.ts'
import { TurnPace } from './turn-pace.ts'
import { Undeliverable4, type Undelivered } from './undeliverable4.ts'

export interface DatagramsSettings4 {
  readonly interfaces: InterfacesPlan
  /**
   * UDP port that is listened on; 0 = any free one, another for each interface (`traffic` tells).
   */
  readonly serverPort: number
  readonly log?: Log
  /** False: every client is on a link of this host, and no relay is expected. Default true. */
  readonly hasDistant?: boolean
  /** False: no recvmmsg and sendmmsg, one datagram a call. Default true. */
  readonly accelerate?: boolean
  /**
   * Under load the thread may sleep for a moment (turn-pace.ts): it is the server's own. Default
   * false.
   */
  readonly mayRest?: boolean
  /** Milliseconds between two looks at the devices. Default 1000. */
  readonly refreshEvery?: Millis
  /** False: never call the C library, as if koffi were not installed. Default true. */
  readonly native?: boolean
}

const REFRESH_EVERY: Millis = 1000

/** The name under which status tells that `*` matches nothing. */
const ALL = '*'

/** Nothing is opened before `open`. */
export function openDatagrams4(settings: DatagramsSettings4): Datagrams4 {
  return new SocketDatagrams4(settings)
}

/** An interface that is asked for, served or not. */
interface Entry {
  readonly name: string
  listener: Listener4 | undefined
  /** What the sockets were opened for; a different text means: open them anew. */
  layout: string
  /** Code of the last failure to open, so that its trouble is put into words once. */
  failure: string
  status: InterfaceStatus4
}

class SocketDatagrams4 implements Datagrams4 {
  readonly #settings: DatagramsSettings4
  #interfaces: InterfacesPlan
  readonly #libc: Libc | undefined
  readonly #devices: Interfaces
  readonly #sender: Sender4
  readonly #undeliverable: Undeliverable4 | undefined
  readonly #drain: Drain | undefined
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Map<Interface4, Listener4>()
  readonly #passed: PassedSockets4
  #listTrouble = ''
  /** As the sink was told of them, to see whether they have changed. */
  #addresses = ''
  #sink: DatagramSink4 | undefined
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Immediate | undefined
  #closing = 0
  #onClosed: (() => void) | undefined
  #closed = false

  constructor(settings: DatagramsSettings4) {
    this.#settings = settings
    this.#interfaces = settings.interfaces
    const libc = settings.native === false ? 'it is switched off' : libcForDevices()
    this.#libc = typeof libc === 'string' ? undefined : libc
    const batched = this.#libc !== undefined && settings.accelerate !== false
    this.#devices = new Interfaces(this.#libc)
    this.#drain = batched
      ? new Drain(this.#libc!, settings.mayRest ? new TurnPace() : undefined)
      : undefined
    this.#sender = new Sender4(this.#libc, batched, (listener, error) =>
      this.#onSendError(listener, error),
    )
    this.#undeliverable = this.#libc && new Undeliverable4(this.#libc)
    const passed = passedDevices(this.#libc, process.env, process.pid, settings.log)
    this.#passed = new PassedSockets4(this.#libc, passed)
    tellMissing(settings.log, typeof libc === 'string' ? libc : '', this.#sender.frameTrouble)
  }

  open(sink: DatagramSink4): void {
    this.#sink = sink
    this.#refresh()
    if (this.#closed) return
    this.#timer = setInterval(() => this.#look(), this.#settings.refreshEvery ?? REFRESH_EVERY)
  }

  send(replies: readonly Reply4[]): void {
    for (const reply of replies) {
      // An interface object that was replaced meanwhile still names its device.
      const through = reply.through
      const listener = this.#listeners.get(through) ?? this.#entries.get(through.name)?.listener
      if (listener !== undefined) this.#sender.add(reply, listener)
    }
    this.#sender.flush()
  }

  select(interfaces: InterfacesPlan): void {
    this.#interfaces = interfaces
    if (this.#sink === undefined) return
    const devices = this.#list()
    if (devices === undefined) return
    const wanted = new Set(wantedInterfaces(interfaces, devices).map((one) => one.name))
    for (const entry of this.#entries.values()) {
      if (wanted.has(entry.name)) continue
      this.#closeListener(entry)
      this.#entries.delete(entry.name)
    }
    this.#refresh()
  }

  status(): readonly InterfaceStatus4[] {
    return [...this.#entries.values()].map((entry) => entry.status)
  }

  traffic(): readonly Traffic[] {
    return [...this.#listeners.values()].map((listener) => listener.traffic())
  }

  close(done: () => void): void {
    this.#closed = true
    clearInterval(this.#timer)
    clearImmediate(this.#soon)
    for (const entry of this.#entries.values()) this.#closeListener(entry)
    this.#entries.clear()
    for (const { socket } of this.#passed.sockets())
      this.#countClosing((done) => socket.close(done))
    this.#sender.close()
    this.#undeliverable?.close()
    this.#devices.close()
    this.#onClosed = done
    if (this.#closing === 0) setImmediate(() => this.#tellClosed())
  }

  #tellClosed(): void {
    const done = this.#onClosed
    this.#onClosed = undefined
    done?.()
  }

  /** Undefined: not to be learned at present, and everything stays as it is. */
  #list(): Map<string, Device> | undefined {
    const devices = this.#devices.list()
    const trouble = typeof devices === 'string' ? devices : ''
    if (trouble !== '' && this.#listTrouble === '')
      tell(this.#settings.log, 'DHCP4_INTERFACES_UNKNOWN', { trouble })
    this.#listTrouble = trouble
    return typeof devices === 'string' ? undefined : devices
  }

  /** What has changed since the last time. */
  #look(): void {
    this.#sender.forgetRoutes()
    this.#undeliverable?.read((undelivered) => this.#onUndelivered(undelivered))
    this.#refresh()
  }

  #refresh(): void {
    const devices = this.#list()
    if (devices === undefined) return
    this.#tellAddresses(devices)
    const wanted = wantedInterfaces(this.#interfaces, devices)
    const links = wanted.filter((wish) => devices.get(wish.name)?.loopback !== true).length
    for (const wish of wanted) {
      // The sink may have closed us when it was told of the one before.
      if (this.#closed) return
      this.#refreshEntry(this.#entryOf(wish.name), wish, devices.get(wish.name), links)
    }
    if (this.#closed) return
    this.#forgetUnwanted(wanted)
    this.#tellNothing(wanted.length)
  }

  #tellAddresses(devices: ReadonlyMap<string, Device>): void {
    const all = [...devices.values()].flatMap(({ addresses }) => addresses)
    const text = all.map(({ address }) => address).join(' ')
    if (text === this.#addresses) return
    this.#addresses = text
    this.#sink?.onAddresses(localAddresses4(devices))
  }

  #entryOf(name: string): Entry {
    const former = this.#entries.get(name)
    if (former !== undefined) return former
    const status = { name, serving: false, trouble: '', unicast: false, addresses: [] }
    const entry: Entry = { name, listener: undefined, layout: '', failure: '', status }
    this.#entries.set(name, entry)
    return entry
  }

  #refreshEntry(entry: Entry, wish: Wanted4, device: Device | undefined, links: number): void {
    if (entry.listener !== undefined && entry.listener.index !== this.#devices.indexOf(entry.name))
      this.#closeListener(entry)
    const addresses = device === undefined ? [] : servedAddresses(wish, device)
    if (device === undefined || addresses.length === 0) {
      this.#pause(entry, wish, device)
      return
    }
    const own = addresses.map((one) => one.address)
    const isWhole = wish.only.length === 0
    const hears = !device.loopback && (this.#libc !== undefined || links === 1)
    const { serverPort } = this.#settings
    const request = socketsWish(wish.name, serverPort, own, isWhole, hears, this.#libc)
    const layout = `${request.addresses.join(' ')} ${request.broadcasts}`
    if (entry.listener !== undefined && entry.layout !== layout) this.#closeListener(entry)
    entry.layout = layout
    if (entry.listener === undefined) this.#openListener(entry, device, addresses, request)
    else this.#renew(entry.listener, addresses)
    if (entry.listener !== undefined) this.#report(entry, true, deafness(request))
  }

  /**
   * Not servable now. The sockets stay open while the device is merely down, so that nothing is
   * missed when it comes back; without an address they are closed, for no reply could be sent.
   */
  #pause(entry: Entry, wish: Wanted4, device: Device | undefined): void {
    const isUp = device !== undefined || this.#devices.isUp(entry.name)
    if (isUp) this.#closeListener(entry)
    entry.failure = ''
    if (device === undefined) this.#report(entry, false, this.#devices.trouble(entry.name))
    else
      this.#report(
        entry,
        false,
        `${wish.only.map(textFromIpv4).join(', ')} is not on the interface`,
      )
  }

  #openListener(
    entry: Entry,
    device: Device,
    addresses: readonly DeviceAddress[],
    request: SocketsWish4,
  ): void {
    const sockets = this.#passed.take(entry.name, device.index) ?? openSockets4(request)
    if (typeof sockets === 'string') {
      const isNew = entry.failure !== sockets
      entry.failure = sockets
      if (isNew) this.#report(entry, false, openTrouble(sockets, request))
      return
    }
    entry.failure = ''
    const from = { name: entry.name, index: device.index, addresses }
    const onError = (): void => this.#refreshSoon()
    const { loopback } = device
    const packetFd = this.#openPackets(device, sockets)
    const parts = [sockets, packetFd, this.#sink!, this.#drain, onError] as const
    entry.listener = new Listener4(from, loopback, ...parts)
    this.#listeners.set(from, entry.listener)
    if (this.#libc !== undefined) hearApart(this.#libc, entry.listener)
    const isSafe = device.loopback || this.#settings.hasDistant === false
    const leads = isSafe || this.#sender.leadsAnywhere(entry.listener)
    tellReversePath(this.#settings.log, entry.name, leads)
  }

  /** On loopback nobody looks at the sums. */
  #openPackets(device: Device, sockets: readonly Socket4[]): number {
    if (this.#libc === undefined || device.loopback) return -1
    const fd = openPackets4(this.#libc, device.name)
    if (fd < 0) sendWithoutSums(this.#libc, sockets)
    return fd
  }

  /** Gives the listener a new interface object when the addresses have changed. */
  #renew(listener: Listener4, addresses: readonly DeviceAddress[]): void {
    if (sameAddresses(listener.from.addresses, addresses)) return
    this.#listeners.delete(listener.from)
    listener.from = { name: listener.name, index: listener.index, addresses }
    this.#listeners.set(listener.from, listener)
    if (this.#libc !== undefined) hearApart(this.#libc, listener)
  }

  #closeListener(entry: Entry): void {
    const { listener } = entry
    if (listener === undefined) return
    entry.listener = undefined
    this.#listeners.delete(listener.from)
    if (listener.packetFd >= 0) this.#libc?.close(listener.packetFd)
    if (this.#passed.holds(listener.reply)) listener.release()
    else this.#countClosing((done) => listener.close(done))
  }

  /** The last socket to close ends the close of all. */
  #countClosing(close: (done: () => void) => void): void {
    this.#closing++
    close(() => {
      this.#closing--
      if (this.#closing === 0) this.#tellClosed()
    })
  }

  /** An interface that `*` brought in stays in the status while its device exists. */
  #forgetUnwanted(wanted: readonly Wanted4[]): void {
    for (const entry of this.#entries.values()) {
      if (entry.name === ALL || wanted.some((wish) => wish.name === entry.name)) continue
      this.#refreshEntry(entry, { name: entry.name, only: [], named: false }, undefined, 0)
      if (this.#devices.indexOf(entry.name) === 0) this.#entries.delete(entry.name)
    }
  }

  #tellNothing(wanted: number): void {
    if (!this.#interfaces.all) return
    if (wanted > 0) this.#entries.delete(ALL)
    else this.#report(this.#entryOf(ALL), false, 'no interface is up and has an IPv4 address')
  }

  #report(entry: Entry, serving: boolean, trouble: string): void {
    const unicast = entry.listener !== undefined && this.#sender.canFrame(entry.listener)
    const { status } = entry
    const addresses = serving ? (entry.listener?.from.addresses ?? []) : []
    const own = addresses.map(({ address }) => address)
    const isSame = status.serving === serving && status.trouble === trouble
    if (isSame && status.unicast === unicast && `${status.addresses}` === `${own}`) return
    const refused = entry.failure === '' ? {} : { refused: entry.failure }
    entry.status = { name: entry.name, serving, trouble, unicast, addresses: own, ...refused }
    this.#sink?.onInterface(entry.status)
  }

  #onSendError(listener: Listener4, error: string): void {
    if (!listener.errorsSeen.has(error)) {
      listener.errorsSeen.add(error)
      tell(this.#settings.log, 'DHCP4_SEND_FAIL', { interface: listener.name, error })
    }
    if (GONE.has(error)) this.#refreshSoon()
  }

  #onUndelivered({ source, sourcePort, target, why }: Undelivered): void {
    for (const listener of this.#listeners.values()) {
      const isOwn = listener.from.addresses.some(({ address }) => address === source)
      if (!isOwn || listener.port !== sourcePort) continue
      listener.undeliverable++
      this.#sink?.onUndelivered(listener.from, target, why)
      return
    }
  }

  /** A look at the devices in the next turn of the event loop, at most one. */
  #refreshSoon(): void {
    if (this.#closed || this.#soon !== undefined) return
    this.#soon = setImmediate(() => {
      this.#soon = undefined
      this.#refresh()
    })
  }
}

/** Errors that say that the device has changed under the socket. */
const GONE: ReadonlySet<string> = new Set(['ENODEV', 'ENETDOWN', 'ENETUNREACH', 'ENXIO'])
