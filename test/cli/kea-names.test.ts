// Whio where scripts and monitors look for Kea: by the names, options, words and exit codes of its
// programs, and in the list of processes.

import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { kea } from '../../lib/cli/kea.ts'
import type { KeaName } from '../../lib/cli/kea-names.ts'
import { configure, type Ended, folder, whio } from './whio.ts'

const run = promisify(execFile)

const ENV = { ...process.env, NODE_OPTIONS: '' }

/** Scripts of Kea's names in a folder. */
async function names(t: Test): Promise<string> {
  const at = folder(t)
  const { code, stdout } = await whio('compat', at)
  t.equal(code, 0)
  t.match(stdout, `${at}/kea-dhcp4`)
  return at
}

async function ended(program: string, ...args: string[]): Promise<Ended> {
  try {
    return {
      code: 0,
      ...(await run('env', ['-u', 'NODE_OPTIONS', program, ...args], { env: ENV })),
    }
  } catch (error) {
    return error as unknown as Ended
  }
}

t.test('options, words and exit codes', async (t) => {
  const at = folder(t)
  const good = configure(folder(t))
  const bad = join(at, 'bad.conf')
  writeFileSync(bad, '{ "Dhcp4": {\n "foo": 1, "valid-lifetime": "x" } }')
  const both = join(at, 'both.conf')
  writeFileSync(both, '{ "Dhcp4": { "foo": 1 }, "Dhcp6": {} }')
  const usage = /\nUsage: kea-dhcp4 -\[v\|V\|W\]/
  const rows: [KeaName, string[], number, string | RegExp, string | RegExp][] = [
    ['kea-dhcp4', ['-v'], 0, /^\d+\.\d+\.\d+\n$/, ''],
    ['kea-ctrl-agent', ['-v'], 0, /^2\.\d+\.\d+\n$/, ''],
    ['kea-dhcp4', ['-V'], 0, /^\d+\.\d+\.\d+\nWhio \d/, ''],
    ['kea-dhcp4', ['-W'], 0, /^Whio \d/, ''],
    ['kea-dhcp4', [], 1, '', usage],
    ['kea-dhcp4', [], 1, '', /^Configuration file not specified\./],
    ['kea-dhcp4', ['-z'], 1, '', /^kea-dhcp4: invalid option -- 'z'\n/],
    ['kea-dhcp4', ['-t'], 1, '', /^kea-dhcp4: option requires an argument -- 't'\n/],
    ['kea-dhcp4', ['-c', good, 'more'], 1, '', usage],
    [
      'kea-dhcp4',
      ['-c', good, '-p', 'x'],
      1,
      '',
      /^Failed to parse server port number: \[x\], 1-6/,
    ],
    ['kea-dhcp4', ['-t', good], 0, '', 'Syntax check OK\n'],
    ['kea-dhcp4', [`-dt=${good}`], 0, '', 'Syntax check OK\n'],
    ['kea-dhcp4', ['-XT', good], 0, '', 'Syntax check OK\n'],
    [
      'kea-dhcp4',
      ['-t', bad],
      1,
      /./,
      /^Syntax check failed with: .*bad\.conf:2:2 .*foo.*\n.*:2:30 /,
    ],
    ['kea-dhcp4', ['-t', '/absent'], 1, '', /^Syntax check failed with: \/absent cannot be read/],
    ['kea-dhcp6', ['-t', good], 1, '', /^Syntax check failed with: .*there is no map 'Dhcp6'\n/],
    ['kea-dhcp4', ['-t', both], 1, /./, /Dhcp4\.foo/],
    ['kea-dhcp6', ['-t', both], 0, /./, 'Syntax check OK\n'],
    ['kea-shell', ['--help'], 0, /^usage: kea-shell /, ''],
    ['kea-shell', ['--bogus'], 2, '', /^usage: kea-shell .*\nkea-shell: error: .*'--bogus'/s],
    ['kea-shell', ['--timeout', 'x'], 2, '', /kea-shell: error: argument --timeout: 'x'/],
    ['kea-shell', ['--timeout', '5', '-v'], 0, /^\d+\.\d+\.\d+\n$/, ''],
  ]
  for (const [name, args, code, stdout, stderr] of rows)
    t.match(await asked(name, args), { code, stdout, stderr }, [name, ...args].join(' '))
})

t.test('scripts of these names', async (t) => {
  const at = await names(t)
  const good = configure(folder(t))
  t.match(await ended(join(at, 'kea-dhcp6'), '-v'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
  const checked = await ended(join(at, 'kea-dhcp4'), '-t', good)
  t.match(checked, { code: 0, stdout: '', stderr: 'Syntax check OK\n' })
})

/** Run within this process; what it says is kept. */
async function asked(name: KeaName, args: readonly string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' }
  const kept = (['stdout', 'stderr'] as const).map((stream) => {
    const { write } = process[stream]
    process[stream].write = (text: string | Uint8Array) => {
      said[stream] += text
      return true
    }
    return () => Object.assign(process[stream], { write })
  })
  try {
    return { code: await kea(name, args), ...said }
  } finally {
    for (const restore of kept) restore()
  }
}

t.test('an agent without servers says what it wants', async (t) => {
  const file = join(folder(t), 'kea-ctrl-agent.conf')
  writeFileSync(file, '{ "Control-agent": { "http-port": 8000 } }')
  const found = await ended(
    'env',
    'KEA_PIDFILE_DIR=/nowhere',
    join(await names(t), 'kea-ctrl-agent'),
    '-c',
    file,
  )
  t.match(found, { code: 1, stderr: /^kea-ctrl-agent: servers and agent are one process: name/ })
})

t.test('another program of that name stays', async (t) => {
  const at = folder(t)
  const file = join(at, 'kea-dhcp4')
  writeFileSync(file, '#!/bin/sh\n')
  const { code, stderr } = await whio('compat', at)
  t.equal(code, 1)
  t.match(stderr, /kea-dhcp4 is another program, and stays as it is/)
  t.equal(readFileSync(file, 'utf8'), '#!/bin/sh\n')
})

t.test('a server in the list of processes', async (t) => {
  const at = await names(t)
  const runs = join(at, 'run')
  mkdirSync(runs)
  const file = configure(at, { loggers: [{ name: 'kea-dhcp4', severity: 'INFO' }] })
  const document = JSON.parse(readFileSync(file, 'utf8'))
  // The other server's, with an error that is none of ours.
  writeFileSync(file, JSON.stringify({ ...document, Dhcp6: { 'no-such-key': 1 } }))
  const env = { ...ENV, KEA_PIDFILE_DIR: runs }
  const words = ['-u', 'NODE_OPTIONS', join(at, 'kea-dhcp4'), '-c', file, '-p', '16767']
  const child = spawn('env', words, { env })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  const closed = new Promise((resolve) => child.on('close', resolve))
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout) {
    said += text
    if (said.includes('DHCP4_INTERFACE_SERVING')) break
  }
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`
  const line = new RegExp(
    `^${time} INFO  \\[kea-dhcp4\\.dhcp4/${child.pid}\\.${child.pid}\\] DHCP4_STARTED `,
    'm',
  )
  t.match(said, line, 'lines in the form of Kea')
  t.notMatch(said, 'DHCP6_')
  const proc = `/proc/${child.pid}`
  t.equal(readFileSync(`${proc}/comm`, 'utf8'), 'kea-dhcp4\n')
  const argv = readFileSync(`${proc}/cmdline`, 'utf8').split('\0')
  const options = argv.findIndex((word) => word.startsWith('-'))
  t.same(argv.slice(options, options + 2), ['-c', file])
  const binary = argv.slice(0, options).find((word) => word.endsWith('/kea-dhcp4'))
  t.equal(binary, join(at, 'kea-dhcp4'), 'what a monitor runs with -v')
  const pidFile = join(runs, 'dhcp4.kea-dhcp4.pid')
  t.equal(Number(readFileSync(pidFile, 'utf8')), child.pid)

  const second = await ended('env', `KEA_PIDFILE_DIR=${runs}`, ...words.slice(2))
  t.match(second, { code: 1, stderr: `kea-dhcp4: process ${child.pid} is running already` })
  child.kill('SIGTERM')
  t.equal(await closed, 0)
  t.notOk(existsSync(pidFile))
})

t.test('a name alone in the list of processes', async (t) => {
  const at = await names(t)
  const env = { ...ENV, WHIO_NAME_ONLY: '1' }
  const child = spawn(join(at, 'kea-dhcp6'), ['-c', 'kea-dhcp6.conf'], { env })
  const closed = new Promise((resolve) => child.on('close', resolve))
  t.after(() => child.kill('SIGKILL'))
  const commOf = () => readFileSync(`/proc/${child.pid}/comm`, 'utf8')
  const argvOf = () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')
  // The kernel names a process before its arguments are to be seen.
  while (commOf() !== 'kea-dhcp6\n' || argvOf().length < 4)
    await new Promise((resolve) => setTimeout(resolve, 5))
  const argv = argvOf()
  t.same(argv.slice(1), [join(at, 'kea-dhcp6'), '-c', 'kea-dhcp6.conf', ''])
  // The trap stands, and what it ends can be ended, once its child sleeps.
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
  const sleeps = () => readFileSync(`/proc/${children().trim()}/comm`, 'utf8') === 'sleep\n'
  while (children() === '' || !sleeps()) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGTERM')
  t.equal(await closed, 0)
})
