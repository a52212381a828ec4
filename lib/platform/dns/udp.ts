// A message to a DNS server by UDP. Each has a socket of its own, so that its port is one that
// nobody else can know, and a connected one, so that the kernel takes datagrams from the server
// alone and tells at once that nobody listens there.

import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import type { Hearing, Sent } from './hearing.ts'

export function askByUdp(server: NameServerPlan, message: Uint8Array, hearing: Hearing): Sent {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
  let isClosed = false
  const fail = (error: Error): void => {
    if (!isClosed) hearing.onTrouble(error)
  }
  socket.on('error', fail)
  socket.on('message', (bytes) => {
    if (!isClosed) hearing.onMessage(bytes)
  })
  socket.connect(server.port, server.address, (error?: Error) => {
    if (error !== undefined) fail(error)
    else if (!isClosed) socket.send(message)
  })
  return {
    close() {
      isClosed = true
      socket.close()
    },
  }
}
