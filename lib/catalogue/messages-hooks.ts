// Lines about hooks, the modules that hooks-libraries name: see messages.ts.

import type { CatalogueRow } from './row.ts'

export const HOOK_MESSAGES = {
  HOOK_LOADED: {
    level: 'info',
    text: 'a hook is in force',
    help: 'A module of hooks-libraries is set up and is asked from now on. The field path is the file that it came from. A hook is code of the operator with all rights of the server.',
  },
  HOOK_UNLOADED: {
    level: 'info',
    text: 'a hook is unloaded',
    help: 'Another configuration is in force, or the server has stopped.',
  },
  HOOKS_REFUSED: {
    level: 'error',
    text: 'the hooks of the configuration cannot be in force; the former ones are asked as before',
    help: 'The field trouble says which module of hooks-libraries it is and why: its file or a folder above it can be written by others, it is for another version of the interface, or its setup failed. Mend it and reload.',
  },
  HOOK_FAILED: {
    level: 'error',
    text: 'a hook failed',
    help: 'A callout of the hook threw an error, did what a hook may not do, or gave an answer that is none. on-error says what became of the message: it is dropped, or goes on as if the hook had said nothing. The line is written once in ten seconds for each hook; the metric whio_hook_failures_total counts.',
  },
  HOOK_OFF: {
    level: 'error',
    text: 'a hook has failed 100 times within a minute and is switched off',
    help: 'The hook is not asked any more until the next reload. Messages are answered as if the hook were not there. With "required": true, messages that the hook would be asked about are dropped.',
  },
  HOOK_OFF_BLOCKING: {
    level: 'error',
    text: 'a hook has held the server up for ten seconds within a minute and is switched off',
    help: 'Nobody can end a callout that does not return, so that the server did nothing else for so long. The hook is not asked any more until the next reload. Messages are answered as if the hook were not there. With "required": true, messages that the hook would be asked about are dropped. Whatever takes time belongs into a promise of a gate, or into another program.',
  },
  HOOK_LATE: {
    level: 'warn',
    text: 'a hook did not answer in time',
    help: 'Messages wait for a gate of a hook as long as timeout says. on-timeout says what became of the message: it is dropped, or goes on. The line is written once in ten seconds for each hook; the metric whio_hook_late_total counts.',
  },
  HOOK_BLOCKED: {
    level: 'warn',
    text: 'a hook held the server up',
    help: 'A callout took so many milliseconds before it returned, and nothing else was done meanwhile: no client was answered, and the partner of a pair heard nothing. After ten seconds of it within a minute the hook is switched off. Whatever takes time belongs into a promise of a gate, or into another program.',
  },
  HOOK_THREAD_ENDED: {
    level: 'error',
    text: 'the thread of a hook has ended, and another one is started',
    help: 'The hook runs in a thread of its own ("worker": true), which has ended by itself, or did not turn for seconds and was ended: the field why says which. Clients are served meanwhile; what waited for the hook has failed, as on-error says. Another thread is started after so many seconds, later each time. The line is written once in ten seconds for each hook; the metric whio_hook_restarts_total counts.',
  },
  HOOK_SLOW: {
    level: 'warn',
    text: 'the callouts of a hook take long',
    help: 'Over 1000 calls, a call took so many microseconds on the average. The server does nothing else meanwhile: with 100 microseconds a call, it answers fewer than 10,000 messages a second.',
  },
  HOOK_EVENTS_LOST: {
    level: 'warn',
    text: 'a hook does not keep up with what it is told; the oldest of it is dropped',
    help: 'What leases have become, and which replies left, waits for the observers of a hook within a bound. The field lost counts what was dropped since the hook was loaded.',
  },
  HOOK_REFUSED: {
    level: 'debug',
    text: 'a hook has refused a message',
    help: 'The field reason is what the hook said. The metric whio_hook_refused_total counts by it.',
  },
  HOOK_SAYS_DEBUG: { level: 'debug', text: 'a hook says', help: 'A line of the hook itself.' },
  HOOK_SAYS: { level: 'info', text: 'a hook says', help: 'A line of the hook itself.' },
  HOOK_SAYS_WARN: { level: 'warn', text: 'a hook warns', help: 'A line of the hook itself.' },
  HOOK_SAYS_ERROR: {
    level: 'error',
    text: 'a hook says what is wrong',
    help: 'A line of the hook itself.',
  },
  HA_HOOKS_DIFFER: {
    level: 'warn',
    text: 'the partner has other hooks',
    help: 'The two servers of a pair have other modules in hooks-libraries, other versions of them, or other parameters. A client may get something else when the other server answers it. Give both servers the same hooks.',
  },
} as const satisfies Record<string, CatalogueRow>
