// The live view of `whio lab --single`: what each client has, what the server has counted.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { DhcpServer } from '../index.ts'
import { bar, openScreen, type Screen } from './screen.ts'
import { hwAddressText, type UdpClient, type UdpClients } from './udp-clients.ts'

/** Draws until closed. */
export function labView(server: DhcpServer, clients: UdpClients, port: number, journal: string) {
  return openScreen(() => screen(server, clients, port, journal))
}

function screen(server: DhcpServer, clients: UdpClients, port: number, journal: string): Screen {
  const { state, subnets, statistics, journalTrouble } = server.status()
  const [subnet] = subnets
  const trouble = journalTrouble === '' ? '' : `: ${journalTrouble}`
  return {
    head: [
      `whio lab   ${state}   udp 127.0.0.1:${port}`,
      `journal    ${journal}${trouble}`,
      '',
      `${subnet?.subnet}: ${subnet?.assigned} of ${subnet?.addresses} addresses leased`,
      exchangeLine(statistics),
      `${statistics['journal-commits']} commits   ${statistics['pkt4-unanswered']} messages dropped`,
      '',
      'client      hardware address   state       address         left',
    ],
    clients: clients.clients.map((client) => clientLine(clients, client)),
    foot: ['', 'Ctrl-C ends'],
  }
}

function exchangeLine(statistics: Readonly<Record<string, number>>): string {
  const count = (name: string) => statistics[`pkt4-${name}`] ?? 0
  return [
    `discover ${count('discover-received')}`,
    `offer ${count('offer-sent')}`,
    `request ${count('request-received')}`,
    `ack ${count('ack-sent')}`,
    `nak ${count('nak-sent')}`,
  ].join('   ')
}

function clientLine(clients: UdpClients, client: UdpClient): string {
  const { machine, name } = client
  const head = `${name.padEnd(11)} ${hwAddressText(client).padEnd(18)} ${machine.state.padEnd(11)}`
  const left = clients.remaining(client)
  if (left === 0) return `${head} -`
  const { address, lifetime } = machine.lease!
  return `${head} ${textFromIpv4(address).padEnd(15)} ${bar(left, lifetime * 1000)}`
}
