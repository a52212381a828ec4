// Serves loopback on the sockets it is given, prints the port, answers one datagram, and ends.

import { openDatagrams4 } from '../../lib/platform/datagrams4.ts'

const interfaces = { all: false, named: [{ name: 'lo', address: undefined }] }
// Port 1: what is really bound must come from the descriptor that was passed.
const datagrams = openDatagrams4({ interfaces, serverPort: 1 })
datagrams.open({
  onDatagram(through, bytes, start, end, address, port) {
    datagrams.send([{ through, bytes, start, end, address, port, hwAddress: '' }])
    datagrams.close(() => {})
  },
  onBatchEnd() {},
  onInterface() {},
})
console.log(datagrams.traffic()[0]?.port ?? 'nothing is served')
