import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type AllowList, readAllowList } from './allow-list.ts';
import { isPublicAddress } from './public-addresses.ts';

/*
 * Callers say where streams send to, and the service stands within a network that callers must not reach: metadata of
 * the cloud, neighbours, itself. Every destination is looked at when it is saved, for a clear answer, and again when it
 * is sent to, which is what counts: a name is resolved where the connection is made, and every address it resolves to
 * must be allowed, so that there is no moment between looking and connecting. Redirects are never followed.
 */

/** Why a destination is refused: stable code, and what is expected instead. */
export interface AddressFault {
  readonly code: 'not_a_url' | 'not_https' | 'credentials' | 'port_not_allowed' | 'address_not_allowed';
  readonly detail: string;
  readonly expected: string;
}

export type Resolver = (hostname: string) => Promise<readonly LookupAddress[]>;

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

export interface AddressGuard {
  /** What can be said against a URL without asking for addresses; null: nothing. */
  check(url: string): AddressFault | null;
  /**
   * The same, and against what its name resolves to at present. A name that does not resolve, or not soon, is let pass:
   * it may tomorrow, and is looked at again when something is sent.
   */
  checkResolved(url: string): Promise<AddressFault | null>;
  /** For the sockets of what is sent: fails with code `ADDRESS_REFUSED` where any address of the name is not allowed. */
  lookup(hostname: string, options: LookupOptions, callback: LookupCallback): void;
}

/** An error that says that no connection was made as the address is not allowed. */
export const ADDRESS_REFUSED = 'ADDRESS_REFUSED';

const PUBLIC_PORTS: ReadonlySet<string> = new Set(['', '8443']);

/** Names that are never public, so that they are refused even where nothing resolves them yet. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion)$/;

const RESOLVE_WITHIN_MS = 2_000;

const systemResolver: Resolver = (hostname) => lookUp(hostname, { all: true, order: 'verbatim' });

const notAllowed = (detail: string): AddressFault => ({
  code: 'address_not_allowed',
  detail,
  expected: 'a host of the public internet, or one of STREAM_ALLOW',
});

/** The host of a URL as sockets know it: without brackets, without the dot at the end. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const parsed = (text: string): URL | null => {
  // Parsers pass over what they do not like within a URL; two of them may then read two hosts.
  if (!/^[!-~]{1,2000}$/.test(text) || text.includes('\\')) return null;
  return URL.canParse(text) ? new URL(text) : null;
};

const checkUrl = (text: string, allow: AllowList): AddressFault | null => {
  const url = parsed(text);
  if (url === null) return { code: 'not_a_url', detail: 'no URL', expected: 'a URL in visible ASCII' };
  const host = hostOf(url);
  const allowed = allow.allowsName(host) || allow.allowsAddress(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed))
    return { code: 'not_https', detail: url.protocol.slice(0, -1).slice(0, 20), expected: 'https' };
  if (url.username !== '' || url.password !== '') {
    const expected = 'none: use secret headers';
    return { code: 'credentials', detail: 'a user or password within the URL', expected };
  }
  if (allowed) return null;
  if (!PUBLIC_PORTS.has(url.port)) return { code: 'port_not_allowed', detail: url.port, expected: '443 or 8443' };
  if (isIP(host) !== 0) return isPublicAddress(host) ? null : notAllowed(`${host} is not a public address`);
  if (!host.includes('.') || PRIVATE_NAME.test(host)) return notAllowed(`${host} is not a public name`);
  return null;
};

/** `allow` as in STREAM_ALLOW; throws an Error when it cannot be read. `resolve` is the system's unless a test says otherwise. */
export const createAddressGuard = (allow: string, resolve: Resolver = systemResolver): AddressGuard => {
  const allowList = readAllowList(allow);

  /** The first address that is not allowed for this host. */
  const refusedOf = (host: string, addresses: readonly LookupAddress[]): string | undefined =>
    allowList.allowsName(host)
      ? undefined
      : addresses.map(({ address }) => address).find((one) => !isPublicAddress(one) && !allowList.allowsAddress(one));

  const check = (url: string) => checkUrl(url, allowList);

  const checkResolved = async (url: string): Promise<AddressFault | null> => {
    const fault = check(url);
    if (fault !== null) return fault;
    const host = hostOf(new URL(url));
    if (isIP(host) !== 0) return null;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly LookupAddress[]>((done) => {
      timer = setTimeout(done, RESOLVE_WITHIN_MS, []);
    });
    const addresses = await Promise.race([resolve(host).catch(() => []), late]);
    clearTimeout(timer);
    const refused = refusedOf(host, addresses);
    // The address itself is not told: it would be a map of the network.
    return refused === undefined ? null : notAllowed(`${host} resolves to an address that is not public`);
  };

  const lookup: AddressGuard['lookup'] = (hostname, options, callback) => {
    const host = hostname.toLowerCase().replace(/\.$/, '');
    resolve(hostname).then(
      (addresses) => {
        const fitting = addresses.filter(({ family }) => !options.family || options.family === family);
        const [first] = fitting;
        if (refusedOf(host, addresses) !== undefined) {
          const message = `${host} resolves to an address that is not allowed`;
          callback(Object.assign(new Error(message), { code: ADDRESS_REFUSED }), []);
        } else if (first === undefined) {
          callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), []);
        } else if (options.all === true) callback(null, [...fitting]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  return { check, checkResolved, lookup };
};
