// What the expressions of a legal log make of a message and its reply: the text of a line that
// takes the place of Kea's own.

import { type Text, textFor } from '../../classify/expression.ts'
import type { LegalFormats } from '../../config/plan/notices-plan.ts'
import { Facts4 } from '../../dhcp4/facts4.ts'
import type { Trace4 } from '../../dhcp4/trace4.ts'
import { textOfName } from '../../names/names.ts'
import { decode4, Message4 } from '../../wire/v4/reader.ts'

export class OwnText4 {
  readonly #facts = new Facts4()
  readonly #reply = new Message4()

  /** Without a reply only the query speaks. Undefined where an expression has no value. */
  of(formats: LegalFormats, trace: Trace4, reply: Uint8Array | undefined): string | undefined {
    const { arrival, classes, query } = trace
    const read = (format: Text | undefined, message: Message4 | typeof query) => {
      if (format === undefined) return ''
      this.#facts.begin(message, arrival, classes)
      this.#facts.decode()
      return textFor(format, this.#facts)
    }
    const asked = read(formats.request, query)
    if (asked === undefined || reply === undefined) return asked && shown(asked)
    decode4(this.#reply, reply, 0, reply.length, 'lenient')
    const answered = read(formats.response, this.#reply)
    return answered === undefined ? undefined : shown(asked + answered)
  }
}

/** A client may say what a terminal would take for a command. Lines may end, as in Kea. */
function shown(text: string): string {
  return textOfName(text).replace(/[^\n\P{Cc}]/gu, '')
}
