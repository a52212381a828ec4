// An answer to who did not send a whole request: there is nothing of Node's to answer with.

export function rawReply(status: number, text: string): string {
  const body = `{ "result": ${status}, "text": "${text}" }`
  const head = [
    `HTTP/1.1 ${status} ${text}`,
    `Content-Length: ${body.length}`,
    'Content-Type: application/json',
    `Date: ${new Date().toUTCString()}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
