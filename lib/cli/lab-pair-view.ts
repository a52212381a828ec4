// The live view of `whio lab`: the two servers as they say they are, each client with its server,
// and the keys by which things are done to them. Fits 80x24 with eight clients.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { LabEnd } from './lab-end.ts'
import type { LabPair } from './lab-pair.ts'
import type { LabServer } from './lab-server.ts'
import { freeLines, partnerLine, rightsLines } from './pair-lines.ts'
import { bar, hasKeys, openScreen, type Screen } from './screen.ts'
import type { UdpClient } from './udp-clients.ts'

const EVENTS_SHOWN = 3

/** Draws until closed; `q` ends the lab. */
export function pairView(pair: LabPair, end: LabEnd) {
  let chosen = 0
  const keys: Readonly<Record<string, () => void>> = {
    '1': () => (chosen = 0),
    '2': () => (chosen = 1),
    '\t': () => (chosen = 1 - chosen),
    k: () => pair.kill(pair.servers[chosen]!),
    p: () => pair.pause(pair.servers[chosen]!),
    c: () => pair.cutOff(pair.servers[chosen]!),
    r: () => pair.revive(pair.servers[chosen]!),
    l: () => pair.toggleLink(),
    q: () => end.end(),
  }
  return openScreen(
    () => screenOf(pair, chosen),
    (key) => keys[key]?.(),
  )
}

function screenOf(pair: LabPair, chosen: number): Screen {
  const { events, clients, servers, isLinkCut } = pair
  return {
    head: [
      `whio lab: a pair on loopback     link ${isLinkCut ? 'CUT' : 'up'}     ${pair.bound} of ${clients.clients.length} clients bound`,
      '',
      ...servers.flatMap((server, index) => serverLines(server, index === chosen)),
      '',
      'client      IPv4            IPv6              server   left',
    ],
    clients: clients.clients.map((client) => clientLine(pair, client)),
    foot: [
      '',
      ...events.slice(0, EVENTS_SHOWN).reverse(),
      hasKeys() ? keysLine(pair) : 'Ctrl-C ends',
    ],
  }
}

function keysLine({ hasMet }: LabPair): string {
  return hasMet
    ? '1 2 choose  k kill  p pause  c cut off  r revive  l cut or mend the link  q end'
    : 'q end; the other keys when the two have met'
}

/** Three lines. What a server said before it was killed or paused is not shown. */
function serverLines(server: LabServer, isChosen: boolean): string[] {
  const { name, condition, isCutOff, status } = server
  const mark = `${isChosen ? '>' : ' '} ${name}${isCutOff ? '  CUT OFF from everybody,' : ' '}`
  if (condition === 'dead') return [`${mark} KILLED`, '    r starts it again', '']
  if (condition === 'paused') return [`${mark} PAUSED`, '    r lets it go on', '']
  const ha = status?.ha
  if (ha === undefined) return [`${mark} starting`, '', '']
  const [right] = rightsLines(ha)
  return [
    `${mark} ${ha.state}: ${ha.words}`,
    `    scopes ${ha.scopes.join(' ') || '-'}; ${partnerLine(ha)}`,
    `    ${freeLines(ha).join('; ')}${right === undefined ? '' : `; ${right}`}`,
  ]
}

function clientLine(pair: LabPair, client: UdpClient): string {
  const { machine, name } = client
  const left = pair.clients.remaining(client)
  const address = left === 0 ? machine.state : textFromIpv4(machine.lease!.address)
  const address6 = pair.clients6?.addressOf(name) || '-'
  const head = `${name.padEnd(11)} ${address.padEnd(15)} ${address6.padEnd(17)}`
  if (left === 0) return head.trimEnd()
  return `${head} ${pair.serverOf(client).padEnd(8)} ${bar(left, machine.lease!.lifetime * 1000)}`
}
