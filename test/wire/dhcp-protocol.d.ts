// The codec of the npm package `dhcp`, which has no types of its own.
declare module 'dhcp/lib/protocol.js' {
  interface DhcpMessage {
    op: number
    htype: number
    hlen: number
    hops: number
    xid: number
    secs: number
    flags: number
    ciaddr: string
    yiaddr: string
    siaddr: string
    giaddr: string
    chaddr: string
    sname: string
    file: string
    magicCookie?: number
    options: Record<number, unknown>
  }
  const protocol: {
    parse(bytes: Buffer): DhcpMessage
    format(message: DhcpMessage): { readonly _data: Buffer; readonly _w: number }
  }
  export default protocol
}
