// The package that speaks PostgreSQL's protocol, which is optional: who keeps leases and hosts in
// files needs none.

import { JournalRefused } from '../journal/trouble.ts'

type Package = Pick<typeof import('pg'), 'Client'>

let loading: Promise<Package> | undefined

/** Rejects with JournalRefused where it is not installed. */
export function loadPg(): Promise<Package> {
  loading ??= import('pg').then(
    ({ default: pg }) => pg,
    (error) => {
      loading = undefined
      throw new JournalRefused(
        'no-package',
        `PostgreSQL needs the package pg, which cannot be used: ${firstLine(error)}. ` +
          'Install it: npm install pg',
      )
    },
  )
  return loading
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0]!
}
