// The live view of `whio lab` on a terminal: what each client has, what the server has counted.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { DhcpServer } from '../index.ts'
import { hwAddressText, type UdpClient, type UdpClients } from '../platform/udp-clients.ts'

const REFRESH_EVERY_MS = 250

/** Columns of the bar that shows how much of a lease is left. */
const BAR = 20

const HOME = '\x1b[H'
const CLEAR_BELOW = '\x1b[J'
const CLEAR_LINE_END = '\x1b[K'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const OTHER_SCREEN = '\x1b[?1049h'
const FORMER_SCREEN = '\x1b[?1049l'

/** Draws until closed. Ctrl-C is not touched: it ends the lab as a signal. */
export function labView(
  server: DhcpServer,
  clients: UdpClients,
  port: number,
  folder: string,
): { close(): void } {
  const draw = () => process.stdout.write(frame(screen(server, clients, port, folder)))
  process.stdout.write(OTHER_SCREEN + HIDE_CURSOR)
  draw()
  const timer = setInterval(draw, REFRESH_EVERY_MS)
  return {
    close() {
      clearInterval(timer)
      process.stdout.write(SHOW_CURSOR + FORMER_SCREEN)
    },
  }
}

function frame(lines: readonly string[]): string {
  const rows = process.stdout.rows ?? 24
  const shown = lines.slice(0, rows - 1).map((line) => `${line}${CLEAR_LINE_END}`)
  return `${HOME}${shown.join('\n')}\n${CLEAR_BELOW}`
}

function screen(
  server: DhcpServer,
  clients: UdpClients,
  port: number,
  folder: string,
): readonly string[] {
  const { state, subnets, statistics, journalTrouble } = server.status()
  const [subnet] = subnets
  const drops = statistics['pkt4-receive-drop']
  return [
    `whio lab   ${state}   udp 127.0.0.1:${port}   journal ${folder}${journalTrouble}`,
    '',
    `${subnet?.subnet}: ${subnet?.assigned} of ${subnet?.addresses} addresses leased`,
    exchangeLine(statistics),
    `${statistics['journal-commits']} commits, ${drops} messages dropped`,
    '',
    'client       hardware address   state       address          left',
    ...clients.clients.map((client) => clientLine(clients, client)),
    '',
    'Ctrl-C ends',
  ]
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
  const left = clients.remaining(client)
  const lifetime = (machine.lease?.lifetime ?? 0) * 1000
  const filled = lifetime === 0 ? 0 : Math.round((left / lifetime) * BAR)
  const address = left > 0 ? textFromIpv4(machine.lease!.address) : '-'
  const bar = `${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}`
  const columns = [name.padEnd(12), hwAddressText(client), machine.state.padEnd(11)]
  return `${columns.join(' ')} ${address.padEnd(16)} ${bar} ${(left / 1000).toFixed(1)} s`
}
