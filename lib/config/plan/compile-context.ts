// What the configuration does not say and compile has to know: the machine that it is compiled for.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { HostTables } from './host-rows.ts'

/** What compile must be told of the machine, since it looks at nothing itself. */
export interface CompileContext {
  /**
   * Absolute path of the folder for state. Relative names of lease databases start here. Undefined
   * where there is none: then leases of a document that names no database are kept in memory only.
   */
  readonly stateDirectory: string | undefined
  /**
   * The one family that this process serves, where it stands in for one of Kea's servers: what a
   * file says of the other family is not looked at.
   */
  readonly only?: 4 | 6
  /**
   * Where Kea keeps its leases when its document names no file, to be read in once by a server that
   * takes over such a document; left out where Kea never ran.
   */
  readonly keaCsv?: string
  /** The same of DHCPv6. */
  readonly keaCsv6?: string
  /** Whether there is a file at this path. Left out: none is looked for. */
  readonly hasFile?: (path: string) => boolean
  /** Looks at a file that the document names. Left out: files are not looked at. */
  readonly look?: (path: string) => FileLook
  /**
   * Names of the interfaces of this machine, also of those that are down. Left out: they are not
   * looked for.
   */
  readonly interfaceNames?: readonly string[]
  /**
   * Prefixes of IPv6 that an interface has addresses of, the one to use first; undefined where
   * there is no such interface. Left out: none is known.
   */
  readonly prefixesOf?: (name: string) => readonly Prefix6[] | undefined
  /** Addresses of this machine, IPv4 and IPv6: by them a server of a pair finds its own entry. */
  readonly localAddresses?: readonly string[]
  /** Name of this server among the peers of its pair; wins over the document. */
  readonly thisServer?: string
  /** What databases of reservations say. Left out: nobody has asked them. */
  readonly hostTables?: HostTables
  /**
   * Who this server was when it last served with the lease database at this path: counts where
   * neither the document nor an address tells, since an interface may be gone for a while.
   */
  readonly knownAs?: (database: string) => KnownServer | undefined
}

/** What finds this server among its peers: the context, with the lease database known. */
export interface PairContext extends CompileContext {
  readonly formerly: () => KnownServer | undefined
}

/** A peer, by its name and where its url was. */
export interface KnownServer {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** What is there: a file with its text, a folder, or why neither can be seen. */
export type FileLook =
  /** `isOpen`: every user of the machine may read it. */
  | { readonly kind: 'file'; readonly text: string; readonly isOpen?: boolean }
  /** `isWritable`: this user may make something in it. */
  | { readonly kind: 'folder'; readonly isWritable?: boolean }
  | { readonly kind: 'trouble'; readonly trouble: string }
