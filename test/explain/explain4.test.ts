// What `whio explain FILE --client` tells, word by word.

import t from 'tap'
import { REASONS4, type Reason4 } from '../../lib/catalogue/reasons.ts'
import { ClassSet } from '../../lib/classify/class-set.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { REFUSALS } from '../../lib/dhcp4/request-table.ts'
import { helpForDrop, helpForNak } from '../../lib/explain/help4.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { explained, explanation } from './explaining.ts'

const FLOORS: Dhcp4Document = {
  'valid-lifetime': 86400,
  'calculate-tee-times': true,
  'next-server': '10.0.0.2',
  'option-data': [{ name: 'domain-name-servers', data: '10.0.0.53' }],
  subnet4: [
    {
      id: 10,
      subnet: '10.0.10.0/24',
      pools: [{ pool: '10.0.10.50 - 10.0.10.99' }],
      'option-data': [{ name: 'routers', data: '10.0.10.1' }],
      'valid-lifetime': 3600,
      reservations: [
        {
          'circuit-id': "'eth1/0/3'",
          'ip-address': '10.0.10.7',
          hostname: 'door',
          'boot-file-name': 'door.img',
        },
      ],
    },
    { id: 20, subnet: '10.0.20.0/24', relay: { 'ip-addresses': ['172.16.0.20'] } },
  ],
}

const PXE: Dhcp4Document = {
  'valid-lifetime': 600,
  'client-classes': [
    {
      name: 'ipxe',
      test: "substring(option[77].hex,0,4) == 'iPXE'",
      'boot-file-name': 'http://192.0.2.2/boot.ipxe',
    },
    {
      name: 'uefi',
      test: "option[93].hex == 0x0007 and not member('ipxe')",
      'boot-file-name': 'ipxe.efi',
      'next-server': '192.0.2.2',
      'valid-lifetime': 120,
    },
    {
      name: 'bios',
      test: "option[93].hex == 0x0000 and not member('ipxe')",
      'boot-file-name': 'undionly.kpxe',
      'next-server': '192.0.2.2',
    },
    {
      name: 'guests',
      test: "member('UNKNOWN')",
      'option-data': [{ name: 'domain-name-servers', data: '192.0.2.99' }],
    },
    { name: 'vendors', 'template-test': 'substring(option[60].hex,0,9)' },
    {
      name: 'SPAWN_vendors_PXEClient',
      'option-data': [{ name: 'vendor-class-identifier', data: 'PXEClient' }],
    },
    {
      name: 'late',
      'only-in-additional-list': true,
      'option-data': [{ name: 'ntp-servers', data: '192.0.2.4' }],
    },
    { name: 'DROP', test: "option[12].hex == 'intruder'" },
  ],
  'option-data': [{ name: 'domain-name-servers', data: '192.0.2.53' }],
  subnet4: [
    {
      id: 1,
      subnet: '192.0.2.0/24',
      'evaluate-additional-classes': ['late'],
      pools: [
        { pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['uefi', 'bios'] },
        { pool: '192.0.2.20 - 192.0.2.29', 'client-classes': ['ipxe'] },
      ],
    },
  ],
}

t.test('a relay names a circuit that has a reservation', async (t) => {
  const client = "52:54:00:00:00:08 relay=10.0.10.1 circuit-id='eth1/0/3' ask=1,3,6,ntp-servers"
  t.equal(
    explanation({ file: FLOORS, client }),
    `
client       hw-address 52:54:00:00:00:08, relay 10.0.10.1, circuit-id 'eth1/0/3'
asks for     1 3 6 42
leases       none

DISCOVER -> OFFER of 10.0.10.7
subnet       10.0.10.0/24 (id 10): the relay 10.0.10.1 lies in it
reservation  by circuit-id 'eth1/0/3': 10.0.10.7 and the name door
address      10.0.10.7: reserved for the client
pool         none: it is outside of them
lifetime     3600 s (subnet 10)
boot         siaddr 10.0.0.2 (next-server, global)
             file door.img (boot-file-name, reservation)
sent to      the relay 10.0.10.1, port 67
options of the reply
   54  dhcp-server-identifier  10.0.10.2                    the address of the server
   51  dhcp-lease-time         3600                         the lifetime
   58  dhcp-renewal-time       1800                         50 % of the lifetime (calculate-tee-times)
   59  dhcp-rebinding-time     3150                         87.5 % of the lifetime (calculate-tee-times)
    1  subnet-mask             255.255.255.0                the prefix of the subnet
    3  routers                 10.0.10.1                    subnet 10
    6  domain-name-servers     10.0.0.53                    global
   82  dhcp-agent-options      circuit-id=657468312f302f33  returned as the relay sent it
asked for, and not in the reply
       no level that counts gives a value: ntp-servers (42)

REQUEST -> ACK of 10.0.10.7
options      as in the OFFER
`,
  )
})

t.test('what would help a client that gets nothing, or a NAK', async (t) => {
  const rows: [client: string, answer: string, words: RegExp][] = [
    ['relay=10.9.0.1', 'silence', /the relay 10\.9\.0\.1 lies in no subnet/],
    ['relay=172.16.0.20', 'silence', /10\.0\.20\.0\/24 \(id 20\) has no pool/],
    ['interface=eth3/192.168.1.1', 'silence', /eth3 has 192\.168\.1\.1, which lies in no subnet/],
    ['type=request address=10.0.10.7 relay=10.0.10.1', 'silence', /Set authoritative/],
    ['type=release ciaddr=10.0.10.60', 'silence', /late, repeated or forged/],
    ['type=bootp', 'silence', /libdhcp_bootp/],
    ['type=offer', 'silence', /come from servers/],
  ]
  for (const [client, answer, words] of rows) {
    const [step] = explained({ file: FLOORS, client: `52:54:00:00:00:08 ${client}` }).steps
    t.equal(step?.answer, answer, client)
    t.match(step?.help.join('\n'), words, client)
  }
  const file = { ...FLOORS, authoritative: true }
  const nak = explained({ file, client: 'type=request address=10.0.10.7 02:00:00:00:00:01' })
  t.match(nak.steps, [
    {
      answer: 'NAK',
      why: 'the address is not available',
      stands: '10.0.10.7: it is in a pool or reserved here, and for others',
      help: ["10.0.10.7 is reserved for circuit-id 'eth1/0/3'", /the client asks anew/],
    },
  ])
})

t.test('an address that is asked for, a lifetime that is not, a name', async (t) => {
  const client = '52:54:00:00:00:08 interface=eth3/10.0.10.2 hostname=PC 51=600 address=10.0.10.66'
  const { steps } = explained({ file: FLOORS, client })
  t.match(steps[0], {
    subnet: { why: 'eth3 has an address in it' },
    found: 'the client asks for it, and it is free',
    pool: '10.0.10.50 - 10.0.10.99',
    lifetime: {
      seconds: 3600,
      from: 'subnet 10',
      remarks: ['the client asks for 600 s, and the file leaves no choice'],
    },
  })
  const name = steps[0]?.options.sent.find(({ code }) => code === 12)
  t.same(name, { code: 12, name: 'host-name', value: 'pc', from: 'the name of the client' })
  t.equal(steps[1]?.answer, 'ACK')
})

t.test('levels of options, and why some are not in the reply', async (t) => {
  const file: Dhcp4Document = {
    'option-data': [
      { name: 'domain-name-servers', data: '192.0.2.53' },
      { name: 'ntp-servers', data: '192.0.2.4' },
      { name: 'log-servers', data: '192.0.2.5', 'never-send': true },
    ],
    'shared-networks': [
      {
        name: 'hall',
        'option-data': [{ name: 'domain-name', data: 'hall.example' }],
        subnet4: [
          {
            id: 1,
            subnet: '192.0.2.0/24',
            'option-data': [{ name: 'domain-name-servers', data: '192.0.2.54' }],
            pools: [
              {
                pool: '192.0.2.10 - 192.0.2.19',
                'option-data': [{ name: 'routers', data: '192.0.2.1' }],
              },
            ],
          },
        ],
      },
    ],
  }
  const client = '52:54:00:00:00:08 interface=eth0/192.0.2.2 ask=3,6,7,15,66'
  const [step] = explained({ file, client }).steps
  const { sent = [], missing = [] } = step?.options ?? {}
  const from = sent.map(({ code, from }) => [code, from])
  t.same(
    from.filter(([code]) => [3, 6, 15].includes(Number(code))),
    [
      [3, 'pool 192.0.2.10 - 192.0.2.19'],
      [6, 'subnet 1'],
      [15, 'network hall'],
    ],
  )
  t.same(
    missing.map(({ code, isAskedFor, why }) => [code, isAskedFor, why]),
    [
      [66, true, 'nothing gives it a value at any level that counts for the client'],
      [42, false, 'the client does not ask for it, and it is not set to always-send (global)'],
      [7, true, 'never-send forbids it (global)'],
    ],
  )
  t.equal(step?.subnet?.network, 'hall')
})

t.test('a lease that the client has, and one of somebody else', async (t) => {
  const file: Dhcp4Document = {
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10/32' }] }],
  }
  const table = leaseTable4()
  const here = 'interface=eth0/192.0.2.2'
  const first = { file, table, client: `02:00:00:00:00:01 ${here}` }
  t.match(explained(first).steps, [{ answer: 'OFFER' }, { answer: 'ACK' }])
  t.match(explained(first).steps[0], { found: 'the client has it by a running lease' })
  const [other] = explained({ file, table, client: `02:00:00:00:00:02 ${here}` }).steps
  t.match(other, {
    answer: 'silence',
    reason: 'no-free-address',
    help: [
      '192.0.2.0/24 (id 1): the pools for this client have 1 addresses; 1 are leased now',
      'enlarge a pool, or shorten the lifetime (7200 s now)',
    ],
  })
})

t.test('what is written is no client', async (t) => {
  const rows: [text: string, words: RegExp][] = [
    ['', /who is it\? Name a hardware address/],
    ['printer', /'printer' is no hardware address; write NAME=VALUE/],
    ['mac=zz', /mac: 'zz' is no hardware address/],
    ['02:00:00:00:00:01 secs=soon', /secs: 'soon' is not from 0 to 65535/],
    ['02:00:00:00:00:01 secs=65536', /secs: '65536' is not from 0 to 65535/],
    [`02:00:00:00:00:01 circuit-id=${'x'.repeat(256)}`, /circuit-id: more than 255 bytes/],
    ['02:00:00:00:00:01 constructor=1', /'constructor' is no option/],
    ['02:00:00:00:00:01 rely=10.0.0.1', /'rely' is no option and none of mac, client-id, relay/],
    ['02:00:00:00:00:01 relay=10.0.0', /relay: '10\.0\.0' is no IPv4 address/],
    ['02:00:00:00:00:01 routers=x', /routers: 'x' is not .*; or in hexadecimal, 0x/],
    ['02:00:00:00:00:01 type=hello', /type: 'hello' is none of discover/],
    ['02:00:00:00:00:01 client-id=desk', /client-id: 'desk' is not hexadecimal; a text stands in/],
    ['02:00:00:00:00:01 300=0x00', /'300' is no option/],
  ]
  for (const [client, words] of rows) t.throws(() => explained({ file: {}, client }), words, client)
})

t.test('every reason for silence and every NAK has words of help', async (t) => {
  const { plan } = loadPlanFromObject({ Dhcp4: FLOORS }, { stateDirectory: '/tmp' })
  if (plan === undefined) throw new Error('no plan')
  const about = {
    plan: plan.dhcp4!,
    table: leaseTable4(),
    classes: new ClassSet(plan.dhcp4!.classes.names.length),
    giaddr: 0,
    interface: '',
    addresses: [],
    subnet: undefined,
    address: 0,
    partner: '',
  }
  for (const reason of Object.keys(REASONS4) as Reason4[]) {
    const help = helpForDrop(reason, about)
    t.ok(help.length > 0 && help.every((line) => /^[^ ].*[^. ]$/.test(line)), `${reason}: ${help}`)
  }
  for (const text of Object.values(REFUSALS)) t.ok(helpForNak(text, about).length > 0, text)
})

t.test('classes of clients that boot from the network', async (t) => {
  const says = '93=0x0007 60=PXEClient:Arch:00007 ask=1,3,6,42,60,66,67'
  const client = `52:54:00:00:00:08 interface=eth0/192.0.2.2 ${says}`
  t.equal(
    explanation({ file: PXE, client }),
    `
client       hw-address 52:54:00:00:00:08, interface eth0
says         vendor-class-identifier (60) PXEClient:Arch:00007
             client-system (93) 7
asks for     1 3 6 42 60 66 67
leases       none

DISCOVER -> OFFER of 192.0.2.10
classes      + uefi: option[93].hex is 0x0007; the client is not in class ipxe
             + SPAWN_vendors_PXEClient: the value of its template
             + vendors: its value is 'PXEClient'
             + UNKNOWN: it has no reservation
             + guests: the client is in class UNKNOWN
             + late: an additional class of the subnet
             - ipxe: substring(option[77].hex,0,4) is nothing, since there is no option 77
               (user-class), not 'iPXE'
             - bios: option[93].hex is 0x0007, not 0x0000
             - DROP: option[12].hex is nothing, since there is no option 12 (host-name), not
               'intruder'
subnet       192.0.2.0/24 (id 1): eth0 has an address in it
reservation  none (looked up by hw-address, duid, circuit-id, client-id)
address      192.0.2.10: the first free one
pool         192.0.2.10 - 192.0.2.19
lifetime     120 s (class uefi)
boot         siaddr 192.0.2.2 (next-server, class uefi)
             file ipxe.efi (boot-file-name, class uefi)
sent to      192.0.2.10 in a frame to 52:54:00:00:00:08 through eth0
options of the reply
   54  dhcp-server-identifier   192.0.2.2      the address of the server
   51  dhcp-lease-time          120            the lifetime
    1  subnet-mask              255.255.255.0  the prefix of the subnet
    6  domain-name-servers      192.0.2.99     class guests
   42  ntp-servers              192.0.2.4      class late
   60  vendor-class-identifier  PXEClient      class SPAWN_vendors_PXEClient
asked for, and not in the reply
       no level that counts gives a value: routers (3), tftp-server-name (66), boot-file-name (67)

REQUEST -> ACK of 192.0.2.10
options      as in the OFFER
`,
  )
})

t.test('guards leave a client out; a class drops it', async (t) => {
  const [other] = explained({
    file: PXE,
    client: '02:00:00:00:00:01 interface=eth0/192.0.2.2',
  }).steps
  t.same(other?.help, [
    'the pool 192.0.2.10 - 192.0.2.19 is for class uefi or bios; the client is in UNKNOWN and guests',
    'the pool 192.0.2.20 - 192.0.2.29 is for class ipxe; the client is in UNKNOWN and guests',
  ])
  const client = '02:00:00:00:00:01 interface=eth0/192.0.2.2 hostname=intruder'
  const [dropped] = explained({ file: PXE, client }).steps
  t.equal(dropped?.reason, 'dropped-by-class')
  t.same(
    dropped?.classes.find(({ name }) => name === 'DROP'),
    { name: 'DROP', isMember: true, reasons: ["option[12].hex is 'intruder'"] },
  )
  t.match(dropped?.classes.find(({ name }) => name === 'guests')?.reasons, [/went no further/])
})

t.test('a file that is meant for another host is read as that host would', async (t) => {
  const host = new Map([['eth0', [{ address: 0xcb007105, length: 24 }]]])
  const assumed = (file: Dhcp4Document) =>
    explained({ file, client: '02:00:00:00:00:01 ask=3', host }).assumes
  const interfaces = { 'interfaces-config': { interfaces: ['eth0'] } }
  const other = 'and not 203.0.113.5 as on this machine (interface=...)'
  t.same(assumed({ ...FLOORS, ...interfaces }), [
    `it arrives at eth0 with the address 10.0.10.2/24, ${other}`,
  ])
  const own = { id: 1, subnet: '203.0.113.0/24' }
  t.same(assumed({ ...interfaces, subnet4: [own] }), [
    'it arrives at eth0 of this machine (203.0.113.5)',
  ])
})

t.test('which server of a pair answers (RFC 3074)', async (t) => {
  const peers = [
    { name: 'alpha', role: 'primary', url: 'http://192.0.2.2:8000/' },
    { name: 'beta', role: 'secondary', url: 'http://192.0.2.3:8000/' },
  ]
  const pair = { 'this-server-name': 'alpha', mode: 'load-balancing', peers }
  const parameters = { 'high-availability': [pair] }
  const libraries = [{ library: 'libdhcp_ha.so', parameters }]
  const file = { ...FLOORS, 'hooks-libraries': libraries } as Dhcp4Document
  const servers = [1, 2, 3, 4].map((number) => {
    const { server, assumes } = explained({ file, client: `02:00:00:00:00:0${number}` })
    t.ok(assumes.some((text) => text.includes('keys of the pair')))
    return server
  })
  t.same(new Set(servers.map((server) => server?.name)), new Set(['alpha', 'beta']))
  for (const server of servers) {
    const [, hash = ''] = /^hash (\d+) of the hardware address/.exec(server?.why ?? '') ?? []
    t.equal(server?.name, Number(hash) % 2 === 0 ? 'alpha' : 'beta')
  }
})

t.test(
  'ping check: an address is explained by what it was found by before the question',
  async (t) => {
    const file: Dhcp4Document = {
      'hooks-libraries': [{ library: 'libdhcp_ping_check.so' }],
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
    }
    const client = '02:00:00:00:00:01 relay=192.0.2.1'
    const asks = 'before the offer it is asked for on the wire whether somebody has it'
    const free = explanation({ file, client })
    t.match(free, /address +192\.0\.2\.10: the first free one\n/)
    t.match(free, asks)
    t.match(
      explanation({ file, client: `${client} address=192.0.2.15` }),
      /address +192\.0\.2\.15: the client asks for it, and it is free\n/,
    )
  },
)

t.test(
  'values are shown as people know them: texts with commas, user classes, names',
  async (t) => {
    const file: Dhcp4Document = {
      'option-data': [{ name: 'root-path', data: 'nfs:192.0.2.1\\,tcp' }],
      'ddns-qualifying-suffix': 'example.org',
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
    }
    const client = "02:00:00:00:00:01 relay=192.0.2.1 ask=17 77='iPXE'"
    const inAscii = explanation({ file, client: `${client} 81=0x0000007063` })
    t.match(inAscii, " user-class (77) 'iPXE'\n")
    t.match(inAscii, " fqdn (81) 'pc', flags 0x00\n")
    t.match(inAscii, / root-path +nfs:192\.0\.2\.1,tcp +global\n/)
    t.match(inAscii, / fqdn +'pc\.example\.org\.', flags 0x/)
    t.match(
      explanation({ file, client: `${client} 81=0x040000027063` }),
      / fqdn +'pc\.example\.org',/,
    )
    t.match(explanation({ file, client: `${client} 81=0x00` }), 'fqdn (81) 0x00\n')
  },
)

t.test('RFC 2563: a client that is offered no address is told whether to make one', async (t) => {
  const file: Dhcp4Document = {
    'interfaces-config': { interfaces: ['eth0'] },
    'option-data': [{ name: 'auto-config', data: '0' }],
    'client-classes': [{ name: 'REJECT', test: 'option[60].exists' }],
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10/32' }] }],
  }
  const client = '02:00:00:00:00:01 relay=192.0.2.1 vendor-class-identifier=x'
  const why = (more: string) => explained({ file, client: `${client}${more}` }).steps[0]?.why
  t.match(why(' auto-config=1'), /REJECT.*OFFER of no address/)
  t.notMatch(why(''), /OFFER/)
})
