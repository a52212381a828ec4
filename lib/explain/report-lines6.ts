// A report about a client of DHCPv6 as lines for people: see report-lines.ts.

import type { Explained6 } from './explain6.ts'
import { type HostsKnown, type Known, noReservationText } from './hosts-known.ts'
import {
  classLines,
  clientLines,
  labelled,
  missingLines,
  ofNetwork,
  optionLines,
  type Paint,
  reservationText,
} from './report-lines.ts'
import type { IaReport, StepReport6 } from './report6.ts'
import { secondsText } from './words4.ts'

/** All of it. */
export function explainedLines6(explained: Explained6, known: Known, paint: Paint): string[] {
  const { steps } = explained
  return [
    ...clientLines(explained, known),
    ...steps.flatMap((step, at) =>
      stepLines(step, known.hosts, paint, at === 0 ? undefined : steps[0]),
    ),
  ]
}

/** `before`: what was told of the message before, which need not be said again. */
function stepLines(
  step: StepReport6,
  hosts: readonly HostsKnown[],
  paint: Paint,
  before?: StepReport6,
): string[] {
  const isNew = (key: keyof StepReport6) =>
    before === undefined || JSON.stringify(step[key]) !== JSON.stringify(before[key])
  return [
    '',
    headLine(step, paint),
    ...step.help.flatMap((text) => labelled('', `- ${text}`, 2, 2)),
    ...(isNew('classes') ? classLines(step.classes, paint) : []),
    ...(isNew('subnet') ? subnetLines(step) : []),
    ...(isNew('reservation') ? reservationLines(step, hosts) : []),
    ...(isNew('hardware') && step.hardware !== '' ? labelled('hardware', step.hardware) : []),
    ...step.ias.flatMap(iaLines),
    ...(isNew('sentTo') && step.sentTo !== '' ? labelled('sent to', step.sentTo) : []),
    ...(isNew('options')
      ? [...optionLines(step.options.sent, paint), ...missingLines(step.options.missing, paint)]
      : labelled('options', 'as before')),
  ]
}

function headLine({ message, answer, why }: StepReport6, paint: Paint): string {
  const isBad = answer === 'silence' || why !== ''
  const because = why === '' ? '' : `: ${why}`
  return `${paint('head', message)} -> ${paint(isBad ? 'bad' : 'good', answer)}${because}`
}

function subnetLines({ subnet }: StepReport6): string[] {
  if (subnet === undefined) return []
  const { id, prefix, network, why } = subnet
  return labelled('subnet', `${prefix} (id ${id})${ofNetwork(network)}: ${why}`)
}

function reservationLines(
  { reservation, lookedUpBy, subnet }: StepReport6,
  hosts: readonly HostsKnown[],
): string[] {
  if (subnet === undefined) return []
  if (reservation === undefined)
    return labelled('reservation', noReservationText(lookedUpBy, hosts))
  return labelled('reservation', reservationText(reservation))
}

function iaLines({ ia, leases, status, t1, t2, why }: IaReport): string[] {
  const because = why === '' ? '' : `: ${why}`
  const times = `T1 ${secondsText(t1)}, T2 ${secondsText(t2)}`
  return [
    ...labelled(ia, status === '' ? times : `${status}${because}`),
    ...leases.flatMap(({ lease, preferred, valid, pool, why: reason }) => {
      const of = pool === '' ? '' : `, of the pool ${pool}`
      const life =
        valid === 0 ? '' : `, preferred ${secondsText(preferred)}, valid ${secondsText(valid)}`
      return labelled('', `${lease}${life}: ${reason}${of}`)
    }),
  ]
}
