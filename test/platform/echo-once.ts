// Serves loopback on the sockets it is given (`plain`: without the C library), drops the interface
// and takes it up again, prints the port before and after, answers one datagram, and ends.

import { openDatagrams4 } from '../../lib/platform/datagrams/datagrams4.ts'

const interfaces = { all: false, named: [{ name: 'lo', address: undefined }] }
// Port 1: what is really bound must come from the descriptor that was passed.
const native = process.argv[2] !== 'plain'
const datagrams = openDatagrams4({ interfaces, serverPort: 1, native })
datagrams.open({
  onDatagram(through, bytes, start, end, address, port, source) {
    const place = { hwAddress: '', source, lastHop: 0 }
    datagrams.send([{ through, bytes, start, end, address, port, ...place }])
    datagrams.close(() => {})
  },
  onOversized() {},
  onUndelivered() {},
  onBatchEnd() {},
  onAddresses() {},
  onInterface() {},
})
const port = (): string => `${datagrams.traffic()[0]?.port ?? 'none'}`
const before = port()
for (let n = 0; n < 12; n++) {
  datagrams.select({ all: false, named: [] })
  datagrams.select(interfaces)
}
console.log(before, port())
