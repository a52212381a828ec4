// The hardware address of a client, by the places where it may stand.

import t from 'tap'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import { MAC_SOURCES, type MacSource } from '../../lib/config/plan/plan6.ts'
import type { Arrival6 } from '../../lib/dhcp6/asked6.ts'
import { hardwareOf } from '../../lib/dhcp6/hardware6.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { type OptionPair6, octetsFromOptions6 } from '../../lib/wire/v6/octets6.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'
import { type Hop, hex, ip6, messageBytes, ON_LINK, SOLICIT } from './messages6.ts'

const LLT = hex('00:01:00:01:2a:2a:2a:2a:54:05:00:00:00:01')
const LL = hex('00:03:00:06:54:05:00:00:00:02')
const EN = hex('00:02:00:00:ab:11:f9:2b:c2:77')

interface Row {
  readonly name: string
  readonly duid?: Octets
  readonly options?: readonly OptionPair6[]
  readonly hops?: readonly Hop[]
  readonly from?: string
  readonly sources?: readonly MacSource[]
  /** `source htype address`, '' = none. */
  readonly is: string
}

/** As the defaults have it. */
const DEFAULT: readonly MacSource[] = ['client-link-addr-option', 'ipv6-link-local', 'duid']

const option79 = (mac: string): OptionPair6 => [79, octetsFromUint(1, 2) + hex(mac)]
const ofCableLabs = (...options: OptionPair6[]): OptionPair6 => [
  OPTION6.vendorOptions,
  octetsFromUint(4491, 4) + octetsFromOptions6(options),
]

const ROWS: readonly Row[] = [
  {
    name: 'a link-local address made of a hardware address goes before the DUID of an older card',
    from: 'fe80::5eff:fe10:1',
    duid: LLT,
    is: 'ipv6-link-local 1 02:00:5e:10:00:01',
  },
  { name: 'a DUID-LLT', from: 'fe80::1', duid: LLT, is: 'duid 1 54:05:00:00:00:01' },
  {
    name: 'a DUID-LL of another kind of hardware',
    from: 'fe80::1',
    duid: LL,
    is: 'duid 6 54:05:00:00:00:02',
  },
  { name: 'a DUID of an enterprise says nothing', from: 'fe80::1', duid: EN, is: '' },
  { name: 'an address without ff:fe in the middle', from: 'fe80::200:5e00:10:1', is: '' },
  {
    name: 'a virtual machine, whose hardware address is a local one',
    from: 'fe80::5054:ff:fe12:3456',
    duid: LLT,
    is: 'ipv6-link-local 1 52:54:00:12:34:56',
  },
  { name: 'an address of a group', from: 'fe80::300:5eff:fe10:1', is: '' },
  {
    name: 'a global source address says nothing',
    from: '2001:db8::200:5eff:fe10:1',
    is: '',
  },
  {
    name: 'what the relay beside the client says goes first',
    hops: [{ options: [option79('02:00:00:00:00:09')] }],
    duid: LLT,
    is: 'client-link-addr-option 1 02:00:00:00:00:09',
  },
  {
    name: 'what an outer relay says is of another link',
    hops: [{ options: [option79('02:00:00:00:00:09')], peer: 'fe80::9' }, { peer: 'fe80::8' }],
    is: '',
  },
  {
    name: 'what the client itself says in option 79 is nothing',
    from: 'fe80::1',
    options: [option79('02:00:00:00:00:09')],
    is: '',
  },
  {
    name: 'behind a relay the link-local address is the one that the relay beside it heard',
    hops: [{ peer: 'fe80::1' }, { peer: 'fe80::211:22ff:fe33:4455' }],
    from: 'fe80::5eff:fe10:1',
    is: 'ipv6-link-local 1 00:11:22:33:44:55',
  },
  {
    name: 'RFC 4649: the remote-id behind its enterprise',
    sources: ['remote-id'],
    hops: [{ options: [[37, octetsFromUint(9, 4) + hex('02:00:00:00:00:0a')]] }],
    is: 'remote-id 1 02:00:00:00:00:0a',
  },
  {
    name: 'a CMTS',
    sources: ['docsis-cmts'],
    hops: [{}, { options: [ofCableLabs([1026, hex('02:00:00:00:00:0b')])] }, {}],
    is: 'docsis-cmts 1 02:00:00:00:00:0b',
  },
  {
    name: 'a cable modem',
    sources: ['docsis-cmts', 'docsis-modem'],
    options: [ofCableLabs([1, '\0\x01'], [36, hex('02:00:00:00:00:0c')])],
    is: 'docsis-modem 1 02:00:00:00:00:0c',
  },
  {
    name: 'an address of more than 20 octets is none',
    hops: [{ options: [option79(Array(21).fill('01').join(':'))], peer: 'fe80::1' }],
    is: '',
  },
  {
    name: 'option 79 that is cut short',
    hops: [{ options: [[79, '\0']], peer: 'fe80::1' }],
    is: '',
  },
  {
    name: 'in the order of mac-sources',
    sources: ['duid', 'ipv6-link-local'],
    duid: LLT,
    is: 'duid 1 54:05:00:00:00:01',
  },
]

t.test('mac-sources', async (t) => {
  for (const row of ROWS) t.equal(found(row), row.is, row.name)
})

t.test('each source that the configuration may name is known', async (t) => {
  for (const source of MAC_SOURCES)
    t.equal(found({ name: '', is: '', sources: [source], from: 'fe80::1' }), '', source)
})

function found({ duid = EN, from, hops = [], options = [], sources = DEFAULT }: Row): string {
  const bytes = messageBytes(SOLICIT, [[OPTION6.clientId, duid], ...options], hops)
  const query = new Message6()
  if (decode6(query, bytes, 0, bytes.length) !== undefined) throw new Error('undecodable')
  const arrival: Arrival6 = from === undefined ? ON_LINK : { ...ON_LINK, address: ip6(from) }
  const { address, htype, source } = hardwareOf(query, arrival, sources)
  return source === '' ? '' : `${source} ${htype} ${hexFromOctets(address, ':')}`
}
