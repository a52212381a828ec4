// Who is told of leases beside the log and events: libraries of Kea that watch.

import type { Text } from '../../classify/expression.ts'

export interface NoticesPlan {
  /** A program that is started at each change of a lease, by its absolute path. */
  readonly script: string | undefined
  readonly legalLog: LegalLogPlan | undefined
}

/** Who had which address, and for how long: a line each. */
export interface LegalLogPlan {
  readonly to: LegalLogFiles | LegalLogSyslog
  /** Undefined: lines are in the words of Kea. */
  readonly formats: LegalFormats | undefined
  /** Subnets whose leases are not logged. */
  readonly except: ReadonlySet<number>
}

/** What a line says, by expressions: of the query, then of the reply; undefined = nothing of it. */
export interface LegalFormats {
  readonly request: Text | undefined
  readonly response: Text | undefined
}

export interface LegalLogFiles {
  readonly kind: 'files'
  readonly folder: string
  /** The name of a file begins with it. */
  readonly baseName: string
  readonly timeUnit: 'second' | 'day' | 'month' | 'year'
  /** So many units after it was begun, a file is followed by the next one; 0 = never. */
  readonly count: number
  /** Programs that are started with the name of the file, '' = none. */
  readonly prerotate: string
  readonly postrotate: string
  /** In the letters of strftime. */
  readonly timestamp: string
}

export interface LegalLogSyslog {
  readonly kind: 'syslog'
  readonly facility: string
}

/** What `timestamp` may have behind a %. */
export const TIMESTAMP_LETTERS = 'YmdHMSZzybBaAejpIFTDs%'
