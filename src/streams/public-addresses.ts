import { BlockList, isIP } from 'node:net';

/*
 * Which addresses are of the public internet. The IANA registries of special-purpose addresses say which are not; the
 * names of the blocks are theirs.
 */

const SPECIAL_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private use
  ['100.64.0.0', 10], // shared between carriers and their customers; some clouds keep metadata there
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link local; the metadata of most clouds
  ['172.16.0.0', 12], // private use
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // automatic multicast tunnelling
  ['192.88.99.0', 24], // relays from IPv6, deprecated
  ['192.168.0.0', 16], // private use
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
  ['168.63.129.16', 32], // a public address that one cloud answers from within
];

/** Within 2000::/3, outside of which nothing is global unicast: loopback, private, link local and mapped addresses are not. */
const SPECIAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23], // protocol assignments, Teredo among them, which wraps other addresses
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which wraps other addresses
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
];

const listed = (networks: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
};

const specialIpv4 = listed(SPECIAL_IPV4, 'ipv4');
const specialIpv6 = listed(SPECIAL_IPV6, 'ipv6');
const globalIpv6 = listed([['2000::', 3]], 'ipv6');
/** Where a network has only IPv6, names resolve to these for hosts that have only IPv4: the last 32 bits are their address. */
const translated = listed([['64:ff9b::', 96]], 'ipv6');

/** The address in the last 32 bits. `new URL` writes them as two groups of hexadecimal digits, whatever came. */
const translatedFrom = (address: string): string | null => {
  const { hostname } = new URL(`http://[${address}]/`);
  const groups = hostname.slice(1, -1).split(':');
  // The first groups are 64 and ff9b, what follows `::` is at most two groups.
  const [low = '0', high = '0'] = groups
    .slice(2)
    .filter((group) => group !== '')
    .reverse();
  const bits = Number.parseInt(high, 16) * 0x1_00_00 + Number.parseInt(low, 16);
  return Number.isNaN(bits) ? null : [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
};

/** Whether an IP address, in any notation of `inet_pton`, is one of the public internet. What is no address is not. */
export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !specialIpv4.check(address, 'ipv4');
    case 6: {
      // An interface may stand behind the address.
      if (address.includes('%')) return false;
      if (translated.check(address, 'ipv6')) {
        const wrapped = translatedFrom(address);
        return wrapped !== null && !specialIpv4.check(wrapped, 'ipv4');
      }
      return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
    }
    default:
      return false;
  }
};
