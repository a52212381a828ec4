// `whio why CLIENT`: what the server that runs on this machine answered a client last, and why.

import { parseArgs } from 'node:util'
import { labelled, type Paint } from '../explain/report-lines.ts'
import type { ClientReport, OutcomeReport, WhyReport } from '../explain/why4.ts'
import type { Millis } from '../time/units.ts'
import { askOnlyServer, askServer, isAnswer } from './find-server.ts'
import { paint } from './paint.ts'
import { printable } from './printable.ts'
import { CONFIG_OPTIONS, oneConfigFile, UsageError } from './usage.ts'

const PATIENCE: Millis = 5000

/** Exit code 0: something is known; 1: nobody answered, or nothing is known of such a client. */
export async function why(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...CONFIG_OPTIONS, json: { type: 'boolean', default: false } },
  })
  const [about] = positionals
  if (about === undefined || positionals.length > 1)
    throw new UsageError(
      'name one client: its hardware address, address, client identifier, DUID or name',
    )
  const reply =
    values.config === undefined
      ? await askOnlyServer('why', PATIENCE, about)
      : await askServer(oneConfigFile(values), 'why', PATIENCE, about)
  if (!isAnswer(reply) || !reply.allowed) {
    process.stderr.write(`whio why: ${reply.why}\n`)
    return 1
  }
  const told = reply.told as WhyReport
  const lines = values.json ? [JSON.stringify(told, undefined, 2)] : linesOf(told, paint())
  process.stdout.write(`${lines.join('\n')}\n`)
  return told.clients.length > 0 ? 0 : 1
}

/** `now`: so many milliseconds since 1970. */
export function linesOf(told: WhyReport, style: Paint, now = Date.now()): string[] {
  const { about, clients, unheard } = told
  if (unheard !== undefined)
    return [
      style('bad', `nothing was heard of ${printable(about)}`),
      ...unheard.heard.flatMap((text, at) => labelled(at === 0 ? 'heard' : '', printable(text))),
      ...unheard.check.flatMap((text, at) => labelled(at === 0 ? 'check' : '', printable(text))),
    ]
  return clients.flatMap((client, at) => [
    ...(at === 0 ? [] : ['']),
    ...clientLines(client, style, now),
  ])
}

function clientLines(client: ClientReport, style: Paint, now: number): string[] {
  const { hwAddress, clientId, duid, outcomes, leases, reservations, verdict, help } = client
  const names = [
    ...(duid === undefined ? [] : [`duid ${duid}`]),
    hwAddress,
    ...(clientId === '' ? [] : [`client-id ${clientId}`]),
  ]
  const isGood = ['served', 'an address is offered to it', 'it gave its address back'].includes(
    verdict,
  )
  return [
    `${style('head', names.filter((name) => name !== '').join(', '))}: ${style(isGood ? 'good' : 'bad', verdict)}`,
    ...help.flatMap((text) => labelled('', `- ${printable(text)}`, 2, 2)),
    ...leases.flatMap((text, at) => labelled(at === 0 ? 'leases' : '', printable(text))),
    ...reservations.flatMap((text, at) => labelled(at === 0 ? 'reserved' : '', printable(text))),
    ...outcomes.flatMap((outcome) => outcomeLines(outcome, style, now)),
  ]
}

/** `14:05:12  DISCOVER -> OFFER of 192.0.2.10 ...` */
function outcomeLines(outcome: OutcomeReport, style: Paint, now: number): string[] {
  const { lastAgo, firstAgo, times, message, answer, address, why, from, subnet, classes } = outcome
  const isBad = answer === 'silence' || answer === 'NAK'
  const of = address === '' ? '' : isBad ? ` (${address})` : ` of ${address}`
  const because = why === '' ? '' : `: ${why}`
  const where = [
    ...(from === '' ? [] : [from]),
    ...(subnet === '' ? [] : [`subnet ${subnet}`]),
    ...(classes.length === 0 ? [] : [`class ${classes.join(', ')}`]),
    ...(times === 1 ? [] : [`${times} times since ${clockOf(now - firstAgo)}`]),
  ]
  const [first = '', ...rest] = labelled(
    clockOf(now - lastAgo),
    `${message} -> ${answer}${of}${because}`,
  )
  return [
    isBad ? first.replace(answer, style('bad', answer)) : first,
    ...rest,
    ...labelled('', printable(where.join(', '))).map((line) => style('dim', line)),
  ]
}

/** UTC, as all that Whio tells: `14:05:12`. */
function clockOf(wall: number): string {
  return new Date(wall).toISOString().slice(11, 19)
}
