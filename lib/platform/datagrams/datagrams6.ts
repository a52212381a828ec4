// The network behind ports/datagrams6.ts: UDP sockets of Node, several an interface, with the Linux
// C library (through koffi, optional) for what Node cannot do.
//
//   selection6           which interfaces are asked for
//   interface-keeper     has them opened, and sees to it that they are served on
//   sockets6             the sockets; listener6 receives; sender6 sends
//   asked                a socket for each address of an interface
//   undeliverable6       what became of replies
//   devices6             the kernel's interfaces, and which addresses may be used

import { type Ipv6, textFromIpv6 } from '../../address/ipv6.ts'
import type { Interfaces6Plan } from '../../config/plan/plan6.ts'
import type { InterfaceStatus, Traffic } from '../../ports/datagrams.ts'
import type {
  DatagramSink6,
  Datagrams6,
  Interface6,
  InterfaceStatus6,
  Reply6,
} from '../../ports/datagrams6.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import { libcForDevices } from '../device-binding.ts'
import { addresses6, type Device6, devices6 } from '../devices6.ts'
import { Interfaces, sameAddresses } from '../interfaces.ts'
import { type Libc, SOCKADDR_IN6 } from '../libc.ts'
import { passedDevices } from '../systemd.ts'
import { hearApart } from './asked.ts'
import { Drain } from './drain.ts'
import { InterfaceKeeper, type KeeperDuties, type Wish } from './interface-keeper.ts'
import { Listener6 } from './listener6.ts'
import { PassedSockets } from './passed.ts'
import { type Wanted6, wantedInterfaces6 } from './selection6.ts'
import { Sender6 } from './sender6.ts'
import { adoptSockets6, openApart6, openSockets6, type SocketsWish6 } from './sockets6.ts'
import { openTrouble } from './trouble.ts'
import type { TurnPace } from './turn-pace.ts'
import type { Undeliverable, Undelivered } from './undeliverable.ts'
import { openUndeliverable6 } from './undeliverable6.ts'

export interface DatagramsSettings6 {
  readonly interfaces: Interfaces6Plan
  /**
   * UDP port that is listened on; 0 = any free one, another for each interface (`traffic` tells).
   */
  readonly serverPort: number
  readonly log?: Log
  /** False: no recvmmsg and sendmmsg, one datagram a call. Default true. */
  readonly accelerate?: boolean
  /** Under load the thread, the server's own, sleeps for a moment. Default: it does not. */
  readonly pace?: TurnPace | undefined
  /** Milliseconds between two looks at the devices. Default 1000. */
  readonly refreshEvery?: Millis
  /** False: never call the C library, as if koffi were not installed. Default true. */
  readonly native?: boolean
}

/** Nothing is opened before `open`. */
export function openDatagrams6(settings: DatagramsSettings6): Datagrams6 {
  return new SocketDatagrams6(settings)
}

/** What is opened for a device. */
interface Wish6 extends SocketsWish6, Wish {
  readonly device: Device6
  /** Asked for, and not there. */
  readonly missing: readonly Ipv6[]
}

type Duties = KeeperDuties<Wanted6, Device6, Wish6, Listener6, InterfaceStatus6>

class SocketDatagrams6 implements Datagrams6 {
  readonly #settings: DatagramsSettings6
  #interfaces: Interfaces6Plan
  readonly #libc: Libc | undefined
  readonly #devices: Interfaces
  readonly #keeper: InterfaceKeeper<
    Wanted6,
    Device6,
    Wish6,
    Interface6,
    Listener6,
    InterfaceStatus6
  >
  readonly #sender: Sender6
  readonly #undeliverable: Undeliverable<Ipv6> | undefined
  readonly #drain: Drain | undefined
  readonly #passed: PassedSockets<Ipv6>
  #listTrouble = ''
  /** As the sink was told of them, to see whether they have changed. */
  #addresses = ''
  /** Interfaces that are asked for, without loopback. */
  #links = 0
  #sink: DatagramSink6 | undefined

  constructor(settings: DatagramsSettings6) {
    this.#settings = settings
    this.#interfaces = settings.interfaces
    const libc = settings.native === false ? 'it is switched off' : libcForDevices()
    this.#libc = typeof libc === 'string' ? undefined : libc
    const batched = this.#libc !== undefined && settings.accelerate !== false
    this.#devices = new Interfaces(this.#libc)
    this.#keeper = new InterfaceKeeper(this.#devices, settings.refreshEvery, this.#duties())
    this.#drain = batched ? new Drain(this.#libc!, settings.pace, SOCKADDR_IN6) : undefined
    this.#sender = new Sender6(this.#libc, batched, (listener, error) =>
      this.#onSendError(listener, error),
    )
    this.#undeliverable = this.#libc && openUndeliverable6(this.#libc)
    const passed = passedDevices(6, this.#libc, process.env, process.pid, settings.log)
    this.#passed = new PassedSockets(passed, (descriptors, device) =>
      adoptSockets6(this.#libc!, descriptors, device),
    )
  }

  open(sink: DatagramSink6): void {
    this.#sink = sink
    this.#keeper.open(() =>
      this.#undeliverable?.read((undelivered) => this.#onUndelivered(undelivered)),
    )
  }

  send(replies: readonly Reply6[]): void {
    for (const reply of replies) {
      const listener = this.#keeper.listenerOf(reply.through)
      if (listener !== undefined) this.#sender.add(reply, listener)
    }
    this.#sender.flush()
  }

  select(interfaces: Interfaces6Plan): void {
    this.#interfaces = interfaces
    this.#keeper.select()
  }

  interfaces(): readonly Interface6[] {
    return Array.from(this.#keeper.listeners(), ({ from }) => from)
  }

  status(): readonly InterfaceStatus6[] {
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
      unwanted: (name) => ({ name, addresses: [] }),
      get all() {
        return { isAsked: isAsked(), trouble: 'no interface is up and has an IPv6 address' }
      },
      wish: (wanted, device) => this.#wish(wanted, device),
      open: (wish) => this.#open(wish),
      trouble: (code, wish) => openTrouble(code, wish.port, 'udp6'),
      shortfall: ({ missing }) =>
        missing.length === 0
          ? ''
          : `${missing.map(textFromIpv6).join(', ')} is not on the interface`,
      renew: (listener, { device }) => this.#renew(listener, device),
      close: (listener, done) => this.#close(listener, done),
      status: (base, listener) => statusOf(base, listener),
      report: (status) => this.#sink?.onInterface(status),
    }
  }

  #look(): Map<string, Device6> | undefined {
    const rows = addresses6()
    const trouble = typeof rows === 'string' ? rows : ''
    if (trouble !== '' && this.#listTrouble === '')
      tell(this.#settings.log, 'DHCP6_INTERFACES_UNKNOWN', { trouble })
    this.#listTrouble = trouble
    if (typeof rows === 'string') return undefined
    this.#tellAddresses(rows.map(({ address }) => address))
    return devices6(this.#devices, rows)
  }

  #tellAddresses(addresses: readonly Ipv6[]): void {
    const text = addresses.join('')
    if (text === this.#addresses) return
    this.#addresses = text
    this.#sink?.onAddresses(addresses)
  }

  #wanted(devices: ReadonlyMap<string, Device6>): readonly Wanted6[] {
    const wanted = wantedInterfaces6(this.#interfaces, devices)
    this.#links = wanted.filter(({ name }) => devices.get(name)?.loopback !== true).length
    return wanted
  }

  #wish({ name, addresses }: Wanted6, device: Device6 | undefined): Wish6 | string {
    if (device === undefined) return this.#devices.trouble(name, 'IPv6 link-local address')
    if (device.trouble !== '') return device.trouble
    const { index, linkLocal } = device
    const own = device.addresses.map(({ address }) => address)
    const missing = addresses.filter((address) => !own.includes(address))
    const isOnlyLink = this.#links === 1
    const libc = this.#libc
    // With the device every address is heard; without, each needs a socket.
    const layout = libc === undefined ? `${isOnlyLink} ${linkLocal} ${own.join(' ')}` : 'device'
    const place = { name, index, port: this.#settings.serverPort, linkLocal, addresses: own }
    return { ...place, isOnlyLink, libc, device, missing, layout }
  }

  #open(wish: Wish6): Listener6 | string {
    const sockets = this.#passed.take(wish.name, wish.index) ?? openSockets6(wish)
    if (typeof sockets === 'string') return sockets
    const onError = (): void => this.#keeper.refreshSoon()
    const { device } = wish
    const from = interfaceOf(device)
    const listener = new Listener6(
      from,
      device.loopback,
      sockets,
      this.#sink!,
      this.#drain,
      onError,
    )
    this.#hearApart(listener)
    return listener
  }

  #close(listener: Listener6, done: () => void): void {
    if (!this.#passed.holds(listener.reply)) return listener.close(done)
    listener.release()
    done()
  }

  /** Gives the listener a new interface object when the addresses have changed. */
  #renew(listener: Listener6, device: Device6): void {
    const { from } = listener
    const isSame =
      from.linkLocal === device.linkLocal && sameAddresses(from.addresses, device.addresses)
    if (!isSame) listener.from = interfaceOf(device)
    if (!isSame || !listener.hearsApart) this.#hearApart(listener)
  }

  #hearApart(listener: Listener6): void {
    const libc = this.#libc
    if (libc === undefined) return
    const wanted = listener.from.addresses.map(({ address }) => address)
    listener.hearsApart = hearApart(listener, wanted, (address) =>
      openApart6(libc, listener, listener.reply, address),
    )
  }

  #onSendError(listener: Listener6, error: string): void {
    if (!listener.errorsSeen.has(error)) {
      listener.errorsSeen.add(error)
      tell(this.#settings.log, 'DHCP6_SEND_FAIL', { interface: listener.name, error })
    }
    this.#keeper.sendFailed(error)
  }

  #onUndelivered({ source, sourcePort, target, why }: Undelivered<Ipv6>): void {
    for (const listener of this.#keeper.listeners()) {
      const isOwn = listener.from.addresses.some(({ address }) => address === source)
      if (!isOwn || listener.port !== sourcePort) continue
      listener.undeliverable++
      this.#sink?.onUndelivered(listener.from, target, why)
      return
    }
  }
}

function interfaceOf({ name, index, linkLocal, addresses }: Device6): Interface6 {
  return { name, index, linkLocal, addresses }
}

function statusOf(base: InterfaceStatus<never>, listener: Listener6 | undefined): InterfaceStatus6 {
  const addresses = base.serving ? (listener?.from.addresses ?? []) : []
  return { ...base, addresses: addresses.map(({ address }) => address) }
}
