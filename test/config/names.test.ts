// What a document says about names of clients: which level counts, and what is wrong with its
// place.

import t from 'tap'
import { loadPlan } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const SUBNET = '"subnet": "192.0.2.0/24", "id": 1'

function load(global: string, subnet: string) {
  const text = `{"Dhcp4": {"interfaces-config": {"interfaces": ["*"]},
${global}
"subnet4": [{${SUBNET}, ${subnet}}]}}`
  return loadPlan(text, 'f', () => undefined, { stateDirectory: '/nowhere' })
}

function said(global: string, subnet = '"pools": []'): string[] {
  return load(global, subnet).problems.map((one) => `${one.severity} ${formatProblem(one)}`)
}

t.test('a level that says nothing shares what stands above', async (t) => {
  const pools =
    '"pools": [{"pool": "192.0.2.8/29"}, {"pool": "192.0.2.16/29", "ddns-generated-prefix": "x"}]'
  const { plan, problems } = load('"ddns-qualifying-suffix": "Example.org.",', pools)
  t.same(problems, [])
  const [subnet] = plan!.dhcp4!.subnets
  const [plain, other] = subnet!.pools
  t.equal(plain!.names, subnet!.names)
  t.match(subnet!.names, { replace: 'never', prefix: 'myhost', suffix: 'example.org' })
  t.match(other!.names, { prefix: 'x', suffix: 'example.org' })
  t.equal(other!.names.sanitizer, subnet!.names.sanitizer, 'nothing is compiled twice')
})

t.test('what is wrong is an error at its place, at the level that said it', async (t) => {
  const replacement = '"hostname-char-replacement": "a b",'
  const rows: [global: string, subnet: string | undefined, problem: string][] = [
    [
      '"hostname-char-set": "[^a-z",',
      undefined,
      "error f:2:22 Dhcp4.hostname-char-set: '[^a-z' at character 1: the bracket does not end (a POSIX extended regular expression, such as [^A-Za-z0-9.-])",
    ],
    [
      '',
      '"hostname-char-set": "(a)\\\\1"',
      "error f:3:70 Dhcp4.subnet4[0].hostname-char-set: '(a)\\1' at character 4: a pattern cannot refer back to what a group found (a POSIX extended regular expression, such as [^A-Za-z0-9.-])",
    ],
    [
      replacement,
      undefined,
      "error f:2:30 Dhcp4.hostname-char-replacement: 'a b' has characters that no host name has (letters, digits and hyphens, or nothing)",
    ],
    [
      '"ddns-qualifying-suffix": "a..b",',
      undefined,
      "error f:2:27 Dhcp4.ddns-qualifying-suffix: 'a..b' is not a domain (such as example.org)",
    ],
    [
      '"ddns-qualifying-suffix": "example.org",',
      `"pools": [{"pool": "192.0.2.8/29", "ddns-generated-prefix": "${'p'.repeat(48)}"}]`,
      `error f:3:109 Dhcp4.subnet4[0].pools[0].ddns-generated-prefix: '${'p'.repeat(48)}-255-255-255-255' and the domain are not the name of a host (letters, digits and hyphens; labels of at most 63)`,
    ],
  ]
  for (const [global, subnet, problem] of rows) t.same(said(global, subnet), [problem], problem)
})
