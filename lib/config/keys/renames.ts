// Old spellings of keys (Kea 1.x to 2.x) -> the members that are written today.

type Members = Readonly<Record<string, unknown>>

interface Rename {
  /** The old value as the members of the same map that replace it. */
  readonly to: (value: unknown) => Members
  /** The new value is a list around the old one. */
  readonly wraps?: boolean
}

const MODES: Readonly<
  Record<string, readonly [global: boolean, inSubnet: boolean, outOfPool: boolean]>
> = {
  all: [false, true, false],
  'out-of-pool': [false, true, true],
  global: [true, false, false],
  disabled: [false, false, false],
  off: [false, false, false],
}

export const RENAMES: Readonly<Record<string, Rename>> = {
  'client-class': listed('client-classes'),
  'require-client-classes': called('evaluate-additional-classes'),
  'only-if-required': called('only-in-additional-list'),
  'hosts-database': listed('hosts-databases'),
  'control-socket': listed('control-sockets'),
  'ip-address': listed('ip-addresses'),
  output_options: called('output-options'),
  'ddns-use-conflict-resolution': {
    to: (value) => ({
      'ddns-conflict-resolution-mode': value === true ? 'check-with-dhcid' : 'no-check-with-dhcid',
    }),
  },
  'reservation-mode': {
    to: (value) => {
      const [global, inSubnet, outOfPool] = MODES[String(value)]!
      return {
        'reservations-global': global,
        'reservations-in-subnet': inSubnet,
        'reservations-out-of-pool': outOfPool,
      }
    },
  },
}

/** Keys that stood in dhcp-ddns up to Kea 2.x -> keys of the global level. */
export const LIFTED_FROM_DDNS: Readonly<Record<string, string>> = {
  'qualifying-suffix': 'ddns-qualifying-suffix',
  'override-no-update': 'ddns-override-no-update',
  'override-client-update': 'ddns-override-client-update',
  'replace-client-name': 'ddns-replace-client-name',
  'generated-prefix': 'ddns-generated-prefix',
  'hostname-char-set': 'hostname-char-set',
  'hostname-char-replacement': 'hostname-char-replacement',
}

function called(key: string): Rename {
  return { to: (value) => ({ [key]: value }) }
}

function listed(key: string): Rename {
  return { to: (value) => ({ [key]: [value] }), wraps: true }
}
