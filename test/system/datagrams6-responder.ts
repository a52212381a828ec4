// For datagrams6.test.ts, run in a namespace: serves the interfaces it is told for DHCPv6 (JSON
// settings as the first argument), prints one JSON line for each event, and answers each query with
// its own bytes:
//
//   "answer address port"  as the text of the query: where the reply goes; else to the sender

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../../lib/address/ipv6.ts'
import { openDatagrams6 } from '../../lib/platform/datagrams/datagrams6.ts'
import type { Interface6, Reply6 } from '../../lib/ports/datagrams6.ts'

const tell = (event: object): void => console.log(JSON.stringify(event))
const log = {
  enabled: () => true,
  write: (_level: string, id: string, _text: string, fields: object) =>
    tell({ log: id, ...fields }),
}
const datagrams = openDatagrams6({ ...JSON.parse(process.argv[2] ?? ''), log })
const replies: Reply6[] = []
let group = 0

datagrams.open({
  onDatagram(from, bytes, start, end, address, port, to) {
    group++
    const text = String(Buffer.from(bytes.slice(start, end)))
    if (!text.startsWith('quiet'))
      tell({
        ...{ heard: text, on: from.name, index: from.index },
        ...{ from: textFromIpv6(address), port, to: to === '' ? 'elsewhere' : textFromIpv6(to) },
      })
    replies.push(replyTo(from, text, address, port, to))
  },
  onOversized: (from, address) => tell({ oversized: textFromIpv6(address), on: from.name }),
  onUndelivered: (through, address, why) =>
    tell({ undelivered: textFromIpv6(address), through: through.name, why }),
  onAddresses() {},
  onBatchEnd() {
    tell({ group })
    group = 0
    datagrams.send(replies.splice(0))
  },
  onInterface: (status) =>
    tell({ interface: { ...status, addresses: status.addresses?.map(textFromIpv6) } }),
})
tell({ ready: datagrams.status() })

process.stdin.on('data', (line) => {
  if (String(line).includes('traffic')) tell({ traffic: datagrams.traffic() })
  else datagrams.close(() => process.stdin.destroy())
})

function replyTo(through: Interface6, text: string, address: Ipv6, port: number, to: Ipv6): Reply6 {
  const bytes = Buffer.from(text)
  const [word, target = '', targetPort] = text.split(' ')
  const source = to.charCodeAt(0) === 0xff ? '' : to
  const place = { through, bytes, start: 0, end: bytes.length, source }
  if (word !== 'answer') return { ...place, address, port }
  return { ...place, address: ipv6FromText(target)!, port: Number(targetPort) }
}
