// The lines of the log about the life of a server: one for each family that it serves, since people
// and tools look for those of a family.

import type { MessageId } from '../catalogue/messages.ts'

export type LifeStep =
  | 'starting'
  | 'started'
  | 'stopping'
  | 'stopped'
  /** What comes of a configuration that is read again. */
  | 'configured'
  | 'error'
  | 'note'
  | 'refused'
  | 'restart'

export const LIFE_LINES: Readonly<Record<4 | 6, Readonly<Record<LifeStep, MessageId>>>> = {
  4: {
    starting: 'DHCP4_STARTING',
    started: 'DHCP4_STARTED',
    stopping: 'DHCP4_STOPPING',
    stopped: 'DHCP4_STOPPED',
    configured: 'DHCP4_CONFIG_COMPLETE',
    error: 'DHCP4_CONFIG_ERROR',
    note: 'DHCP4_CONFIG_NOTE',
    refused: 'DHCP4_CONFIG_REFUSED',
    restart: 'DHCP4_CONFIG_RESTART',
  },
  6: {
    starting: 'DHCP6_STARTING',
    started: 'DHCP6_STARTED',
    stopping: 'DHCP6_STOPPING',
    stopped: 'DHCP6_STOPPED',
    configured: 'DHCP6_CONFIG_COMPLETE',
    error: 'DHCP6_CONFIG_ERROR',
    note: 'DHCP6_CONFIG_NOTE',
    refused: 'DHCP6_CONFIG_REFUSED',
    restart: 'DHCP6_CONFIG_RESTART',
  },
}
