// Names of what programs are told as it happens.

export const EVENT_NAMES = [
  'lease.assigned',
  'lease.renewed',
  'lease.released',
  'lease.superseded',
  'lease.declined',
  'lease.occupied',
  'lease.expired',
  'lease.added',
  'lease.amended',
  'lease.deleted',
  'client.new',
  'pool.low',
  'pool.recovered',
  'server.state',
  'ha.state',
  'partner.met',
  'partner.lost',
  'conflict',
  'name.conflict',
  'other-server',
  'config.applied',
] as const

export type EventName = (typeof EVENT_NAMES)[number]
