// What the password of a server becomes, since it never travels. Without certificates it is the key
// of TLS itself (RFC 5489: elliptic curves and a shared key), by which each end proves that it
// knows it and everything is encrypted. With certificates it is proved inside TLS, over what both
// ends have drawn for this connection.
//
// Who pretends to be the server that is dialled may try passwords on what the dialler said: so each
// try is made costly.

import { createHash, createHmac, scryptSync, timingSafeEqual } from 'node:crypto'
import type { TLSSocket, ConnectionOptions as TlsOptions } from 'node:tls'
import type { HaPeer } from '../../config/plan/ha-plan.ts'

/** 32 MB and a tenth of a second a password. */
const COST = { N: 1 << 15, r: 8, p: 1, maxmem: 64 << 20 } as const
const KEY_BYTES = 32

/**
 * The key must not be read out of one that is recorded today and broken later, hence the curves.
 */
const CIPHERS = 'ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES256-CBC-SHA384'

/** RFC 5705: names what is exported from a TLS connection. */
const LABEL = 'EXPORTER-whio-link-1'

/**
 * Scheme of the header by which the dialler proves the password, and name of the one that answers
 * it.
 */
export const PROOF_SCHEME = 'Whio'
export const PROOF_HEADER = 'Whio-Proof'

/** Which end proves: what one has said is of no use to the other. */
export type ProofRole = 'dials' | 'is dialled'

export class LinkSecret {
  /** Names user and server to the one that is dialled, not to others. */
  readonly identity: string
  readonly #key: Buffer

  /**
   * Of the server `name`, as callers must know it. The name is part of the key: two servers with
   * one password have two keys, so that nobody can pass a dial on to the one that dials.
   */
  constructor({ user, password }: HaPeer['basicAuth'] & object, name: string) {
    const context = JSON.stringify(['whio link 1', name, user])
    this.identity = createHash('sha256').update(context).digest('hex')
    this.#key = scryptSync(password, context, KEY_BYTES, COST)
  }

  /** TLS by this secret alone, for the end that is dialled. */
  get listening() {
    return {
      ...LIMITS,
      pskCallback: (_: unknown, identity: string) =>
        identity === this.identity ? this.#key : null,
    }
  }

  /** The same for the end that dials. */
  get dialling(): TlsOptions {
    return {
      ...LIMITS,
      pskCallback: () => ({ identity: this.identity, psk: this.#key }),
      // There are no certificates.
      checkServerIdentity: () => undefined,
    }
  }

  /** What an end says that knows the secret; good for this connection only. */
  proof(socket: TLSSocket, role: ProofRole): string {
    const exported = socket.exportKeyingMaterial(KEY_BYTES, LABEL, Buffer.alloc(0))
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(['whio link 1', role, this.identity]))
      .update(exported)
      .digest('base64')
  }

  /** Takes the same time whatever is wrong. */
  isProof(text: string, socket: TLSSocket, role: ProofRole): boolean {
    return timingSafeEqual(digest(text), digest(this.proof(socket, role)))
  }
}

const LIMITS = { ciphers: CIPHERS, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
