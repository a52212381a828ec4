// What the expressions of a legal log make of a message and its reply: the text of a line that
// takes the place of Kea's own.

import { type Text, textFor } from '../../classify/expression.ts'
import type { Facts } from '../../classify/facts.ts'
import type { LegalFormats } from '../../config/plan/notices-plan.ts'
import { Facts4 } from '../../dhcp4/facts4.ts'
import type { Trace4 } from '../../dhcp4/trace4.ts'
import { Facts6 } from '../../dhcp6/facts6.ts'
import type { Trace6 } from '../../dhcp6/trace6.ts'
import { textOfName } from '../../names/names.ts'
import type { Query4 } from '../../wire/v4/message.ts'
import { decode4, Message4 } from '../../wire/v4/reader.ts'
import type { Query6 } from '../../wire/v6/message.ts'
import { decodeReply6, Message6 } from '../../wire/v6/reader.ts'

export class OwnText4 {
  readonly #facts = new Facts4()
  readonly #reply = new Message4()

  /** Without a reply only the query speaks. Undefined where an expression has no value. */
  of(formats: LegalFormats, trace: Trace4, reply: Uint8Array | undefined): string | undefined {
    return textOf(formats, reply, {
      ofQuery: () => this.#about(trace.query, trace),
      ofReply: (bytes) => {
        decode4(this.#reply, bytes, 0, bytes.length, 'lenient')
        return this.#about(this.#reply, trace)
      },
    })
  }

  #about(message: Query4, { arrival, classes }: Trace4): Facts {
    this.#facts.begin(message, arrival, classes)
    this.#facts.decode()
    return this.#facts
  }
}

export class OwnText6 {
  readonly #facts = new Facts6()
  readonly #reply = new Message6()

  /** The same of DHCPv6, where what ends a lease has a reply, too. */
  of(formats: LegalFormats, trace: Trace6, reply: Uint8Array | undefined): string | undefined {
    return textOf(formats, reply, {
      ofQuery: () => this.#about(trace.query, trace),
      ofReply: (bytes) => {
        decodeReply6(this.#reply, bytes, 0, bytes.length)
        return this.#about(this.#reply, trace)
      },
    })
  }

  #about(message: Query6, { arrival, classes }: Trace6): Facts {
    this.#facts.begin(message, arrival, classes)
    return this.#facts
  }
}

interface Told {
  ofQuery(): Facts
  ofReply(bytes: Uint8Array): Facts
}

function textOf(
  { request, response }: LegalFormats,
  reply: Uint8Array | undefined,
  told: Told,
): string | undefined {
  const asked = formatted(request, () => told.ofQuery())
  if (asked === undefined || reply === undefined) return asked && shown(asked)
  const answered = formatted(response, () => told.ofReply(reply))
  return answered === undefined ? undefined : shown(asked + answered)
}

function formatted(format: Text | undefined, facts: () => Facts): string | undefined {
  return format === undefined ? '' : textFor(format, facts())
}

/** A client may say what a terminal would take for a command. Lines may end, as in Kea. */
function shown(text: string): string {
  return textOfName(text).replace(/[^\n\P{Cc}]/gu, '')
}
