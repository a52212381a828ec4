// 4-way exchanges a second, side by side in one run: a bare node:dgram echo (the limit of the sockets),
// Whio with a durable journal, and Kea with memfile, single- and multi-threaded. Each server runs alone,
// pinned to one processor, with perfdhcp on the other, in network namespaces.
//
//   npm run bench -- exchanges [--rounds 3]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Namespace, network, type Running } from '../system/netns.ts'
import { climb, type Load, type Sample } from './perfdhcp.ts'

const SERVER_CPU = 0
const LOAD_CPU = 1
const PINNED = ['taskset', '-c', String(SERVER_CPU)] as const

interface Contender {
  readonly name: string
  /** First rate tried. */
  readonly start: number
  /** Starts the server and returns when it serves. `folder` is new and empty. */
  run(namespace: Namespace, folder: string): Promise<Running>
}

const SUBNET = {
  subnet: '10.0.0.0/8',
  id: 1,
  interface: 'eth0',
  pools: [{ pool: '10.16.0.0 - 10.80.255.255' }],
  'option-data': [
    { name: 'routers', data: '10.0.0.1' },
    { name: 'domain-name-servers', data: '10.0.0.2, 10.0.0.3' },
  ],
}

function keaConfig(folder: string, isThreaded: boolean): object {
  return {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'] },
      'lease-database': {
        type: 'memfile',
        persist: true,
        name: join(folder, 'leases.csv'),
        'lfc-interval': 0,
      },
      'multi-threading': { 'enable-multi-threading': isThreaded, 'thread-pool-size': 2 },
      'valid-lifetime': 3600,
      subnet4: [SUBNET],
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stderr' }] }],
    },
  }
}

function whioConfig(folder: string): object {
  return {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'] },
      'lease-database': { type: 'memfile', name: join(folder, 'leases.sqlite') },
      'valid-lifetime': 3600,
      subnet4: [SUBNET],
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR' }],
    },
  }
}

async function startKea(ns: Namespace, folder: string, isThreaded: boolean): Promise<Running> {
  const file = join(folder, 'kea.json')
  writeFileSync(file, JSON.stringify(keaConfig(folder, isThreaded)))
  const environment = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`]
  const kea = ns.start('env', ...environment, ...PINNED, 'kea-dhcp4', '-c', file)
  await listening(ns, kea)
  return kea
}

async function startWhio(ns: Namespace, folder: string): Promise<Running> {
  const file = join(folder, 'whio.json')
  writeFileSync(file, JSON.stringify(whioConfig(folder)))
  const whio = ns.start(...PINNED, process.execPath, 'dist/bin/whio.js', 'serve', '-c', file)
  await listening(ns, whio)
  return whio
}

async function startEcho(ns: Namespace, mode: string): Promise<Running> {
  const echo = ns.start(...PINNED, process.execPath, 'test/bench/echo.ts', mode, '10.0.0.1', 'eth0')
  await listening(ns, echo)
  return echo
}

/** Returns when something in the namespace listens on UDP port 67. */
async function listening(ns: Namespace, server: Running): Promise<void> {
  let isOver: number | string | undefined
  server.ended.then((result) => {
    isOver = result
  })
  while (isOver === undefined) {
    if (/:67\s/.test(ns.run('ss', '-Hlun'))) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server ended (${isOver}):\n${server.stdout}${server.stderr}`)
}

const CONTENDERS: readonly Contender[] = [
  { name: 'node:dgram echo', start: 10_000, run: (ns) => startEcho(ns, 'plain') },
  { name: 'Whio, durable', start: 8000, run: startWhio },
  { name: 'Kea, one thread', start: 4000, run: (ns, folder) => startKea(ns, folder, false) },
  { name: 'Kea, threads', start: 4000, run: (ns, folder) => startKea(ns, folder, true) },
]

async function measure(contender: Contender): Promise<Sample> {
  const net = network()
  const folder = mkdtempSync(join(tmpdir(), 'whio-bench-'))
  try {
    const server = net.namespace('server')
    const client = net.namespace('load')
    net.veth(server, 'eth0', client, 'eth0')
    server.addAddress('eth0', '10.0.0.1/8')
    client.addAddress('eth0', '10.0.0.9/8')
    const running = await contender.run(server, folder)
    const load: Load = {
      from: client,
      device: 'eth0',
      server: '10.0.0.1',
      cpu: LOAD_CPU,
      clients: 1_000_000,
      pid: running.pid,
    }
    const best = await climb(load, contender.start, ({ asked, sent, held, cpuEach }) =>
      process.stderr.write(
        `  ${contender.name}: asked ${asked}, sent ${sent}, held ${held}, ${cpuEach.toFixed(1)} us each\n`,
      ),
    )
    running.kill('SIGTERM')
    await running.ended
    return best
  } finally {
    await net.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function exchanges(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = new Map<string, Sample>()
  for (let round = 0; round < rounds; round++) {
    for (const contender of CONTENDERS) {
      if (only.length > 0 && !only.some((word) => contender.name.includes(word))) continue
      const sample = await measure(contender)
      const former = best.get(contender.name)
      if (former === undefined || sample.held > former.held) best.set(contender.name, sample)
    }
  }
  print(best)
}

function print(best: ReadonlyMap<string, Sample>): void {
  const held = (name: string) => best.get(name)?.held ?? 0
  const kea = Math.max(held('Kea, one thread'), held('Kea, threads'))
  const limit = held('node:dgram echo')
  console.log(
    '| server, pinned to one core | exchanges/s | of the limit | of the better Kea | CPU each |',
  )
  console.log('|---|---:|---:|---:|---:|')
  for (const [name, sample] of best) {
    const ofLimit = limit === 0 ? '–' : `${Math.round((sample.held / limit) * 100)} %`
    const ofKea = kea === 0 ? '–' : (sample.held / kea).toFixed(2)
    const each = `${sample.cpuEach.toFixed(1)} µs`
    console.log(`| ${name} | ${Math.round(sample.held)} | ${ofLimit} | ${ofKea} | ${each} |`)
  }
}
