// The live view of `whio lab --single`: what each client has, what the server has counted.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { DhcpServer } from '../index.ts'
import { bar, openScreen, type Screen } from './screen.ts'
import { hwAddressText, type UdpClient, type UdpClients } from './udp-clients.ts'
import type { UdpClients6 } from './udp-clients6.ts'

/** Draws until closed. */
export function labView(server: DhcpServer, hosts: LabHosts, port: number, journal: string) {
  return openScreen(() => screen(server, hosts, port, journal))
}

/** The same hosts by both families. */
export interface LabHosts {
  readonly clients: UdpClients
  readonly clients6: UdpClients6 | undefined
}

function screen(server: DhcpServer, hosts: LabHosts, port: number, journal: string): Screen {
  const { state, subnets, statistics, journalTrouble } = server.status()
  const trouble = journalTrouble === '' ? '' : `: ${journalTrouble}`
  return {
    head: [
      `whio lab   ${state}   udp 127.0.0.1:${port}`,
      `journal    ${journal}${trouble}`,
      '',
      ...subnets.map(
        (subnet) => `${subnet.subnet}: ${subnet.assigned} of ${subnet.addresses} addresses leased`,
      ),
      exchangeLine(statistics),
      `${statistics['journal-commits']} commits   ${statistics['pkt4-unanswered']} messages dropped`,
      '',
      'client    hardware address  IPv4         IPv6           left',
    ],
    clients: hosts.clients.clients.map((client) => clientLine(hosts, client)),
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

function clientLine({ clients, clients6 }: LabHosts, client: UdpClient): string {
  const { machine, name } = client
  const left = clients.remaining(client)
  const address = left === 0 ? machine.state : textFromIpv4(machine.lease!.address)
  const address6 = clients6?.addressOf(name) || '-'
  const own = `${name.padEnd(9)} ${hwAddressText(client).padEnd(17)} ${address.padEnd(12)}`
  const bars = left === 0 ? '' : bar(left, machine.lease!.lifetime * 1000)
  return `${own} ${address6.padEnd(14)} ${bars}`.trimEnd()
}
