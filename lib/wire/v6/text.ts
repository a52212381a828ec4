// A DHCPv6 message as a listing, a line for each header and option, with what is inside of an
// option indented below it: for people. What the reader ignored is not listed.

import { textFromIpv6 } from '../../address/ipv6.ts'
import type { Octets } from '../../bytes/octets.ts'
import { printOption } from '../options/print.ts'
import { OptionRegistry } from '../options/registry.ts'
import { MESSAGE_TYPE6, OPTION6 } from './codes.ts'
import type { Ia6, IaEntry6, Options6, Query6, Relay6 } from './message.ts'

/** The lines of a message that was decoded. */
export function linesOfMessage6(
  message: Query6,
  registry: OptionRegistry = OptionRegistry.standard6,
): string[] {
  const print = new Listing(registry)
  for (const [index, relay] of message.relays.entries()) print.relay(index, relay)
  print.message(message)
  return print.lines
}

class Listing {
  readonly lines: string[] = []
  readonly #registry: OptionRegistry

  constructor(registry: OptionRegistry) {
    this.#registry = registry
  }

  relay(index: number, relay: Relay6): void {
    const link = textFromIpv6(relay.linkAddress)
    const peer = textFromIpv6(relay.peerAddress)
    this.#add(0, `relay ${index}: hop count ${relay.hopCount}, link ${link}, peer ${peer}`)
    for (const [code, data] of pairs(relay))
      if (code !== OPTION6.relayMessage) this.#option(1, code, data)
  }

  message(message: Query6): void {
    this.#add(0, `message ${message.type} ${nameOf(message.type)}`)
    this.#add(0, `xid 0x${message.xid.toString(16).padStart(6, '0')}`)
    let ias = 0
    for (const [code, data] of pairs(message)) {
      const isIa = code === OPTION6.iaNa || code === OPTION6.iaPd
      if (!isIa) this.#option(0, code, data)
      else if (ias < message.ias.length) this.#ia(message.ias[ias++]!)
    }
  }

  #ia(ia: Ia6): void {
    this.#head(0, ia.kind, `iaid ${ia.iaid}, t1 ${ia.t1}, t2 ${ia.t2}`)
    const entryCode = ia.kind === OPTION6.iaNa ? OPTION6.iaAddress : OPTION6.iaPrefix
    let entries = 0
    for (const [code, data] of pairs(ia))
      if (code !== entryCode) this.#option(1, code, data)
      else if (entries < ia.entries.length) this.#entry(code, ia.entries[entries++]!)
  }

  #entry(code: number, entry: IaEntry6): void {
    const address = textFromIpv6(entry.key.slice(1))
    const key = code === OPTION6.iaPrefix ? `${address}/${entry.key.charCodeAt(0)}` : address
    this.#head(1, code, `${key}, preferred ${entry.preferred}, valid ${entry.valid}`)
    for (const [inside, data] of pairs(entry)) this.#option(2, inside, data)
  }

  #option(depth: number, code: number, data: Octets): void {
    const definition = this.#registry.byCode('dhcp6', code)
    // RFC 4704 §4.2: a name that is a part of one has no end.
    const isPart = code === OPTION6.fqdn && !data.endsWith('\0') && data.length > 1
    const text = printOption(definition, isPart ? `${data}\0` : data, this.#registry)
    this.#head(depth, code, isPart ? text.replace(/\.$/, '') : text)
  }

  #head(depth: number, code: number, text: string): void {
    const name = this.#registry.byCode('dhcp6', code)?.name ?? '?'
    this.#add(depth, `option ${code} ${name}: ${text}`)
  }

  #add(depth: number, line: string): void {
    this.lines.push(`${'  '.repeat(depth)}${line}`.trimEnd())
  }
}

/** `solicit`, or `?`. */
function nameOf(type: number): string {
  return Object.entries(MESSAGE_TYPE6).find(([, number]) => number === type)?.[0] ?? '?'
}

/** In the order of the wire; of a code that comes again, the next value each time. */
function pairs(options: Options6): (readonly [code: number, data: Octets])[] {
  const seen = new Map<number, number>()
  return options.codes().map((code) => {
    const instance = seen.get(code) ?? 0
    seen.set(code, instance + 1)
    return [code, options.all(code)[instance] ?? ''] as const
  })
}
