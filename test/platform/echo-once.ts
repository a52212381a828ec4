// Serves loopback on the sockets it is given (`plain`: without the C library), prints the port, answers one datagram, and ends.

import { openDatagrams4 } from '../../lib/platform/datagrams4.ts'

const interfaces = { all: false, named: [{ name: 'lo', address: undefined }] }
// Port 1: what is really bound must come from the descriptor that was passed.
const native = process.argv[2] !== 'plain'
const datagrams = openDatagrams4({ interfaces, serverPort: 1, native })
datagrams.open({
  onDatagram(through, bytes, start, end, address, port) {
    datagrams.send([{ through, bytes, start, end, address, port, hwAddress: '' }])
    datagrams.close(() => {})
  },
  onBatchEnd() {},
  onInterface() {},
})
console.log(datagrams.traffic()[0]?.port ?? 'nothing is served')
