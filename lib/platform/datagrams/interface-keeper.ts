// Keeps the interfaces that are asked for in service, whichever family of addresses is served on
// them: once a second, and after an error that says the device is gone, the devices are looked at
// again. Whatever is asked for and not served is opened, whatever has changed is bound anew, and
// each change is told. Nothing is given up for good.

import type { InterfaceStatus, Traffic } from '../../ports/datagrams.ts'
import type { Millis } from '../../time/units.ts'
import type { Interfaces } from '../interfaces.ts'

const REFRESH_EVERY: Millis = 1000

/** The name under which status tells that `*` matches nothing. */
export const ALL = '*'

/** Errors that say that the device has changed under the socket. */
const GONE: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'ENODEV',
  'ENETDOWN',
  'ENETUNREACH',
  'ENXIO',
])

/** An interface while it is served. */
export interface Served<Link> {
  readonly name: string
  readonly index: number
  /** What the sink is told; replaced when the addresses change. */
  from: Link
  traffic(): Traffic
}

/** What is to be opened; another layout means: anew. */
export interface Wish {
  readonly layout: string
}

/**
 * What the family does. `Wanted` is what is asked of an interface, `Device` what the kernel says of
 * it.
 */
export interface KeeperDuties<
  Wanted extends { readonly name: string },
  Device,
  Wished extends Wish,
  Listener,
  Status,
> {
  /** The devices that could be served by name; undefined: they cannot be told at present. */
  look(): ReadonlyMap<string, Device> | undefined
  wanted(devices: ReadonlyMap<string, Device>): readonly Wanted[]
  /** What a device that appeared by `*` is asked for once it is not wanted any more. */
  unwanted(name: string): Wanted
  /** Whether `*` is asked for, and what to say where it matches nothing. */
  readonly all: { readonly isAsked: boolean; readonly trouble: string }
  /** What to open; or why the interface cannot be served. */
  wish(wanted: Wanted, device: Device | undefined): Wished | string
  /** The listener, or the errno name of what failed. */
  open(wish: Wished): Listener | string
  /** Why it failed, in words. */
  trouble(code: string, wish: Wished): string
  /** What the interface misses although it is served; '' = nothing. */
  shortfall(wish: Wished): string
  /** The same sockets serve on, perhaps with other addresses. */
  renew(listener: Listener, wish: Wished): void
  close(listener: Listener, done: () => void): void
  status(base: InterfaceStatus<never>, listener: Listener | undefined): Status
  report(status: Status): void
}

/** An interface that is asked for, served or not. */
interface Entry<Listener, Status> {
  readonly name: string
  listener: Listener | undefined
  /** What the sockets were opened for; a different text means: open them anew. */
  layout: string
  /** Code of the last failure to open, so that its trouble is put into words once. */
  failure: string
  status: Status
  /** The same as text, to see whether it has changed. */
  told: string
}

export class InterfaceKeeper<
  Wanted extends { readonly name: string },
  Device,
  Wished extends Wish,
  Link,
  Listener extends Served<Link>,
  Status,
> {
  readonly #devices: Interfaces
  readonly #refreshEvery: Millis
  readonly #duties: KeeperDuties<Wanted, Device, Wished, Listener, Status>
  readonly #entries = new Map<string, Entry<Listener, Status>>()
  readonly #listeners = new Map<Link, Listener>()
  #isOpen = false
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Immediate | undefined
  #closing = 0
  #onClosed: (() => void) | undefined
  #closed = false

  constructor(
    devices: Interfaces,
    refreshEvery: Millis = REFRESH_EVERY,
    duties: KeeperDuties<Wanted, Device, Wished, Listener, Status>,
  ) {
    this.#devices = devices
    this.#refreshEvery = refreshEvery
    this.#duties = duties
  }

  /** `atLook` is called before each further look at the devices. */
  open(atLook: () => void): void {
    this.#isOpen = true
    this.refresh()
    if (this.#closed) return
    this.#timer = setInterval(() => {
      atLook()
      this.refresh()
    }, this.#refreshEvery)
  }

  /** The listener of an interface, also by an object of it that was replaced meanwhile. */
  listenerOf(link: Link & { readonly name: string }): Listener | undefined {
    return this.#listeners.get(link) ?? this.#entries.get(link.name)?.listener
  }

  listeners(): Iterable<Listener> {
    return this.#listeners.values()
  }

  /** Others are wanted from now on. */
  select(): void {
    if (!this.#isOpen) return
    const devices = this.#duties.look()
    if (devices === undefined) return
    const wanted = new Set(this.#duties.wanted(devices).map((one) => one.name))
    for (const entry of this.#entries.values()) {
      if (wanted.has(entry.name)) continue
      this.#closeListener(entry)
      this.#entries.delete(entry.name)
    }
    this.refresh()
  }

  status(): readonly Status[] {
    return [...this.#entries.values()].map((entry) => entry.status)
  }

  traffic(): readonly Traffic[] {
    return [...this.#listeners.values()].map((listener) => listener.traffic())
  }

  /** `others`: what is to be closed besides, each with its own end. */
  close(others: readonly ((done: () => void) => void)[], done: () => void): void {
    this.#closed = true
    clearInterval(this.#timer)
    clearImmediate(this.#soon)
    for (const entry of this.#entries.values()) this.#closeListener(entry)
    this.#entries.clear()
    for (const close of others) this.#countClosing(close)
    this.#onClosed = done
    if (this.#closing === 0) setImmediate(() => this.#tellClosed())
  }

  #tellClosed(): void {
    const done = this.#onClosed
    this.#onClosed = undefined
    done?.()
  }

  refresh(): void {
    const devices = this.#duties.look()
    if (devices === undefined) return
    const wanted = this.#duties.wanted(devices)
    for (const one of wanted) {
      // The sink may have closed us when it was told of the one before.
      if (this.#closed) return
      this.#refreshEntry(this.#entryOf(one.name), one, devices.get(one.name))
    }
    if (this.#closed) return
    this.#forgetUnwanted(wanted)
    this.#tellNothing(wanted.length)
  }

  /** A look at the devices in the next turn of the event loop, at most one. */
  refreshSoon(): void {
    if (this.#closed || this.#soon !== undefined) return
    this.#soon = setImmediate(() => {
      this.#soon = undefined
      this.refresh()
    })
  }

  /** A reply could not be sent: perhaps the device has changed. */
  sendFailed(error: string): void {
    if (GONE.has(error)) this.refreshSoon()
  }

  #entryOf(name: string): Entry<Listener, Status> {
    const former = this.#entries.get(name)
    if (former !== undefined) return former
    const status = this.#duties.status({ name, serving: false, trouble: '' }, undefined)
    const blank = { name, listener: undefined, layout: '', failure: '' }
    const entry: Entry<Listener, Status> = { ...blank, status, told: JSON.stringify(status) }
    this.#entries.set(name, entry)
    return entry
  }

  #refreshEntry(entry: Entry<Listener, Status>, wanted: Wanted, device: Device | undefined): void {
    if (entry.listener !== undefined && entry.listener.index !== this.#devices.indexOf(entry.name))
      this.#closeListener(entry)
    const wish = this.#duties.wish(wanted, device)
    if (typeof wish === 'string') return this.#pause(entry, wish, device !== undefined)
    if (entry.listener !== undefined && entry.layout !== wish.layout) this.#closeListener(entry)
    entry.layout = wish.layout
    if (entry.listener === undefined) this.#openListener(entry, wish)
    else this.#renew(entry.listener, wish)
    if (entry.listener !== undefined) this.#report(entry, true, this.#duties.shortfall(wish))
  }

  /**
   * Not servable now. The sockets stay open while the device is merely down, so that nothing is
   * missed when it comes back; without an address they are closed, for no reply could be sent.
   */
  #pause(entry: Entry<Listener, Status>, trouble: string, isThere: boolean): void {
    if (isThere || this.#devices.isUp(entry.name)) this.#closeListener(entry)
    entry.failure = ''
    this.#report(entry, false, trouble)
  }

  #openListener(entry: Entry<Listener, Status>, wish: Wished): void {
    const listener = this.#duties.open(wish)
    if (typeof listener === 'string') {
      const isNew = entry.failure !== listener
      entry.failure = listener
      if (isNew) this.#report(entry, false, this.#duties.trouble(listener, wish))
      return
    }
    entry.failure = ''
    entry.listener = listener
    this.#listeners.set(listener.from, listener)
  }

  /** Its interface object may be another one afterwards. */
  #renew(listener: Listener, wish: Wished): void {
    const { from } = listener
    this.#duties.renew(listener, wish)
    if (listener.from === from) return
    this.#listeners.delete(from)
    this.#listeners.set(listener.from, listener)
  }

  #closeListener(entry: Entry<Listener, Status>): void {
    const { listener } = entry
    if (listener === undefined) return
    entry.listener = undefined
    this.#listeners.delete(listener.from)
    this.#countClosing((done) => this.#duties.close(listener, done))
  }

  /** The last one to close ends the close of all. */
  #countClosing(close: (done: () => void) => void): void {
    this.#closing++
    close(() => {
      this.#closing--
      if (this.#closing === 0) this.#tellClosed()
    })
  }

  /** An interface that `*` brought in stays in the status while its device exists. */
  #forgetUnwanted(wanted: readonly Wanted[]): void {
    for (const entry of this.#entries.values()) {
      if (entry.name === ALL || wanted.some((one) => one.name === entry.name)) continue
      this.#refreshEntry(entry, this.#duties.unwanted(entry.name), undefined)
      if (this.#devices.indexOf(entry.name) === 0) this.#entries.delete(entry.name)
    }
  }

  #tellNothing(wanted: number): void {
    const { isAsked, trouble } = this.#duties.all
    if (!isAsked) return
    if (wanted > 0) this.#entries.delete(ALL)
    else this.#report(this.#entryOf(ALL), false, trouble)
  }

  #report(entry: Entry<Listener, Status>, serving: boolean, trouble: string): void {
    const refused = entry.failure === '' ? {} : { refused: entry.failure }
    const base = { name: entry.name, serving, trouble, ...refused }
    const status = this.#duties.status(base, entry.listener)
    const text = JSON.stringify(status)
    if (text === entry.told) return
    entry.told = text
    entry.status = status
    this.#duties.report(status)
  }
}
