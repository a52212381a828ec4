// Addresses of this machine as the kernel's own table of routes has them.

import t from 'tap'
import { addressesInTrie, localAddresses } from '../../lib/platform/local-addresses.ts'

const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.78.0.0/24 2 0 2
        |-- 10.78.0.0
           /24 link UNICAST
        |-- 10.78.0.1
           /32 host LOCAL
        |-- 10.78.0.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
           /32 link BROADCAST
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 192.0.2.7
           /32 link UNICAST
           /32 host LOCAL
`

t.test('addresses in the table', async (t) => {
  t.same(addressesInTrie(TRIE), ['10.78.0.1', '127.0.0.1', '192.0.2.7'])
  t.same(addressesInTrie(''), [])
})

t.test('of this machine', async (t) => {
  t.ok(localAddresses().includes('127.0.0.1'))
})
