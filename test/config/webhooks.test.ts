// Whio.webhooks: what is wrong with one is said at its place, and costs that one alone.

import t from 'tap'
import { withoutSecrets } from '../../lib/config/keys/secrets.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'

const URL_HERE = 'https://192.0.2.9/told?x=1'

function loaded(webhooks: readonly object[], text = 'of the file\nand more') {
  const look = (path: string) =>
    path === '/key'
      ? ({ kind: 'file', text } as const)
      : ({ kind: 'trouble', trouble: 'there is none' } as const)
  const document = { Dhcp4: { subnet4: [] }, Whio: { webhooks } }
  const { plan, problems } = loadPlanFromObject(document, { stateDirectory: undefined, look })
  const said = problems.filter(({ path }) => path[1] === 'webhooks')
  return { hooks: plan?.webhooks, said: said.map(({ path }) => path.slice(2).join(' ')) }
}

t.test('url, events, and the secret of the document or of a file', async (t) => {
  const events = ['lease', 'conflict']
  const one = { url: URL_HERE, events }
  t.same(loaded([one, { ...one, secret: 's' }, { ...one, 'secret-file': '/key' }]), {
    hooks: ['', 's', 'of the file'].map((secret) => ({ ...one, secret })),
    said: [],
  })
})

t.test('what cannot be: the others are there', async (t) => {
  const one = { url: URL_HERE, events: ['conflict'] }
  const wrong = [
    { ...one, url: 'ftp://192.0.2.9/' },
    { ...one, url: 'nowhere' },
    { ...one, url: 'http://ann:secret@192.0.2.9/' },
    { ...one, secret: 's', 'secret-file': '/key' },
    { ...one, 'secret-file': '/none' },
  ]
  const { hooks, said } = loaded([...wrong, one])
  t.same(hooks, [{ ...one, secret: '' }])
  t.same(said, ['0 url', '1 url', '2 url', '3 secret-file', '4 secret-file'])
  t.same(loaded([{ ...one, 'secret-file': '/key' }], '').said, ['0 secret-file'])
  t.equal(loaded([{ url: URL_HERE, events: ['lease.moved'] }]).hooks, undefined, 'no such event')
  t.equal(loaded([{ url: URL_HERE }]).hooks, undefined)
})

t.test('the secret is not shown', async (t) => {
  t.same(withoutSecrets({ webhooks: [{ secret: 's', 'secret-file': '/key' }] }), {
    webhooks: [{ secret: '*****', 'secret-file': '/key' }],
  })
})
