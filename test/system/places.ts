// Networks in which several system tests play.

import type { Namespace, Network } from './netns.ts'

/** A server with eth0 and eth1, each leading to a client's own namespace. */
export function twoLinks(net: Network): { server: Namespace; left: Namespace; right: Namespace } {
  const server = net.namespace('server')
  const left = net.namespace('left')
  const right = net.namespace('right')
  net.veth(server, 'eth0', left, 'eth0')
  net.veth(server, 'eth1', right, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  server.addAddress('eth1', '198.51.100.1/24')
  return { server, left, right }
}

/** A server with eth0, and a client beyond a relay that has upper and lower. */
export function behindRelay(net: Network) {
  const server = net.namespace('server')
  const middle = net.namespace('relay')
  const far = net.namespace('client')
  net.veth(server, 'eth0', middle, 'upper')
  net.veth(middle, 'lower', far, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  middle.addAddress('upper', '192.0.2.2/24')
  middle.addAddress('lower', '203.0.113.1/24')
  const relayTo = async (server: string): Promise<void> => {
    const options = ['-4', '-d', '-a', '-iu', 'upper', '-id', 'lower', server]
    await middle.start('dhcrelay', ...options).until(/Sending on +Socket/)
  }
  return { server, middle, far, relayTo }
}
