// OFFERs must not wait for the disk: with a journal whose commit takes 20 ms, and clients that keep
// it busy, how long does a DISCOVER wait for its OFFER, and a REQUEST for its ACK?
//
//   npm run bench -- offers

import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'

export const COMMIT_DELAY_MS = 20

const PROBES = 1000
const RELAY = ipv4FromText('127.0.0.1')!
/** Option 82 with sub-option 19: replies come to the port that was sent from (RFC 8357). */
const AGENT = '\x13\x00'

export async function offers(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'whio-offers-'))
  const server = new Worker(new URL('./slow-disk-server.ts', import.meta.url), {
    execArgv: [],
    workerData: { folder, commitDelayMs: COMMIT_DELAY_MS },
  })
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('message', resolve)
      server.once('error', reject)
    })
    const offer = await latencies(port, 1)
    const ack = await latencies(port, 3)
    console.log(`| commit of ${COMMIT_DELAY_MS} ms, 500 renewals/s beside it | median | 99 % |`)
    console.log('|---|---:|---:|')
    console.log(row('DISCOVER to OFFER', offer))
    console.log(row('REQUEST to ACK', ack))
  } finally {
    await server.terminate()
    rmSync(folder, { recursive: true, force: true })
  }
}

function row(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(2)
  return `| ${name} | ${at(0.5)} ms | ${at(0.99)} ms |`
}

/** One probe after the other, while a second socket keeps the journal busy. */
async function latencies(port: number, type: 1 | 3): Promise<number[]> {
  const probe = createSocket('udp4')
  const noise = createSocket('udp4')
  const values: number[] = []
  let number = 0
  const timer = setInterval(() => noise.send(query(3, 100 + (number++ % 50)), port, '127.0.0.1'), 2)
  for (let count = 0; count < PROBES; count++) {
    const began = performance.now()
    const answered = new Promise((resolve) => probe.once('message', resolve))
    probe.send(query(type, 1 + (count % 50)), port, '127.0.0.1')
    await answered
    values.push(performance.now() - began)
  }
  clearInterval(timer)
  probe.close()
  noise.close()
  return values
}

function query(type: number, client: number): Uint8Array {
  const hwAddress = `\x02\x00\x00\x00\x00${String.fromCharCode(client)}`
  const requested: [number, string][] =
    type === 3 ? [[50, `\xc6\x12\x00${String.fromCharCode(client)}`]] : []
  return encodeMessage4({ hwAddress, giaddr: RELAY, xid: client }, [
    [53, String.fromCharCode(type)],
    ...requested,
    [54, '\x7f\x00\x00\x01'],
    [82, AGENT],
  ])
}
