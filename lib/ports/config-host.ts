// What commands about the configuration ask of the machine, beside the running configuration.

import type { ConfigDocument } from '../config/keys/document.ts'

/** SHA-256 of text that comes in pieces. */
export interface Sum {
  add(text: string): void
  /** Upper-case hexadecimal digits; ends it. */
  hex(): string
}

/** What is to be written: where nothing is named, the files that were named at the start. */
export interface WriteOrder {
  /** The maps that are served, each as pieces of JSON. */
  readonly maps: Readonly<Partial<Record<'Dhcp4' | 'Dhcp6', readonly string[]>>>
  /** What else is in force. */
  readonly others: Pick<ConfigDocument, 'Whio' | 'Control-agent' | 'DhcpDdns'>
  /** Of several files, the one that has this family; undefined = all. */
  readonly version: 4 | 6 | undefined
  /** Another file, which is made anew. */
  readonly filename: string | undefined
}

export type WriteResult =
  /** `bytes` of the file that is named. */
  | { readonly path: string; readonly bytes: number; readonly trouble?: undefined }
  | { readonly trouble: string }

export interface ConfigHost {
  sum(): Sum
  /** In a later turn of the loop, behind what waits there. */
  soon(work: () => void): void
  /** A file is written whole or stays as it was. */
  write(order: WriteOrder, done: (result: WriteResult) => void): void
}
