// Random documents of both families that can be served, by fast-check: scopes that say much or
// nothing on each level, options in every notation, hosts, shared networks.

import fc from 'fast-check'

type Members = Record<string, unknown>

function some(keys: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Members> {
  return fc.record(keys, { requiredKeys: [] })
}

const lifetimes = {
  'valid-lifetime': fc.constantFrom(3600, 4000),
  'min-valid-lifetime': fc.constantFrom(1000, 3600),
  'max-valid-lifetime': fc.constantFrom(4000, 7200),
}

const scope = {
  ...lifetimes,
  'renew-timer': fc.constantFrom(100, 900),
  'rebind-timer': fc.constantFrom(1000, 3000),
  'calculate-tee-times': fc.boolean(),
  't1-percent': fc.constantFrom(0.3, 0.5),
  't2-percent': fc.constantFrom(0.7, 0.8),
  'store-extended-info': fc.boolean(),
  'cache-threshold': fc.constantFrom(0, 0.25),
  'cache-max-age': fc.constantFrom(0, 600),
  'adaptive-lease-time-threshold': fc.constantFrom(0.5, 1),
  allocator: fc.constantFrom('iterative', 'random', 'flq'),
  'hostname-char-set': fc.constantFrom('', '[^A-Za-z0-9.-]', '[^a-z]'),
  'ddns-qualifying-suffix': fc.constantFrom('', 'example.org'),
  'reservations-global': fc.boolean(),
  'reservations-out-of-pool': fc.boolean(),
  comment: fc.constantFrom('a remark', ''),
}

const context = { 'user-context': fc.constantFrom({}, { floor: 2, deep: { list: [1, 'x'] } }) }

const options4 = fc.array(
  fc.constantFrom<Members>(
    { name: 'domain-name-servers', data: '192.0.2.1, 192.0.2.2' },
    { code: 6, data: '192.0.2.3', 'always-send': true },
    { code: 224, data: '0a0b 0c' },
    { code: 225, name: 'own-number', data: '7' },
    { name: 'domain-name', data: "'65'", 'csv-format': false },
    { name: 'routers', 'never-send': true },
    { name: 'tftp-servers', space: 'vendor-4491', data: '192.0.2.7' },
    { name: 'domain-name', data: 'one.example', 'client-classes': ['red'] },
  ),
  { maxLength: 3 },
)

const options6 = fc.array(
  fc.constantFrom<Members>(
    { name: 'dns-servers', data: '2001:db8::1, 2001:db8::2' },
    { code: 23, data: '20010db8000000000000000000000001', 'csv-format': false },
    { code: 1024, data: '0x0a0b' },
    { name: 'domain-search', data: 'a.example, b.example', 'always-send': true },
  ),
  { maxLength: 3 },
)

const boot = {
  'next-server': fc.constantFrom('0.0.0.0', '192.0.2.9', ''),
  'server-hostname': fc.constantFrom('', 'boot'),
  'boot-file-name': fc.constantFrom('', 'pxe.0'),
}

const guards = { 'client-classes': fc.constantFrom([], ['red']) }

function host4(net: number, n: number): fc.Arbitrary<Members> {
  const identity = fc.constantFrom<Members>(
    { 'hw-address': `02:00:5E:10:0${n % 10}:0${net % 10}` },
    { duid: `00030001020000${n % 10}${net % 10}` },
    { 'client-id': `'host ${net} ${n}'` },
    { 'circuit-id': `0x0${net % 10}0${n % 10}` },
    { identifiers: [{ 'hw-address': `020000000${n % 10}0${net % 10}` }, { 'client-id': `${n}1` }] },
  )
  return fc
    .tuple(
      identity,
      some({ ...boot, hostname: fc.constantFrom('', 'Printer'), ...context }),
      options4,
    )
    .map(([who, what, list]) => ({
      ...who,
      ...what,
      'ip-address': `10.0.${net}.${100 + n}`,
      'option-data': list,
    }))
}

function subnet4(net: number): fc.Arbitrary<Members> {
  const hosts = fc.tuple(host4(net, 1), host4(net, 2)).chain((all) => fc.subarray(all))
  return fc
    .tuple(
      some({
        ...scope,
        ...boot,
        ...guards,
        'offer-lifetime': fc.constantFrom(0, 60),
        'match-client-id': fc.boolean(),
      }),
      options4,
      options4,
      hosts,
      fc.constantFrom(
        [],
        [{ 'ip-addresses': [`10.9.${net}.1`] }],
        [{ 'ip-addresses': ['0.0.0.0'] }],
      ),
    )
    .map(([own, list, poolList, reservations, relay]) => ({
      ...own,
      id: net + 1,
      subnet: `10.0.${net}.0/24`,
      'option-data': list,
      pools: [{ pool: `10.0.${net}.10 -  10.0.${net}.20`, 'option-data': poolList }],
      ...(reservations.length > 0 && { reservations }),
      ...(relay[0] && { relay: relay[0] }),
    }))
}

/** A map Dhcp4. */
export const dhcp4: fc.Arbitrary<Members> = fc
  .tuple(
    some({ ...scope, ...boot, ...context }),
    some({ ...scope, ...boot, ...context }),
    fc.tuple(subnet4(0), subnet4(1), subnet4(2)),
    options4,
  )
  .map(([global, network, [first, second, third], list]) => ({
    ...global,
    'option-data': list,
    'option-def': [{ name: 'own-number', code: 225, type: 'uint16' }],
    'client-classes': [
      { name: 'red', test: 'option[61].exists', 'option-data': list, 'boot-file-name': 'red' },
    ],
    'host-reservation-identifiers': ['hw-address', 'duid', 'client-id', 'circuit-id'],
    subnet4: [first],
    'shared-networks': [{ ...network, name: 'floor', subnet4: [second, third] }],
  }))

const preferred = {
  'preferred-lifetime': fc.constantFrom(0, 2000),
  'min-preferred-lifetime': fc.constantFrom(0, 1000),
  'max-preferred-lifetime': fc.constantFrom(2000, 3000),
}

function subnet6(net: number): fc.Arbitrary<Members> {
  return fc
    .tuple(
      some({ ...scope, ...preferred, ...guards, ...context, 'rapid-commit': fc.boolean() }),
      options6,
      fc.constantFrom(`2001:db8:${net}::/64`, `2001:db8:${net}::10 - 2001:db8:${net}::1F`),
      fc.boolean(),
    )
    .map(([own, list, pool, delegates]) => ({
      ...own,
      id: net,
      subnet: `2001:db8:${net}::/64`,
      'option-data': list,
      pools: [{ pool }],
      ...(delegates && {
        'pd-pools': [{ prefix: `2001:db8:${net}00::`, 'prefix-len': 40, 'delegated-len': 64 }],
      }),
      reservations: [{ duid: `0003000102000000000${net}`, 'ip-addresses': [`2001:db8:${net}::5`] }],
    }))
}

/** A map Dhcp6. */
export const dhcp6: fc.Arbitrary<Members> = fc
  .tuple(
    some({ ...scope, ...preferred, ...context }),
    some({
      ...scope,
      ...preferred,
      'rapid-commit': fc.boolean(),
      'interface-id': fc.constant('port'),
    }),
    fc.tuple(subnet6(1), subnet6(2)),
    options6,
  )
  .map(([global, network, [first, second], list]) => ({
    ...global,
    'option-data': list,
    'client-classes': [{ name: 'red', test: 'option[1].exists' }],
    subnet6: [first],
    'shared-networks': [{ ...network, name: 'floor', subnet6: [second] }],
  }))
