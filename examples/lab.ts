// A whole DHCP network in three lines, without sockets and without waiting: the real server and
// protocol on a simulated clock, network and disk. An hour passes in milliseconds, and the same
// seed gives the same story again.
//
//   node examples/lab.ts

import { createLab } from 'whio'

const config = {
  Dhcp4: {
    'valid-lifetime': 3600,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
  },
}

const lab = createLab({ config, clients: 3 })
lab.settle()
const addresses = lab.clients.map(({ address }) => address)
console.log(`bound: ${addresses.join(' ')}`)

// The power goes, unsynced writes are lost, and the server comes back on its disk.
lab.crash()
lab.advance(60_000)
lab.restart()
lab.advance(10_000)
console.log(`leases after the crash: ${lab.status()?.leases}`)

// A client that starts again gets the address it had; one that is new gets another.
lab.client(0).stop()
lab.client(0).start()
lab.addClient({ hostname: 'latecomer' })
lab.settle()
console.log(`the first one again: ${lab.client(0).address}`)
console.log(`the latecomer: ${lab.client(3).address}`)

// Half a day on a network that loses every fifth datagram: nobody loses an address.
lab.network.faults = { ...lab.network.faults, loss: 0.2 }
lab.advance(12 * 3_600_000)
console.log(`all bound after ${Math.round(lab.now / 3_600_000)} hours: ${lab.isSettled}`)
console.log(`broken promises: ${lab.invariants.violations.length}`)
