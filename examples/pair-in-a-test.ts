// High availability in a test suite: two real servers, the link between them and clients of both,
// on a simulated clock and network. A server is killed, comes back, is cut off; clients keep their
// addresses. The configuration is Kea's: your own file's object goes here too.
//
//   node examples/pair-in-a-test.ts

import { createPair } from 'whio'

const config = {
  Dhcp4: {
    'valid-lifetime': 600,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
    'hooks-libraries': [
      {
        library: 'libdhcp_ha.so',
        parameters: {
          'high-availability': [
            {
              mode: 'load-balancing',
              peers: [
                { name: 'server1', role: 'primary', url: 'http://192.0.2.1:8000/' },
                { name: 'server2', role: 'secondary', url: 'http://192.0.2.2:8000/' },
              ],
            },
          ],
        },
      },
    ],
  },
}

const pair = createPair({ config, clients: 8 })
pair.settle()
const addresses = () => pair.clients.map(({ address }) => address).join(' ')
const before = addresses()
console.log(`normal: ${pair.reachNormal()}, bound: ${pair.isSettled}`)
console.log(`leases on each disk: ${pair.leases(0).length} and ${pair.leases(1).length}`)

// The process of the first one dies. Half an hour: each client renews several times, now at the
// other.
pair.kill(0)
pair.advance(30 * 60_000)
console.log(`one is dead: ${pair.status(1)?.ha?.words}`)
console.log(`all have kept their addresses: ${addresses() === before}`)

// New clients get addresses, too; how many more could, the status tells.
pair.addClient()
pair.settle()
const [free] = pair.status(1)?.ha?.free ?? []
console.log(`a new client: ${pair.isSettled}, left for more: ${(free?.here ?? 0) > 0}`)

// It comes back and is sent what it missed.
pair.start(0)
console.log(`together again: ${pair.reachNormal()}`)
console.log(`leases on each disk: ${pair.leases(0).length} and ${pair.leases(1).length}`)

// The link is cut while both run: both answer all, and no address goes to two clients.
pair.cutLink()
pair.advance(60_000)
for (let more = 0; more < 10; more++) pair.addClient()
pair.settle()
console.log(`cut: ${pair.states().join(' and ')}`)
pair.healLink()
console.log(`healed: ${pair.reachNormal()}, bound: ${pair.isSettled}`)
console.log(`broken promises: ${pair.invariants.violations.length}`)
