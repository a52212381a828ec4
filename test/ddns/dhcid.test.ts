import t from 'tap'
import { bytesFromOctets, type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import {
  byHwAddress,
  type Client4,
  dhcidOf,
  duidIdentifier,
  type Identifier,
  identifierOf4,
  isSameMachine,
  otherIdentifiersOf4,
} from '../../lib/ddns/dhcid.ts'

const NO_CLIENT_ID = ''

function client(hwAddress: string, clientId: string): Client4 {
  return { htype: 1, hwAddress: octetsFromHex(hwAddress)!, clientId: octetsFromHex(clientId)! }
}

function base64(octets: Octets | undefined): string {
  return Buffer.from(bytesFromOctets(octets!)).toString('base64')
}

// The first three are those of RFC 4701 §3.6.
const VECTORS: readonly (readonly [string, Identifier, Octets, string])[] = [
  [
    'a DUID',
    duidIdentifier(octetsFromHex('00010006412df166010203040506')!),
    'chi6.example.com',
    'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
  ],
  [
    'a client-id',
    identifierOf4(client('010203040506', '010708090a0b0c')),
    'chi.example.com',
    'AAEBOSD+XR3Os/0LozeXVqcNc7FwCfQdWL3b/NaiUDlW2No=',
  ],
  [
    'a hardware address',
    identifierOf4(client('010203040506', NO_CLIENT_ID)),
    'client.example.com',
    'AAABxLmlskllE0MVjd57zHcWmEH3pCQ6VytcKD//7es/deY=',
  ],
  [
    'a client-id that is the hardware address',
    identifierOf4(client('525400aa0001', '01525400aa0001')),
    'pc1.open.test',
    'AAEByrr2ijEbSTXI2gdMu++FQTkYrJSfgh0fbrPBilu1K8o=',
  ],
  [
    'a DUID-LL',
    duidIdentifier(octetsFromHex('0003000102005e600001')!),
    'six1.open.test',
    Buffer.from(
      '0002010C3F627AAE85F4567E68BFB81A8490E83E02DBA5DFCA8035119FAF18E91BAD3E',
      'hex',
    ).toString('base64'),
  ],
  [
    'a client-id of RFC 4361, which is the DUID in it',
    identifierOf4(client('525400aa0001', 'ff1234567800030001525400aa0001')),
    'dual.open.test',
    'AAIBrbbJYltgmKl/ar6cG4AA58IqlxRrQUN68RHWFh/HiY4=',
  ],
]

for (const [what, identifier, fqdn, expected] of VECTORS)
  t.test(`RFC 4701 §3: the DHCID of ${what}`, async (t) => {
    t.equal(base64(dhcidOf(identifier, fqdn)), expected)
    t.equal(base64(dhcidOf(identifier, fqdn.toUpperCase())), expected, 'of a name in capitals')
  })

t.test('RFC 4361 §6.1: a client has one DHCID in both families', async (t) => {
  const duid = '00030001525400aa0001'
  const four = identifierOf4(client('525400aa0001', `ff12345678${duid}`))
  t.same(four, duidIdentifier(octetsFromHex(duid)!))
})

t.test('a client-id of type 255 without a DUID, or with more than one holds', async (t) => {
  const byAddress = identifierOf4(client('525400aa0001', NO_CLIENT_ID))
  t.same(identifierOf4(client('525400aa0001', 'ff12345678')), byAddress)
  t.same(identifierOf4(client('525400aa0001', `ff12345678${'11'.repeat(131)}`)), byAddress)
  const longest = identifierOf4(client('525400aa0001', `ff12345678${'11'.repeat(130)}`))
  t.equal(longest.type, 2)
})

t.test('a name that is none of DNS has no DHCID', async (t) => {
  const identifier = identifierOf4(client('525400aa0001', NO_CLIENT_ID))
  for (const name of ['', 'a..b', '.', `${'a'.repeat(64)}.test`, `${'a.'.repeat(127)}b`])
    t.equal(dhcidOf(identifier, name), undefined, name)
})

t.test('the same machine is known by the digest, whatever it was made of', async (t) => {
  const name = 'pc1.open.test'
  const byAddress = dhcidOf(identifierOf4(client('525400aa0001', NO_CLIENT_ID)), name)!
  const byClientId = dhcidOf(identifierOf4(client('525400aa0001', '01525400aa0001')), name)!
  const other = dhcidOf(identifierOf4(client('525400aa0002', NO_CLIENT_ID)), name)!
  t.not(byAddress, byClientId)
  t.ok(isSameMachine(byAddress, [byClientId]))
  t.notOk(isSameMachine(other, [byClientId, byAddress]))
  t.ok(isSameMachine(other, [byAddress, other]))
  t.notOk(isSameMachine(byAddress.slice(0, -1), [byAddress]), 'a part of it')
  t.notOk(isSameMachine('', ['']), 'nothing')
  t.notOk(isSameMachine(byAddress.replace('\x01', '\x02'), [byAddress]), 'another kind of digest')
})

t.test('whom else a client may have been taken for', async (t) => {
  const plain = client('525400aa0001', '01525400aa0001')
  t.same(otherIdentifiersOf4(plain), byHwAddress(1, plain.hwAddress))
  const node = client('525400aa0001', 'ff1234567800030001525400aa0001')
  t.same(
    otherIdentifiersOf4(node).map(({ type }) => type),
    [1, 0],
    'the whole client-id, the address; its DUID is its own',
  )
  t.same(byHwAddress(1, ''), [])
  t.equal(byHwAddress(32, '\x01\x02').length, 1, 'a DUID-LL of Ethernet only')
})
