// Files of leases beside the lease database, for whoever reads Kea's.

export type LeaseFileResult =
  | { readonly path: string; readonly trouble?: undefined }
  /** isRefused: the name is not one that may be written. */
  | { readonly trouble: string; readonly isRefused: boolean }

export interface LeaseFiles {
  /**
   * The pieces of text, some of them in each turn of the loop, become a file of this name in the
   * folder: whole, or it stays as it was. `heading`: the first line; nothing but a file that begins
   * so is replaced.
   */
  write(
    folder: string,
    name: string,
    heading: string,
    pieces: Iterator<string>,
    done: (result: LeaseFileResult) => void,
  ): void
}
