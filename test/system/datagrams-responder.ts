// For datagrams.test.ts, run in a namespace: serves the interfaces it is told (JSON settings as the
// first argument), prints one JSON line for each event, and answers each query with its own bytes:
//
//   "answer a.b.c.d port [hw]"  as the text of the query: where the reply goes; else to the sender

import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { openDatagrams4 } from '../../lib/platform/datagrams/datagrams4.ts'
import type { Interface4, Reply4 } from '../../lib/ports/datagrams4.ts'

const tell = (event: object): void => console.log(JSON.stringify(event))
const log = {
  enabled: () => true,
  write: (_level: string, id: string, _text: string, fields: object) =>
    tell({ log: id, ...fields }),
}
const datagrams = openDatagrams4({ ...JSON.parse(process.argv[2] ?? ''), log })
const replies: Reply4[] = []
let group = 0

datagrams.open({
  onDatagram(from, bytes, start, end, address, port, to) {
    group++
    const text = String(Buffer.from(bytes.slice(start, end)))
    if (!text.startsWith('quiet'))
      tell({
        ...{ heard: text, on: from.name, index: from.index },
        ...{ from: textFromIpv4(address), port, to: textFromIpv4(to) },
      })
    replies.push(replyTo(from, text, address, port, to))
  },
  onOversized() {},
  onUndelivered: (through, address, why) =>
    tell({ undelivered: textFromIpv4(address), through: through.name, why }),
  onAddresses() {},
  onBatchEnd() {
    tell({ group })
    group = 0
    datagrams.send(replies.splice(0))
  },
  onInterface: (status) => tell({ interface: status }),
})
tell({ ready: datagrams.status() })

process.stdin.on('data', (line) => {
  if (String(line).includes('traffic')) tell({ traffic: datagrams.traffic() })
  else datagrams.close(() => process.stdin.destroy())
})

function replyTo(
  through: Interface4,
  text: string,
  address: number,
  port: number,
  to: number,
): Reply4 {
  const bytes = Buffer.from(text)
  const [word, target = '', targetPort, hw = ''] = text.split(' ')
  const isAsked = through.addresses.some((own) => own.address === to)
  const source = isAsked ? to : through.addresses[0]!.address
  const place = { through, bytes, start: 0, end: bytes.length, source, lastHop: address }
  if (word !== 'answer') return { ...place, address, port, hwAddress: '' }
  const hwAddress = octetsFromHex(hw) ?? ''
  return { ...place, address: ipv4FromText(target)!, port: Number(targetPort), hwAddress }
}
