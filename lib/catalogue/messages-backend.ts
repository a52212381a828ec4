// Lines of the log about configuration databases (config-control): see messages.ts.

import type { CatalogueRow } from './row.ts'

export const BACKEND_MESSAGES = {
  CONFIG_DATABASE_AWAITED: {
    level: 'warn',
    text: 'a configuration database is away at the start: it is tried again before anything is served',
    help: 'The field trouble says why. Nothing is served before the database was read, since the file has only a part of the configuration, and nothing was kept of an earlier time. The server tries max-reconnect-tries times, each reconnect-wait-time milliseconds after the last, and then ends.',
  },
  CONFIG_DATABASE_FILE_ONLY: {
    level: 'error',
    text: 'a configuration database is away at the start: what the file says is served alone',
    help: 'Nothing was kept of an earlier time, and on-fail asks to serve all the same. The server tries again and again, and what the database says comes into force as soon as it answers.',
  },
  CONFIG_DATABASE_IN_FORCE: {
    level: 'info',
    text: 'what a configuration database says is in force',
    help: 'It was read, judged as a file is, and stands on top of the file from now on. The fields subnets, networks, classes and globals are how many of each are for this server.',
  },
  CONFIG_DATABASE_KEPT: {
    level: 'warn',
    text: 'a configuration database is away at the start: what it said before is served',
    help: 'The field read says when it was read. It was kept beside the lease database (its name with .config). The server tries again and again, and what has changed meanwhile comes into force as soon as the database answers.',
  },
  CONFIG_DATABASE_LOST: {
    level: 'error',
    text: 'a configuration database does not answer: what it said last stays in force',
    help: 'The field trouble says why. Clients are served as before, whatever on-fail says, and the server never ends for it. It tries again and again; CONFIG_DATABASE_RECOVERED follows.',
  },
  CONFIG_DATABASE_NOT_KEPT: {
    level: 'error',
    text: 'what a configuration database says cannot be kept for a start without it',
    help: 'The file beside the lease database (its name with .config) cannot be written, for the reason in the field trouble. What is in force is in force all the same.',
  },
  CONFIG_DATABASE_RECOVERED: {
    level: 'info',
    text: 'a configuration database answers again',
    help: 'What has changed there meanwhile comes into force now.',
  },
  CONFIG_DATABASE_REFUSED: {
    level: 'error',
    text: 'what a configuration database says cannot be in force: what was in force stays',
    help: 'Lines before this one name each fault and the row that it is of. At a start, what was kept of the last good time is served. As soon as the rows are mended they come into force.',
  },
} as const satisfies Record<string, CatalogueRow>
