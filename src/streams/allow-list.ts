import { BlockList, isIP } from 'node:net';

/** What an operator allows besides the public internet: hosts by name, and networks. */
export interface AllowList {
  /** Whether the host is allowed by its name, whatever it resolves to. */
  allowsName(host: string): boolean;
  /** Whether an IP address lies in a network that is allowed. */
  allowsAddress(address: string): boolean;
}

const NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** How many bits an address has. */
const bitsOf = (family: number): number => (family === 4 ? 32 : 128);

const addNetwork = (networks: BlockList, entry: string): boolean => {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  const bits = prefix === undefined ? bitsOf(family) : Number(prefix);
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || bits > bitsOf(family))) return false;
  networks.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return true;
};

/**
 * Reads a list of hosts (`hooks.internal`), of all hosts below one (`*.svc.cluster.local`), addresses and networks
 * (`10.0.0.0/8`, `fd00::/8`), separated by commas. Throws an Error that names the first entry that is none of these.
 */
export const readAllowList = (text: string): AllowList => {
  const names = new Set<string>();
  const domains: string[] = [];
  const networks = new BlockList();
  for (const entry of text
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())) {
    if (entry === '' || addNetwork(networks, entry)) continue;
    // What looks like an address and is none would never match as a name.
    if (!NAME.test(entry) || /^[\d.]+$/.test(entry))
      throw new Error(
        `STREAM_ALLOW must be a list of hosts, addresses and networks: ${JSON.stringify(entry)} is none of them`,
      );
    if (entry.startsWith('*.')) domains.push(entry.slice(1));
    else names.add(entry);
  }
  return {
    allowsName: (host) => names.has(host) || domains.some((domain) => host.endsWith(domain)),
    allowsAddress: (address) => {
      const family = isIP(address);
      return family !== 0 && networks.check(address, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
};
