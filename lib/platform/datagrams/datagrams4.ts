// The network behind ports/datagrams4.ts: UDP sockets of Node, one or more an interface, with the
// Linux C library (through koffi, optional) for what Node cannot do.
//
//   selection4             which interfaces are asked for
//   interface-keeper       has them opened, and sees to it that they are served on
//   sockets4               the sockets; listener4 receives; sender4 sends
//   passed                sockets that systemd opened
//   asked4                 a socket for each address of an interface
//   routes4 undeliverable4 where replies can go, and what became of them
//   interfaces libc device-binding frame4 message-vector send-batch systemd   what these stand on

import { type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import type { InterfacesPlan } from '../../config/plan/plan4.ts'
import type { InterfaceStatus, Traffic } from '../../ports/datagrams.ts'
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
import { Drain } from './drain.ts'
import { InterfaceKeeper, type KeeperDuties, type Wish } from './interface-keeper.ts'
import { Listener4 } from './listener4.ts'
import { adopt } from './open-socket.ts'
import { PassedSockets } from './passed.ts'
import { servedAddresses, type Wanted4, wantedInterfaces } from './selection4.ts'
import { Sender4 } from './sender4.ts'
import {
  openApart4,
  openPackets4,
  openSockets4,
  type Socket4,
  type SocketsWish4,
  sendWithoutSums,
  socketsWish,
} from './sockets4.ts'
import { deafness, openTrouble, tellMissing, tellReversePath } from './trouble.ts'
import type { TurnPace } from './turn-pace.ts'
import type { Undeliverable, Undelivered } from './undeliverable.ts'
import { openUndeliverable4 } from './undeliverable4.ts'

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
  /** Under load the thread, the server's own, sleeps for a moment. Default: it does not. */
  readonly pace?: TurnPace | undefined
  /** Milliseconds between two looks at the devices. Default 1000. */
  readonly refreshEvery?: Millis
  /** False: never call the C library, as if koffi were not installed. Default true. */
  readonly native?: boolean
}

/** Bytes of a socket address. */
const NAME_LENGTH = 16

/** Nothing is opened before `open`. */
export function openDatagrams4(settings: DatagramsSettings4): Datagrams4 {
  return new SocketDatagrams4(settings)
}

/** What is opened for the addresses of a device. */
interface Wish4 extends SocketsWish4, Wish {
  readonly device: Device
  readonly served: readonly DeviceAddress[]
}

type Duties = KeeperDuties<Wanted4, Device, Wish4, Listener4, InterfaceStatus4>

class SocketDatagrams4 implements Datagrams4 {
  readonly #settings: DatagramsSettings4
  #interfaces: InterfacesPlan
  readonly #libc: Libc | undefined
  readonly #devices: Interfaces
  readonly #keeper: InterfaceKeeper<Wanted4, Device, Wish4, Interface4, Listener4, InterfaceStatus4>
  readonly #sender: Sender4
  readonly #undeliverable: Undeliverable<Ipv4> | undefined
  readonly #drain: Drain | undefined
  readonly #passed: PassedSockets<Ipv4>
  #listTrouble = ''
  /** As the sink was told of them, to see whether they have changed. */
  #addresses = ''
  /** Interfaces that are asked for, without loopback. */
  #links = 0
  #sink: DatagramSink4 | undefined

  constructor(settings: DatagramsSettings4) {
    this.#settings = settings
    this.#interfaces = settings.interfaces
    const libc = settings.native === false ? 'it is switched off' : libcForDevices()
    this.#libc = typeof libc === 'string' ? undefined : libc
    const batched = this.#libc !== undefined && settings.accelerate !== false
    this.#devices = new Interfaces(this.#libc)
    this.#keeper = new InterfaceKeeper(this.#devices, settings.refreshEvery, this.#duties())
    this.#drain = batched ? new Drain(this.#libc!, settings.pace, NAME_LENGTH) : undefined
    this.#sender = new Sender4(this.#libc, batched, (listener, error) =>
      this.#onSendError(listener, error),
    )
    this.#undeliverable = this.#libc && openUndeliverable4(this.#libc)
    const passed = passedDevices(4, this.#libc, process.env, process.pid, settings.log)
    this.#passed = new PassedSockets(passed, (descriptors) => {
      const socket = adopt(descriptors.at(-1)!, this.#libc, 'udp4', 0)
      return typeof socket === 'string' ? socket : [socket]
    })
    tellMissing(settings.log, typeof libc === 'string' ? libc : '', this.#sender.frameTrouble)
  }

  open(sink: DatagramSink4): void {
    this.#sink = sink
    this.#keeper.open(() => {
      this.#sender.forgetRoutes()
      this.#undeliverable?.read((undelivered) => this.#onUndelivered(undelivered))
    })
  }

  send(replies: readonly Reply4[]): void {
    for (const reply of replies) {
      const listener = this.#keeper.listenerOf(reply.through)
      if (listener !== undefined) this.#sender.add(reply, listener)
    }
    this.#sender.flush()
  }

  select(interfaces: InterfacesPlan): void {
    this.#interfaces = interfaces
    this.#keeper.select()
  }

  status(): readonly InterfaceStatus4[] {
    return this.#keeper.status()
  }

  traffic(): readonly Traffic[] {
    return this.#keeper.traffic()
  }

  close(done: () => void): void {
    this.#keeper.close(this.#passed.closers, done)
    this.#sender.close()
    this.#undeliverable?.close()
    this.#devices.close()
  }

  #duties(): Duties {
    const isAsked = () => this.#interfaces.all
    return {
      look: () => this.#look(),
      wanted: (devices) => this.#wanted(devices),
      unwanted: (name) => ({ name, only: [], named: false }),
      get all() {
        return { isAsked: isAsked(), trouble: 'no interface is up and has an IPv4 address' }
      },
      wish: (wanted, device) => this.#wish(wanted, device),
      open: (wish) => this.#open(wish),
      trouble: (code, wish) => openTrouble(code, wish.port, 'udp'),
      shortfall: deafness,
      renew: (listener, { served }) => this.#renew(listener, served),
      close: (listener, done) => this.#close(listener, done),
      status: (base, listener) => this.#statusOf(base, listener),
      report: (status) => this.#sink?.onInterface(status),
    }
  }

  #look(): Map<string, Device> | undefined {
    const devices = this.#devices.list()
    const trouble = typeof devices === 'string' ? devices : ''
    if (trouble !== '' && this.#listTrouble === '')
      tell(this.#settings.log, 'DHCP4_INTERFACES_UNKNOWN', { trouble })
    this.#listTrouble = trouble
    if (typeof devices === 'string') return undefined
    this.#tellAddresses(devices)
    return devices
  }

  #tellAddresses(devices: ReadonlyMap<string, Device>): void {
    const all = [...devices.values()].flatMap(({ addresses }) => addresses)
    const text = all.map(({ address }) => address).join(' ')
    if (text === this.#addresses) return
    this.#addresses = text
    this.#sink?.onAddresses(localAddresses4(devices))
  }

  #wanted(devices: ReadonlyMap<string, Device>): readonly Wanted4[] {
    const wanted = wantedInterfaces(this.#interfaces, devices)
    this.#links = wanted.filter(({ name }) => devices.get(name)?.loopback !== true).length
    return wanted
  }

  #wish({ name, only }: Wanted4, device: Device | undefined): Wish4 | string {
    if (device === undefined) return this.#devices.trouble(name, 'IPv4 address')
    const served = servedAddresses(only, device)
    if (served.length === 0) return `${only.map(textFromIpv4).join(', ')} is not on the interface`
    const own = served.map((one) => one.address)
    const hears = !device.loopback && (this.#libc !== undefined || this.#links === 1)
    const { serverPort } = this.#settings
    const wish = socketsWish(name, serverPort, own, only.length === 0, hears, this.#libc)
    return { ...wish, device, served, layout: `${wish.addresses.join(' ')} ${wish.broadcasts}` }
  }

  #open(wish: Wish4): Listener4 | string {
    const { device, served } = wish
    const { name, index, loopback } = device
    const sockets = this.#passed.take(name, index) ?? openSockets4(wish)
    if (typeof sockets === 'string') return sockets
    const from = { name, index, addresses: served }
    const onError = (): void => this.#keeper.refreshSoon()
    const packetFd = this.#openPackets(device, sockets)
    const parts = [sockets, packetFd, this.#sink!, this.#drain, onError] as const
    const listener = new Listener4(from, loopback, ...parts)
    this.#hearApart(listener)
    const isSafe = loopback || this.#settings.hasDistant === false
    const leads = isSafe || this.#sender.leadsAnywhere(listener)
    tellReversePath(this.#settings.log, name, leads)
    return listener
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
    listener.from = { name: listener.name, index: listener.index, addresses }
    this.#hearApart(listener)
  }

  #hearApart(listener: Listener4): void {
    const { name, reply, from, packetFd, loopback } = listener
    const libc = this.#libc
    // It may have been opened for one address in the first place.
    if (libc === undefined || reply.address !== 0) return
    const wanted = from.addresses.map(({ address }) => address)
    listener.hearsApart = hearApart(listener, wanted, (address) => {
      const socket = openApart4(libc, name, reply, address)
      const isBare = packetFd < 0 && !loopback
      if (typeof socket !== 'string' && isBare) sendWithoutSums(libc, [socket])
      return socket
    })
  }

  #close(listener: Listener4, done: () => void): void {
    if (listener.packetFd >= 0) this.#libc?.close(listener.packetFd)
    if (!this.#passed.holds(listener.reply)) return listener.close(done)
    listener.release()
    done()
  }

  #statusOf(base: InterfaceStatus<never>, listener: Listener4 | undefined): InterfaceStatus4 {
    const unicast = listener !== undefined && this.#sender.canFrame(listener)
    const addresses = base.serving ? (listener?.from.addresses ?? []) : []
    return { ...base, unicast, addresses: addresses.map(({ address }) => address) }
  }

  #onSendError(listener: Listener4, error: string): void {
    if (!listener.errorsSeen.has(error)) {
      listener.errorsSeen.add(error)
      tell(this.#settings.log, 'DHCP4_SEND_FAIL', { interface: listener.name, error })
    }
    this.#keeper.sendFailed(error)
  }

  #onUndelivered({ source, sourcePort, target, why }: Undelivered<Ipv4>): void {
    for (const listener of this.#keeper.listeners()) {
      const isOwn = listener.from.addresses.some(({ address }) => address === source)
      if (!isOwn || listener.port !== sourcePort) continue
      listener.undeliverable++
      this.#sink?.onUndelivered(listener.from, target, why)
      return
    }
  }
}
