// What the log says of a command that changes something, or that was not permitted: who, from
// where, what, and what came of it. Secrets stay out of it, and so does what is long.

import type { MessageId } from '../catalogue/messages.ts'
import { withoutSecrets } from '../config/keys/secrets.ts'
import type { LogFields } from '../ports/log.ts'
import type { Answer, Asked } from './command.ts'
import { printed } from './print.ts'

/** Characters of the arguments. */
const SHORT = 400

export function auditLine(
  { command, arguments: given, persona, asker }: Asked,
  answer: Answer | 'forbidden',
): { id: MessageId; fields: LogFields } {
  const { user, role, from, door } = asker
  const who = { user, role: role.name, from, door }
  const what = { command, server: persona, arguments: short(given) }
  if (answer === 'forbidden') return { id: 'CONTROL_FORBIDDEN', fields: { ...what, ...who } }
  const { result, text = '' } = answer
  const id = result === 0 ? 'CONTROL_COMMAND' : 'CONTROL_COMMAND_NOT_DONE'
  return { id, fields: { ...what, ...who, result, answer: text.slice(0, SHORT) } }
}

function short(given: unknown): string {
  if (given === undefined) return ''
  const text = printed(withoutSecrets(given))
  return text.length > SHORT ? `${text.slice(0, SHORT)}...` : text
}
