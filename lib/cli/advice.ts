// What an operator had better know or do about a pair, from what its server says. README.md, "Serve
// with two hosts", has the rest.

import type { PairStatus } from '../server/pair/pair-status.ts'

/** What is wrong beside the contact. */
export function warningLines({
  partner,
  configDiffers,
  editTrouble,
  listenerTrouble,
  wrongUrl,
  rights,
  sharesDatabase,
}: PairStatus): string[] {
  const lines: string[] = []
  if (listenerTrouble !== '') lines.push(`no server can connect to this one: ${listenerTrouble}`)
  if (partner === undefined) return lines
  const { name, kind, trouble } = partner
  if (kind !== 'connected' && trouble !== '') lines.push(`why: ${trouble}`)
  if (wrongUrl !== '') lines.push(`wrong url of ${name}: ${wrongUrl}`)
  // Before the first meeting it may still serve leases of the past.
  if (kind === 'never' && rights !== 'none' && !sharesDatabase)
    lines.push(
      'was this host put back to an older state? Stop it, then `whio serve --after-restore`',
    )
  if (configDiffers) lines.push(`${name} has other subnets, pools, guards or reserved addresses`)
  if (editTrouble !== undefined) lines.push(`an edit is not in force at ${name}: ${editTrouble}`)
  return lines
}

/** `next: ...`, '' where there is nothing to do. `isCutOff`: this server serves no interface. */
export function adviceLine(ha: PairStatus, isCutOff: boolean): string {
  const { partner, configDiffers } = ha
  if (partner === undefined) return dueLine(ha)
  const { name, kind, takeoverIn = 0 } = partner
  if (kind === 'connected')
    return configDiffers
      ? next(`give both hosts the same file, then \`whio reload\``)
      : maintenance(ha)
  // It may be over in a moment.
  if (takeoverIn > 0) return ''
  if (partner.isTurningAway)
    return next(
      ha.noneBecause === 'apart'
        ? 'name the same lease-database in the files of both hosts, and restart'
        : 'look at names, roles, passwords and certificates in the files of both hosts',
    )
  if (ha.rights === 'sole' && !ha.sharesDatabase)
    return next(`bring ${name} back when it can meet this server, not before`)
  const isOff = kind === 'refused' || kind === 'left'
  // It may be this host alone that is unplugged.
  if (isCutOff && !isOff)
    return next(
      `mend the interfaces of this host; ${name} may be well${ha.sharesDatabase ? '' : `, so no \`whio ${wordOf(ha)}\``}`,
    )
  const bring = isOff ? `start ${name}` : `look at ${name} and the network in between`
  if (ha.sharesDatabase) return next(bring)
  return next(`${bring}; ${without(ha)}`)
}

/** Where no partner is looked for, only a word gives this server more than its database does. */
export function dueLine({ due }: Pick<PairStatus, 'due'>): string {
  return due === ''
    ? ''
    : next(`when the other server of the pair is off for good: \`whio ${due}\``)
}

/** What may be done where the partner does not come. */
function without(ha: PairStatus): string {
  const word = wordOf(ha)
  return `${word === 'serve-alone' ? 'to begin without it' : 'if its host is off for long'}: \`whio ${word}\``
}

function wordOf({ rights, noneBecause }: PairStatus): 'serve-alone' | 'partner-off' {
  return rights === 'none' && noneBecause === 'fresh' ? 'serve-alone' : 'partner-off'
}

function maintenance({ state, partner }: PairStatus): string {
  if (state === 'partner-in-maintenance')
    return next('when the work is done: `whio maintenance-cancel`, or a restart there')
  if (state === 'in-maintenance')
    return next(
      `when the work is done: restart, or \`whio maintenance-cancel\` on ${partner!.name}`,
    )
  return ''
}

function next(what: string): string {
  return `next: ${what}`
}
