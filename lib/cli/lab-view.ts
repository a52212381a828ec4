// The live view of `whio lab` on a terminal: what each client has, what the server has counted. Made
// for 80 columns; on a smaller terminal lines are cut, and clients that find no room are counted.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { DhcpServer } from '../index.ts'
import { hwAddressText, type UdpClient, type UdpClients } from './udp-clients.ts'

const REFRESH_EVERY_MS = 250

/** Columns of the bar that shows how much of a lease is left. */
const BAR = 14

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
  journal: string,
): { close(): void } {
  const draw = () => process.stdout.write(frame(screen(server, clients, port, journal)))
  process.stdout.write(OTHER_SCREEN + HIDE_CURSOR)
  draw()
  const timer = setInterval(draw, REFRESH_EVERY_MS)
  process.stdout.on('resize', draw)
  // However the process ends, the terminal gets its own screen back.
  const restore = () => process.stdout.write(HOME + CLEAR_BELOW + SHOW_CURSOR + FORMER_SCREEN)
  process.once('exit', restore)
  return {
    close() {
      clearInterval(timer)
      process.stdout.off('resize', draw)
      process.off('exit', restore)
      restore()
    },
  }
}

interface Screen {
  readonly head: readonly string[]
  readonly clients: readonly string[]
  readonly foot: readonly string[]
}

/** The text of the whole terminal; the last line ends without a line feed, so nothing scrolls. */
function frame({ head, clients, foot }: Screen): string {
  const { columns = 80, rows = 24 } = process.stdout
  const room = Math.max(0, rows - head.length - foot.length)
  const hidden = clients.length - room
  const shown =
    hidden > 0
      ? [...clients.slice(0, Math.max(0, room - 1)), `and ${hidden + 1} more clients`]
      : clients
  const lines = [...head, ...shown, ...foot].slice(0, rows)
  return `${HOME}${lines.map((line) => line.slice(0, columns) + CLEAR_LINE_END).join('\r\n')}${CLEAR_BELOW}`
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
      `${statistics['journal-commits']} commits   ${statistics['pkt4-receive-drop']} messages dropped`,
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
  const filled = Math.min(BAR, Math.round((left / (lifetime * 1000)) * BAR))
  const bar = `${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}`
  return `${head} ${textFromIpv4(address).padEnd(15)} ${bar} ${(left / 1000).toFixed(1)} s`
}
