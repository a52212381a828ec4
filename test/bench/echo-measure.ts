// Measures echo.ts in both modes with perfdhcp, in network namespaces, one core each:
//
//   node test/bench/echo-measure.ts [RATE ...]        exchanges a second; default 2000 10000 20000
//
// An exchange is two packets in and two out. Prints CPU microseconds a packet and what was
// answered.

import { network, type Running, systemSkip } from '../system/netns.ts'

const SECONDS = 4
const rates = process.argv.slice(2).map(Number)
const skip = systemSkip('perfdhcp', 'taskset')

interface Report {
  packets: number
  userMicros: number
  systemMicros: number
}

async function measure(mode: string, rate: number): Promise<string> {
  const net = network()
  try {
    const server = net.namespace('server')
    const load = net.namespace('load')
    net.veth(server, 'eth0', load, 'eth0')
    server.addAddress('eth0', '10.0.0.1/8')
    load.addAddress('eth0', '10.0.0.2/8')
    const script = [process.execPath, 'test/bench/echo.ts', mode, '10.0.0.1', 'eth0']
    const echo = server.start('taskset', '-c', '0', ...script)
    await echo.until(/ready/)
    await report(echo)
    const options = ['-4', '-g', 'single', '-l', 'eth0', '-r', `${rate}`, '-R', '1000000']
    const more = ['-s', `${Date.now() % 10000}`, '-p', `${SECONDS}`, '-W', '1000000', '10.0.0.1']
    const perfdhcp = load.start('taskset', '-c', '1', 'perfdhcp', ...options, ...more)
    await perfdhcp.ended
    const done = await report(echo)
    return row(mode, rate, perfdhcp.stdout, done)
  } finally {
    await net.remove()
  }
}

async function report(echo: Running): Promise<Report> {
  const from = echo.stdout.length
  echo.tell('report')
  return JSON.parse((await echo.until(/\{.*\}/, from))[0]) as Report
}

function row(mode: string, rate: number, output: string, done: Report): string {
  const sent = [...output.matchAll(/sent packets: (\d+)/g)].map((match) => Number(match[1]))
  const received = [...output.matchAll(/received packets: (\d+)/g)].map((match) => Number(match[1]))
  const each = (micros: number): string => (micros / done.packets).toFixed(1)
  const cpu = `${each(done.userMicros + done.systemMicros)} us (user ${each(done.userMicros)})`
  const exchanges = Math.round((received[1] ?? 0) / SECONDS)
  const asked = Math.round((sent[0] ?? 0) / SECONDS)
  return `${mode}\tasked ${rate}\tsent ${asked}/s\tdone ${exchanges}/s\t${cpu} a packet`
}

if (skip !== false) console.log(skip)
else
  for (const rate of rates.length > 0 ? rates : [2000, 10_000, 20_000])
    for (const mode of ['plain', 'whio']) console.log(await measure(mode, rate))
