// What the log says of a command that changes something, or that was not permitted: who, from
// where, what, and what came of it. Secrets stay out of it, and so does what is long.

import type { MessageId } from '../catalogue/messages.ts'
import { withoutSecrets } from '../config/keys/secrets.ts'
import { type LogFields, tell } from '../ports/log.ts'
import { type Limits, LineLimit } from '../server/line-limit.ts'
import type { Answer, Asked, Command, ControlRoom } from './command.ts'
import { pieces } from './print.ts'

/** Characters of the arguments. */
const SHORT = 400

/** They count as writing in Kea, are asked every few seconds, and change nothing. */
const QUIET: ReadonlySet<string> = new Set(['ha-heartbeat', 'config-test'])

/** Lines of a user that is not permitted a command. */
const FORBIDDEN: Limits = { lines: 10, window: 60_000, kinds: 64 }

export class Audit {
  readonly #room: Pick<ControlRoom, 'log' | 'server'>
  readonly #forbidden = new LineLimit<string>(FORBIDDEN, (about, suppressed) =>
    tell(this.#room.log, 'CONTROL_FORBIDDEN_MORE', { about, suppressed }),
  )

  constructor(room: Pick<ControlRoom, 'log' | 'server'>) {
    this.#room = room
  }

  /** Who only reads is not noted. */
  answered({ access, name }: Command, asked: Asked, answer: Answer): void {
    if (access === 'read' || (QUIET.has(name) && answer.result === 0)) return
    const { id, fields } = auditLine(asked, answer)
    tell(this.#room.log, id, fields)
  }

  forbidden(asked: Asked): void {
    const { log, server } = this.#room
    const about = `${asked.asker.user} ${asked.command}`
    if (this.#forbidden.admits(about, server.now())) tell(log, 'CONTROL_FORBIDDEN', fieldsOf(asked))
  }
}

export function auditLine(
  asked: Asked,
  answer: Answer | 'forbidden',
): { id: MessageId; fields: LogFields } {
  if (answer === 'forbidden') return { id: 'CONTROL_FORBIDDEN', fields: fieldsOf(asked) }
  const { result, text = '' } = answer
  const id = result === 0 ? 'CONTROL_COMMAND' : 'CONTROL_COMMAND_NOT_DONE'
  return { id, fields: { ...fieldsOf(asked), result, answer: text.slice(0, SHORT) } }
}

function fieldsOf({ command, arguments: given, persona, asker }: Asked): LogFields {
  const { user, role, from, door } = asker
  return { command, server: persona, arguments: short(given), user, role: role.name, from, door }
}

function short(given: unknown): string {
  if (given === undefined) return ''
  // A whole configuration is not printed for its beginning.
  const [text = ''] = pieces(withoutSecrets(given))
  return text.length > SHORT ? `${text.slice(0, SHORT)}...` : text
}
