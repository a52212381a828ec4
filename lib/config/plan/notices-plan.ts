// Who is told of leases beside the log and events: libraries of Kea that watch.

export interface NoticesPlan {
  /** A program that is started at each change of a lease, by its absolute path. */
  readonly script: string | undefined
}
