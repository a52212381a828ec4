// A campus of shared networks, classes and reservations, with phones that come through a relay:
// each of their messages is answered, with an address that phones get.

import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { campusDocument } from '../bench/campus-file.ts'
import { Capture } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('perfdhcp', 'dumpcap', 'tshark')

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

t.test('a campus answers its phones', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const relay = net.namespace('relay')
  net.veth(server, 'eth0', relay, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  relay.addAddress('eth0', '192.0.2.2/24')
  // The relay of the first subnet.
  relay.addAddress('eth0', '10.16.0.1/24')
  server.run('ip', 'route', 'add', '10.16.0.0/16', 'via', '192.0.2.2')
  const whio = new Daemon(server, at, {
    'interfaces-config': { interfaces: ['eth0'] },
    ...campusDocument(20),
  })
  await whio.serves('eth0')
  const capture = await Capture.start(relay, `${at}/phones.pcap`, ['eth0'], 'udp src port 67')
  const phone = ['-o', `60,${hex('Phone-7.7')}`, '-o', `82,${hex('\x01\x0bb3-sw5:port')}`]
  const load = ['-4', '-g', 'single', '-l', '10.16.0.1', '-r', '200', '-R', '100', '-p', '2']
  const perfdhcp = relay.start('perfdhcp', ...load, ...phone, '192.0.2.1')
  await perfdhcp.ended
  const sent = [...perfdhcp.stdout.matchAll(/sent packets: (\d+)/g)].map(([, count]) =>
    Number(count),
  )
  t.ok(sent[0]! > 0 && sent[1]! > 0, `messages of both types: ${sent}`)

  // The last ones may still be on their way to the disk.
  let { statistics } = await whio.status()
  while (unanswered(statistics, sent) > 0) {
    await pause(50)
    ;({ statistics } = await whio.status())
  }
  t.equal(statistics['pkt4-unanswered'], 0)
  t.equal(statistics['pkt4-nak-sent'], 0)

  const taken = ['dhcp.ip.your', '_ws.malformed', '_ws.expert.message']
  const replies = (await capture.stop('ip.src', ...taken)).filter(
    (message) => message['ip.src'] === '192.0.2.1',
  )
  t.ok(replies.length > 0)
  const fit = /^192\.0\.2\.1\|10\.16\.\d\.[2-9]\d\|\|$/
  const texts = replies.map((reply) => Object.values(reply).join('|'))
  t.same(
    texts.filter((text) => !fit.test(text)),
    [],
    'addresses of phones, and tshark complains about nothing',
  )
  t.equal(await whio.stop(), 0)
  t.notOk(whio.wrote('INTERNAL_ERROR'))
})

/** How many of the messages that were sent are neither answered nor refused. */
function unanswered(counts: Readonly<Record<string, number>>, sent: readonly number[]): number {
  const all = sent.reduce((sum, count) => sum + count)
  return all - counts['pkt4-sent']! - counts['pkt4-unanswered']!
}
