// Plays systemd with a .socket unit of DHCPv6: binds UDP sockets of port 547 to a device, and runs
// a script of the project on them, without any right of its own.
//
//   node socket-unit.ts DEVICE SCRIPT ARGUMENT...

import { spawn } from 'node:child_process'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  loadLibc,
  SO_REUSEADDR,
  SOCK_DGRAM,
} from '../../lib/platform/libc.ts'

const [device = '', ...script] = process.argv.slice(2)
const libc = loadLibc()
if (typeof libc === 'string') throw new Error(libc)

const descriptors = ['::', 'ff02::1:2', 'ff05::1:3'].map((address) => {
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, 0)
  const steps = [
    libc.setOption(fd, IPV6_V6ONLY, 1, IPPROTO_IPV6),
    libc.bindToDevice(fd, device),
    libc.setOption(fd, SO_REUSEADDR, 1),
    libc.bind6(fd, ipv6FromText(address)!, 547, libc.indexOfDevice(device)),
  ]
  if (steps.some((result) => result < 0)) throw new Error(`${address}: ${steps}`)
  return fd
})
const command = 'LISTEN_PID=$$ LISTEN_FDS=3 exec "$@"'
const words = ['--bounding-set=-all', '--inh-caps=-all', 'sh', '-c', command, 'sh']
const child = spawn('setpriv', [...words, process.execPath, ...script], {
  stdio: ['inherit', 'inherit', 'inherit', ...descriptors],
})
for (const fd of descriptors) libc.close(fd)
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
