import { describe, expect, it } from 'vitest';
import { isInside, isPublic } from '../../lib/ssrf/address.ts';
import { checkUrl } from '../../lib/ssrf/url.ts';

describe('an address', () => {
  it.each([
    ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '128.0.0.1'],
    ...['169.253.255.255', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '198.17.255.255'],
    ...['198.20.0.0', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450:4001::8a', '2600::'],
  ])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    // This machine, and this network.
    ...['127.0.0.1', '127.255.255.255', '0.0.0.0', '0.1.2.3', '::1', '::'],
    // Private, shared, link-local, metadata.
    ...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '100.127.255.255'],
    ...['169.254.169.254', '169.254.100.1', 'fe80::1', 'febf::1', 'fc00::1', 'fd00:ec2::254', 'fec0::1'],
    // Multicast, broadcast, reserved, documentation, benchmarking.
    ...['224.0.0.1', '239.255.255.255', '255.255.255.255', '240.0.0.1', 'ff02::1', 'ff0e::1', '4000::1'],
    ...['192.0.0.1', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
    ...['2001:db8::1', '3fff::1', '100::1', '5f00::1'],
    // IPv4 in IPv6: mapped, compatible, translated, NAT64 (also of local use), 6to4, Teredo.
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1'],
    ...['64:ff9b::10.0.0.1', '64:ff9b:1::1', '2002:7f00:1::', '2002:a00:1::1', '2001:0:7f00:1::'],
    // No addresses at all.
    ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '127.0.0.1 ', 'fe80::1%eth0', '1.1.1.1.1'],
  ])('%s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('an URL', () => {
  const faultOf = (text: string, rules = {}) => {
    const checked = checkUrl(text, rules);
    return 'fault' in checked ? checked.fault : null;
  };

  it.each(['https://hooks.example/a?b=c', 'https://hooks.example:443/', 'https://1.1.1.1/', 'https://[2606:4700::1]/'])(
    '%s may be asked',
    (url) => expect(faultOf(url)).toBeNull(),
  );

  it.each([
    ...[
      'http://hooks.example/',
      'ftp://hooks.example/',
      'file:///etc/passwd',
      'gopher://hooks.example/',
      '//hooks.example/',
    ],
    ...['data:text/plain,x', 'javascript:alert(1)', 'hooks.example', '', 'https://', 'blob:https://hooks.example/x'],
  ])('%j has no https', (url) => {
    expect(faultOf(url)).toMatch(/must be an https address/);
  });

  it.each([
    'https://hooks.example:8443/',
    'https://hooks.example:80/',
    'https://hooks.example:22/',
    'https://1.1.1.1:6379/',
  ])('%s has another port', (url) => expect(faultOf(url)).toMatch(/port 443/));

  it.each(['https://user@hooks.example/', 'https://:secret@hooks.example/', 'https://hooks.example:x@127.0.0.1/'])(
    '%s carries credentials',
    (url) => expect(faultOf(url)).toMatch(/password/),
  );

  it.each([
    // The same address in every notation that a parser somewhere takes for one.
    ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0x0.0x0.0x1', '0177.0.0.1', '017700000001'],
    ...['0177.0x0.1', '127.0.0.1.', '%31%32%37.0.0.1', '１２７.０.０.１', '127。0。0。1'],
    ...['0.0.0.0', '0', '169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '10.1', '192.168.257'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]'],
    ...['[64:ff9b::169.254.169.254]', '[fe80::1]', '[fd00:ec2::254]', '[2002:7f00:1::]', '[ff02::1]'],
    // Names that only a network of one's own knows.
    ...['localhost', 'localhost.', 'redis', 'metadata'],
  ])('https://%s/ names no public host', (host) => {
    expect(faultOf(`https://${host}/`)).toMatch(/must name a public host/);
  });

  it('of endless length is refused', () => {
    expect(faultOf(`https://hooks.example/${'a'.repeat(2_048)}`)).toMatch(/2048 characters/);
  });

  it('may lead to this machine by plain http only where that is set', () => {
    for (const url of ['http://127.0.0.1:3000/x', 'http://localhost:8080/', 'http://[::1]:1/', 'http://127.9.9.9/']) {
      expect(faultOf(url), url).toMatch(/https/);
      expect(faultOf(url, { loopback: true }), url).toBeNull();
    }
    const others = [
      'http://hooks.example/',
      'http://10.0.0.1/',
      'http://169.254.169.254/',
      'http://localhost.evil.example/',
    ];
    for (const url of [
      ...others,
      'https://127.0.0.1/',
      'https://localhost/',
      'http://0.0.0.0/',
      'http://[::ffff:127.0.0.1]/',
    ]) {
      expect(faultOf(url, { loopback: true }), url).not.toBeNull();
    }
    expect(faultOf('http://u:p@127.0.0.1/', { loopback: true })).toMatch(/password/);
  });
});

describe('the origin that an operator named', () => {
  const rules = { origin: 'http://10.0.0.7:8080' };
  const isAllowed = (url: string) => 'url' in checkUrl(url, rules);

  it('is allowed with its scheme and port, and no other is', () => {
    expect(isAllowed('http://10.0.0.7:8080/search?q=1')).toBe(true);
    const others = ['http://10.0.0.7/', 'https://10.0.0.7:8080/', 'http://10.0.0.8:8080/', 'http://10.0.0.7:8081/'];
    for (const url of [...others, 'http://u:p@10.0.0.7:8080/']) expect(isAllowed(url), url).toBe(false);
  });

  it.each([
    ...[
      '8.8.8.8',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '::1',
      'fd12::1',
      '2606:4700::1',
    ],
  ])('may be at %s', (address) => expect(isInside(address)).toBe(true));

  it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '0.0.0.0', '224.0.0.1', '::ffff:169.254.169.254', 'x'])(
    'may not be at %s',
    (address) => expect(isInside(address)).toBe(false),
  );
});
