/**
 * Which addresses are anybody's: unicast, and routed on the public Internet. All else is refused, among it this machine and its services
 * (loopback; Lambda's own APIs are there), the networks behind it, and metadata services (169.254.169.254, fd00:ec2::254).
 * Sources: IANA's special-purpose registries, https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry,
 * and the multicast and reserved blocks of https://www.iana.org/assignments/ipv4-address-space; as of November 2026.
 */
import { BlockList, isIP } from 'node:net';

const V4_NOT_PUBLIC: [string, number][] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared: carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and the broadcast address
];

/** The only block of global unicast. Outside it are loopback, ULA, link-local, multicast, v4-mapped and -compatible, NAT64 and all reserves. */
const V6_PUBLIC: [string, number] = ['2000::', 3];
const V6_NOT_PUBLIC: [string, number][] = [
  ['2001::', 23], // protocol assignments, Teredo among them, which carries IPv4
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which carries IPv4
  ['3fff::', 20], // documentation
];

function listOf(ranges: [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
const v4Refused = listOf(V4_NOT_PUBLIC, 'ipv4');
const v6Global = listOf([V6_PUBLIC], 'ipv6');
const v6Refused = listOf(V6_NOT_PUBLIC, 'ipv6');
const v4Loopback = listOf([['127.0.0.0', 8]], 'ipv4');

/** Where an operator's own services are. Link-local addresses are none of them: metadata services are there. */
const v4Private = listOf(
  [
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ],
  'ipv4',
);
const v6Private = listOf([['fc00::', 7]], 'ipv6');
/** Unique local by its number, and the metadata service of EC2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const v6Metadata = listOf([['fd00:ec2::', 32]], 'ipv6');

/** `address`: as a resolver gives it. What is no address is not public. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !v4Refused.check(address, 'ipv4');
  return family === 6 && v6Global.check(address, 'ipv6') && !v6Refused.check(address, 'ipv6');
}

export const isLoopback = (address: string): boolean =>
  (isIP(address) === 4 && v4Loopback.check(address, 'ipv4')) || address === '::1';

/** For an origin that the operator named: public, private, or this machine; never a metadata service. */
export function isInside(address: string): boolean {
  if (isPublic(address) || isLoopback(address)) return true;
  const family = isIP(address);
  if (family === 4) return v4Private.check(address, 'ipv4');
  return family === 6 && v6Private.check(address, 'ipv6') && !v6Metadata.check(address, 'ipv6');
}
