// Machines that boot from the network, as real clients play them: each names its architecture,
// its vendor or its boot loader, and is told what its class is given.

import t from 'tap'
import { Capture } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { type Client, type ClientEvent, Dhclient, Dhcpcd, Udhcpc } from './dhcp-clients.ts'
import { type Namespace, network, systemSkip } from './netns.ts'

const skip = systemSkip('udhcpc', 'dhclient', 'dhcpcd', 'nsenter', 'dumpcap', 'tshark')

const TFTP = '192.0.2.3'

/** Firmware of both kinds, boot loaders, access points: what people have in one file. */
const DOCUMENT = {
  'interfaces-config': { interfaces: ['lan'] },
  'valid-lifetime': 3600,
  'option-def': [
    { name: 'controllers', code: 1, space: 'ubnt', type: 'ipv4-address', array: true },
    { name: 'discovery', code: 6, space: 'PXE', type: 'uint8' },
  ],
  'client-classes': [
    {
      name: 'ipxe',
      test: "option[175].exists or match('.?iPXE.*', option[77].hex)",
      'boot-file-name': 'http://192.0.2.3/menu.ipxe',
    },
    {
      name: 'http',
      test: "not member('ipxe') and substring(option[60].hex,0,10) == 'HTTPClient'",
      'boot-file-name': 'http://192.0.2.3/grub.efi',
      'option-data': [
        { name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true },
        { name: 'boot-file-name', data: 'http://192.0.2.3/grub.efi' },
      ],
    },
    {
      name: 'efi64',
      test: "not member('ipxe') and (option[93].hex == 0x0007 or option[93].hex == 0x0009)",
      'next-server': TFTP,
      'boot-file-name': 'ipxe.efi',
      'option-data': [
        { name: 'tftp-server-name', data: TFTP },
        { name: 'boot-file-name', data: 'ipxe.efi' },
      ],
    },
    {
      name: 'bios',
      test: "not member('ipxe') and option[93].hex == 0x0000",
      'next-server': TFTP,
      'boot-file-name': 'undionly.kpxe',
      'option-def': [
        { name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'PXE' },
      ],
      'option-data': [
        { name: 'vendor-encapsulated-options' },
        { name: 'discovery', space: 'PXE', data: '8' },
      ],
    },
    {
      name: 'access-points',
      test: "substring(option[60].hex,0,4) == 'ubnt'",
      'option-def': [
        { name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'ubnt' },
      ],
      'option-data': [
        { name: 'vendor-encapsulated-options' },
        { name: 'controllers', space: 'ubnt', data: '192.0.2.8, 192.0.2.9' },
      ],
    },
  ],
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.199' }] }],
}

/** Options 66, 67, 43 and 60. */
const ASKED = [
  'tftp_server_name',
  'bootfile_name',
  'vendor_encapsulated_options',
  'vendor_class_identifier',
]

/** What a client of no class is told of booting. */
const NOTHING = { file: '', next: '', tftp: '', bootfile: '', class: '', spaces: '' }
const EFI = { ...NOTHING, file: 'ipxe.efi', next: TFTP, tftp: TFTP, bootfile: 'ipxe.efi' }
const MENU = { ...NOTHING, file: 'http://192.0.2.3/menu.ipxe' }
const GRUB = 'http://192.0.2.3/grub.efi'

function told({ file, next, tftp, bootfile, class: vendor, spaces }: ClientEvent): object {
  const siaddr = next === '0.0.0.0' ? '' : next
  return { file, next: siaddr, tftp, bootfile, class: vendor, spaces }
}

t.test('what boots from the network gets what its class is given', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  net.bridge(server, 'lan', [])
  server.addAddress('lan', '192.0.2.1/24')
  let ports = 0
  const place = (word: string): Namespace => {
    const where = net.namespace(word)
    const port = `port${++ports}`
    net.veth(server, port, where, 'eth0')
    server.run('ip', 'link', 'set', port, 'master', 'lan')
    return where
  }
  const udhcpc = (...words: string[]): Client => {
    const asks = [66, 67, 43, 60].flatMap((code) => ['-O', `${code}`])
    return new Udhcpc(place('udhcpc'), ...asks, ...words)
  }
  const dhclient = (...lines: string[]): Client => {
    const asks = `also request ${ASKED.join(', ').replaceAll('_', '-')};`
    return new Dhclient(place('dhclient'), folder(t), [asks, ...lines].join('\n'))
  }
  const dhcpcd = (...words: string[]): Client =>
    new Dhcpcd(place('dhcpcd'), '-o', ASKED.join(','), ...words)

  const whio = new Daemon(server, at, DOCUMENT)
  await whio.serves('lan')
  const capture = await Capture.start(server, `${at}/boot.pcap`, ['lan'], 'udp src port 67')
  const clients: [string, Client, object][] = [
    ['udhcpc as UEFI', udhcpc('-x', '0x5d:0007', '-V', 'PXEClient:Arch:00007:UNDI:003016'), EFI],
    [
      'udhcpc as BIOS, with option 43 of PXE',
      udhcpc('-x', '0x5d:0000', '-V', 'PXEClient:Arch:00000:UNDI:002001'),
      { ...NOTHING, file: 'undionly.kpxe', next: TFTP, spaces: '060108' },
    ],
    [
      'udhcpc as UEFI HTTP, which hears its vendor class again',
      udhcpc('-x', '0x5d:0010', '-V', 'HTTPClient:Arch:00016:UNDI:003016'),
      { ...NOTHING, file: GRUB, bootfile: GRUB, class: 'HTTPClient' },
    ],
    [
      'udhcpc as UEFI HTTP that does not ask for a vendor class',
      new Udhcpc(place('udhcpc'), '-o', '-x', '0x5d:0010', '-V', 'HTTPClient:Arch:00016'),
      { ...NOTHING, file: GRUB, class: 'HTTPClient' },
    ],
    ['udhcpc as iPXE by option 175', udhcpc('-x', '0xaf:b00101', '-x', '0x5d:0007'), MENU],
    ['udhcpc of no class', udhcpc(), NOTHING],
    [
      'dhclient as UEFI',
      dhclient('option arch code 93 = array of unsigned integer 16;', 'send arch 9;'),
      EFI,
    ],
    [
      'dhclient as an access point, with option 43 of its vendor',
      dhclient('send vendor-class-identifier "ubnt";'),
      { ...NOTHING, spaces: '1:8:c0:0:2:8:c0:0:2:9' },
    ],
    ['dhclient as iPXE by its bare user class', dhclient('send user-class "iPXE";'), MENU],
    ['dhclient of no class', dhclient('send user-class "ipxe";'), NOTHING],
    [
      'dhcpcd as an access point',
      dhcpcd('-i', 'ubnt'),
      { ...NOTHING, spaces: '0108c0000208c0000209' },
    ],
    ['dhcpcd as iPXE by a user class of RFC3004', dhcpcd('-u', 'iPXE'), MENU],
    ['dhcpcd of no class', dhcpcd(), NOTHING],
  ]
  for (const [what, client, expected] of clients) t.same(told(await client.bind()), expected, what)
  for (const reply of await capture.stop('ip.src', '_ws.malformed', '_ws.expert.message'))
    t.same(Object.values(reply), ['192.0.2.1', '', ''], 'tshark complains about no reply')
  t.equal(await whio.stop(), 0)
  t.notOk(whio.wrote('INTERNAL_ERROR'))
})
