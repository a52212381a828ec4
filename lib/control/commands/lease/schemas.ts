// What commands on leases take, for whoever completes, checks or describes them.

import type { Schema } from '../../command.ts'

const TEXT: Schema = { type: 'string' }
const FLAG: Schema = { type: 'boolean', default: false }
const COUNT: Schema = { type: 'integer', minimum: 0, maximum: 0xffffffff }
const TYPE: Schema = { enum: ['IA_NA', 'IA_PD'], default: 'IA_NA' }

const COMMON = {
  'ip-address': TEXT,
  'subnet-id': { ...COUNT, description: 'The one that the address is in when absent or 0' },
  'hw-address': TEXT,
  'valid-lft': { ...COUNT, description: 'Seconds; that of the subnet when absent' },
  expire: { type: 'integer', minimum: 1, description: 'Seconds since 1970' },
  'fqdn-fwd': FLAG,
  'fqdn-rev': FLAG,
  hostname: TEXT,
  state: { type: 'integer', minimum: 0, maximum: 4, default: 0 },
  'pool-id': COUNT,
  'user-context': { type: 'object' },
  comment: TEXT,
  'force-create': FLAG,
} as const satisfies Record<string, Schema>

export const LEASE4: Schema = {
  type: 'object',
  properties: { ...COMMON, 'client-id': TEXT },
  required: ['ip-address', 'hw-address'],
}

export const LEASE6: Schema = {
  type: 'object',
  properties: {
    ...COMMON,
    duid: TEXT,
    iaid: COUNT,
    type: TYPE,
    'prefix-len': { type: 'integer', minimum: 1, maximum: 128 },
    'preferred-lft': COUNT,
  },
  required: ['ip-address', 'duid', 'iaid'],
}

const SELECTED = { 'ip-address': TEXT, 'subnet-id': COUNT, identifier: TEXT } as const

export const SELECTOR4: Schema = {
  type: 'object',
  properties: { ...SELECTED, 'identifier-type': { enum: ['hw-address', 'client-id'] } },
}

export const SELECTOR6: Schema = {
  type: 'object',
  properties: {
    ...SELECTED,
    'identifier-type': { enum: ['duid'] },
    iaid: { ...COUNT, default: 0 },
    type: TYPE,
  },
}

export const UPDATE_DDNS: Schema = {
  type: 'boolean',
  default: true,
  description: 'False: what is in DNS because of the lease stays there',
}

export function withUpdateDdns(schema: Schema): Schema {
  return { ...schema, properties: { ...schema.properties, 'update-ddns': UPDATE_DDNS } }
}
