// The operator's door: one question a connection, whatever strangers do there.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { askControl, type ControlDuty, openControl } from '../../lib/platform/control-socket.ts'

function place(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'whio-control-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'x.control')
}

const echo: ControlDuty = (command, answer) => answer({ allowed: true, why: command })

function open(t: Test, path: string, duty = echo): string[] {
  const troubles: string[] = []
  const door = openControl(path, duty, (trouble) => troubles.push(trouble))
  t.after(() => door.close())
  return troubles
}

/** All that the door says to these bytes. */
function say(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect(path, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (part: string) => {
      heard += part
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })
}

t.test('questions and answers', async (t) => {
  const path = place(t)
  writeFileSync(path, 'left behind')
  const troubles = open(t, path)
  t.same(await askControl(path, 'status'), { allowed: true, why: 'status' })
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(await Promise.all(['a', 'b', 'c'].map((name) => askControl(path, name))), [
    { allowed: true, why: 'a' },
    { allowed: true, why: 'b' },
    { allowed: true, why: 'c' },
  ])
  t.same(troubles, [])
})

t.test('an error of ours is an answer', async (t) => {
  const path = place(t)
  const troubles = open(t, path, () => {
    throw new Error('nobody knows why')
  })
  const why = 'an error of the server: nobody knows why'
  t.same(await askControl(path, 'why'), { allowed: false, why })
  t.match(troubles, [/nobody knows why/])
})

t.test('what is no question is told so', async (t) => {
  const path = place(t)
  open(t, path)
  const refusal = '{"done":false,"why":"a line {\\"command\\":\\"...\\"} is expected"}\n'
  for (const text of ['\n', 'x\n', '[]\n', 'null\n', '{"command":1}\n', 'y'.repeat(100_000)])
    t.equal(await say(path, text), refusal, text.slice(0, 20))
  t.match(await say(path, '{"command":"one"}\n{"command":"two"}\n'), /^[^\n]*one[^\n]*\n$/)
})

t.test('many who say nothing do not keep others out for ever', async (t) => {
  const path = place(t)
  open(t, path)
  const idle = Array.from({ length: 40 }, () => connect(path).on('error', () => {}))
  t.after(() => {
    for (const socket of idle) socket.destroy()
  })
  await Promise.all(idle.slice(16).map((one) => new Promise((done) => one.once('close', done))))
  for (const socket of idle) socket.destroy()
  const ask = async (): Promise<unknown> => askControl(path, 'late').catch(ask)
  t.same(await ask(), { allowed: true, why: 'late' })
})

t.test('a door that cannot be opened is told, and one that is not there', async (t) => {
  const path = place(t)
  const troubles = open(t, join(path, 'x'))
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(troubles.length, 1)
  await t.rejects(askControl(path, 'status'), { code: 'ENOENT' })
})

t.test('a path that is too long for a socket is told with the limit', async (t) => {
  const at = dirname(place(t))
  const path = join(at, 'x'.repeat(107 - at.length - 1))
  t.same(open(t, path), [])
  t.same(await askControl(path, 'fits'), { allowed: true, why: 'fits' })
  const words = 'a path of a socket has no more than 107 bytes, and this one has 109'
  t.same(open(t, `${path}ü`), [words])
  await t.rejects(askControl(`${path}ü`, 'status'), { message: words })
})

t.test('an answer that never comes', async (t) => {
  const path = place(t)
  open(t, path, () => {})
  await t.rejects(askControl(path, 'status', 50), /no answer within 0.05 s/)
})
