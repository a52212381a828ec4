// `whio reconfigure`: whom an operator means, in words, and what it says where nothing can be done.

import t from 'tap'
import { orderFromText, textFromOrder } from '../../lib/cli/reconfigure-words.ts'
import { configure, folder, start, whio } from './whio.ts'

t.test('whom it means goes over the socket as a line', async (t) => {
  const lines = ['renew', 'rebind subnet 7', 'information-request client 0003000102005e100001']
  for (const line of lines) t.equal(textFromOrder(orderFromText(line)!), line)
  t.match(orderFromText('rebind subnet 7'), { asks: 6, client: '', subnet: 7 })
  const wrong = [
    '',
    'reply',
    'toString',
    'renew subnet',
    'renew subnet 0',
    'renew client',
    'renew 7',
  ]
  for (const line of [...wrong, 'renew client zz', 'renew subnet 7 8'])
    t.equal(orderFromText(line), undefined, line)
})

t.test('who says it wrongly is told how', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /name a configuration file/],
    [['x.conf', '--client', '00:01', '--subnet', '1'], /--client or --subnet, not both/],
    [['x.conf', '--client', 'router'], /'router' is no DUID/],
    [['x.conf', '--subnet', 'lan'], /'lan' is no id of a subnet/],
    [['x.conf', '--ask', 'reply'], /one of renew, rebind, information-request/],
  ]
  for (const [args, why] of cases) {
    const { code, stderr } = await whio('reconfigure', ...args)
    t.equal(code, 2)
    t.match(stderr, why)
  }
})

t.test('a server that cannot do it says why', async (t) => {
  const file = configure(folder(t))
  const nobody = await whio('reconfigure', file)
  t.match(nobody, { code: 1, stdout: '' })
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  t.same(await whio('reconfigure', file), {
    code: 1,
    stdout: '',
    stderr: 'whio reconfigure: this server does not serve DHCPv6\n',
  })
  daemon.signal('SIGTERM')
  t.match(await daemon.ended, { code: 0 })
})
