// A report as lines for people: what an operator reads once, from top to bottom.

import { OPTION4 } from '../wire/v4/codes.ts'
import type { ClassReport } from './class-report.ts'
import type { Explained } from './explain4.ts'
import { type HostsKnown, hostsText, type Known, noReservationText } from './hosts-known.ts'
import type { MissingOption, OptionReport } from './option-report.ts'
import type { ReservationReport, StepReport } from './report4.ts'
import { listText, secondsText } from './words4.ts'

/** How something stands out on a terminal; elsewhere the text stays as it is. */
export type Style = 'head' | 'good' | 'bad' | 'dim'
export type Paint = (style: Style, text: string) => string

const LABEL = 13
const WIDTH = 100
/** A DUID of a hardware address and a time has it. */
const VALUE_MAX = 41

/** All of it. */
export function explainedLines(explained: Explained, known: Known, paint: Paint): string[] {
  const { steps } = explained
  return [
    ...clientLines(explained, known),
    ...steps.flatMap((step, at) =>
      stepLines(step, known.hosts, paint, at === 0 ? undefined : steps[0]),
    ),
  ]
}

/** Who asks, and what was made up. */
export function clientLines(
  { client, says, asksFor, assumes, server }: Omit<Explained, 'steps'>,
  { leases, hosts }: Known,
): string[] {
  const who = Object.entries(client).map(([name, value]) => `${name} ${value}`)
  return [
    ...labelled('client', who.join(', ')),
    ...says.flatMap(({ code, name, value }, at) =>
      labelled(at === 0 ? 'says' : '', `${name} (${code}) ${value}`),
    ),
    ...(asksFor.length === 0 ? [] : labelled('asks for', asksFor.join(' '))),
    ...assumes.flatMap((text, at) => labelled(at === 0 ? 'assumed' : '', text)),
    ...labelled('leases', leases),
    ...hosts.flatMap((one, at) => labelled(at === 0 ? 'hosts' : '', hostsText(one))),
    ...(server === undefined ? [] : labelled('server', `${server.name}: ${server.why}`)),
  ]
}

/** `label        text`, text that is too long goes on below itself. */
export function labelled(label: string, text: string, width = LABEL, hang = 0): string[] {
  const [first = '', ...rest] = wrapped(text, WIDTH - width - hang)
  const below = ' '.repeat(width + hang)
  return [`${label.padEnd(width)}${first}`.trimEnd(), ...rest.map((one) => below + one)]
}

export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** `before`: what was told of the message before, which need not be said again. */
function stepLines(
  step: StepReport,
  hosts: readonly HostsKnown[],
  paint: Paint,
  before?: StepReport,
): string[] {
  return [
    '',
    headLine(step, paint),
    ...step.help.flatMap((text) => labelled('', `- ${text}`, 2, 2)),
    ...(before === undefined
      ? bodyLines(step, hosts, paint)
      : differences(step, hosts, before, paint)),
  ]
}

function headLine({ message, answer, address, why }: StepReport, paint: Paint): string {
  const isBad = answer === 'silence' || answer === 'NAK'
  const of = address === '' || answer === 'silence' ? '' : ` of ${address}`
  const because = why === '' ? '' : `: ${why}`
  return `${paint('head', message)} -> ${paint(isBad ? 'bad' : 'good', answer + of)}${because}`
}

function bodyLines(step: StepReport, hosts: readonly HostsKnown[], paint: Paint): string[] {
  const { classes, subnet, pool, found, stands, lifetime, boot, options, sentTo } = step
  return [
    ...classLines(classes, paint),
    ...subnetLines(step),
    ...(subnet === undefined ? [] : reservationLines(step, hosts)),
    ...(found === '' ? [] : labelled('address', `${step.address}: ${found}`)),
    ...(stands === '' ? [] : labelled('address', stands)),
    ...(step.isAskedForOnTheWire
      ? labelled('', 'before the offer it is asked for on the wire whether somebody has it')
      : []),
    ...(found === '' ? [] : labelled('pool', pool === '' ? 'none: it is outside of them' : pool)),
    ...(lifetime === undefined
      ? []
      : labelled(
          'lifetime',
          [`${secondsText(lifetime.seconds)} (${lifetime.from})`, ...lifetime.remarks].join('; '),
        )),
    ...boot.flatMap(({ field, value, from, key }, at) =>
      labelled(at === 0 ? 'boot' : '', `${field} ${value} (${key}, ${from})`),
    ),
    ...(sentTo === '' ? [] : labelled('sent to', sentTo)),
    ...optionLines(options.sent, paint),
    ...missingLines(options.missing, paint),
  ]
}

/** Where no subnet fits and nothing is answered, that has been said. */
function subnetLines({ subnet, answer }: StepReport): string[] {
  if (subnet === undefined) return answer === 'ACK' ? labelled('subnet', 'none') : []
  const { id, prefix, network, why } = subnet
  return labelled('subnet', `${prefix} (id ${id})${ofNetwork(network)}: ${why}`)
}

export function ofNetwork(network: string): string {
  return network === '' ? '' : ` of network ${network}`
}

export function classLines(classes: readonly ClassReport[], paint: Paint): string[] {
  const told = classes.filter(({ name }) => name !== 'ALL')
  return told.flatMap(({ name, isMember, reasons }, at) => {
    const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
    const [first = '', ...rest] = labelled(
      at === 0 ? 'classes' : '',
      `${isMember ? '+' : '-'} ${name}${because}`,
      LABEL,
      2,
    )
    return isMember ? [first, ...rest] : [first, ...rest].map((line) => paintText(line, paint))
  })
}

/** Dim, but for what stands in the first column. */
function paintText(line: string, paint: Paint): string {
  return line.slice(0, LABEL) + paint('dim', line.slice(LABEL))
}

function reservationLines(
  { reservation, lookedUpBy }: StepReport,
  hosts: readonly HostsKnown[],
): string[] {
  if (reservation === undefined)
    return labelled('reservation', noReservationText(lookedUpBy, hosts))
  return labelled('reservation', reservationText(reservation))
}

export function reservationText({
  by,
  address,
  hostname,
  classes,
  isGlobal,
}: ReservationReport): string {
  const gives = [
    ...(address === '' ? [] : [address]),
    ...(hostname === '' ? [] : [`the name ${hostname}`]),
    ...(classes.length === 0 ? [] : [`class ${listText(classes)}`]),
  ]
  const given = gives.length === 0 ? 'no address' : listText(gives)
  return `by ${by}: ${given}${isGlobal ? ' (global)' : ''}`
}

export function optionLines(options: readonly OptionReport[], paint: Paint): string[] {
  if (options.length === 0) return []
  const nameWidth = Math.min(30, Math.max(...options.map(({ name }) => name.length)))
  const valueWidth = Math.min(VALUE_MAX, Math.max(...options.map(({ value }) => value.length)))
  const told = options.filter(({ code }) => code !== OPTION4.messageType)
  const lines = told.map(({ code, name, value, from }) => {
    const head = `${`${code}`.padStart(5)}  ${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}`
    return `${head}  ${paint('dim', from)}`
  })
  return [paint('head', 'options of the reply'), ...lines]
}

export function missingLines(missing: readonly MissingOption[], paint: Paint): string[] {
  const lines: string[] = []
  const asked = missing.filter(({ isAskedFor }) => isAskedFor)
  const others = missing.filter(({ isAskedFor }) => !isAskedFor)
  const nothing = asked.filter(({ why }) => why.startsWith('nothing gives'))
  const told = asked.filter((one) => !nothing.includes(one))
  if (asked.length > 0) lines.push(paint('head', 'asked for, and not in the reply'))
  lines.push(...told.map(missingLine))
  if (nothing.length > 0) {
    const names = nothing.map(({ code, name }) => `${name} (${code})`)
    lines.push(...labelled('', `no level that counts gives a value: ${names.join(', ')}`, 7))
  }
  if (others.length > 0) lines.push(paint('head', 'configured, and not in the reply'))
  lines.push(...others.map(missingLine))
  return lines
}

function missingLine({ code, name, why }: MissingOption): string {
  return `${`${code}`.padStart(5)}  ${name}: ${why}`
}

/** Of the REQUEST after an OFFER mostly nothing is new. */
function differences(
  step: StepReport,
  hosts: readonly HostsKnown[],
  before: StepReport,
  paint: Paint,
): string[] {
  const isSame = (key: keyof StepReport) =>
    JSON.stringify(step[key]) === JSON.stringify(before[key])
  if (step.answer !== 'ACK') return bodyLines(step, hosts, paint)
  const lines: string[] = []
  if (!isSame('classes')) lines.push(...classLines(step.classes, paint))
  const { lifetime } = step
  if (lifetime !== undefined && lifetime.seconds !== before.lifetime?.seconds)
    lines.push(...labelled('lifetime', `${secondsText(lifetime.seconds)} (${lifetime.from})`))
  const isSameReply = withoutType(step) === withoutType(before) && isSame('boot')
  if (isSameReply) lines.push(...labelled('options', 'as in the OFFER'))
  else lines.push(...optionLines(step.options.sent, paint))
  return lines
}

function withoutType({ options }: StepReport): string {
  return JSON.stringify(options.sent.filter(({ code }) => code !== OPTION4.messageType))
}
