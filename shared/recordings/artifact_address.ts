// Which addresses of a provider's files we are willing to open. The addresses come from outside, so
// that only what was registered counts: exact hosts, https, nothing else.

/** Where files may be read from. */
export interface ArtifactPolicy {
  /** Exact host names, or `.suffix` for every name below a registered domain; lower case. */
  readonly hosts: readonly string[];
  /** Exact loopback origins such as `http://127.0.0.1:54331`; empty outside development. */
  readonly loopbackOrigins: readonly string[];
}

/** Why an address is not opened. */
export type ArtifactRefusal =
  | "address_malformed"
  | "address_scheme"
  | "address_credentials"
  | "address_port"
  | "address_host"
  | "address_not_global";

/** An address that is not opened. */
export class ArtifactAddressError extends Error {
  override readonly name = "ArtifactAddressError";

  /** @param code Which rule it breaks; the address itself is a secret and is not kept. */
  constructor(readonly code: ArtifactRefusal) {
    super(code);
  }
}

const HOST = /^\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;
const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|\[::1\]):\d{1,5}$/;
const MAX_LENGTH = 8_192;

/**
 * Reads the setting that registers hosts.
 *
 * @param list Comma-separated host names, `.suffix` for all below a domain; in development also
 * exact loopback origins.
 * @param isDevelopment Whether loopback origins count.
 * @returns The policy.
 * @throws {RangeError} When an entry is neither; nothing is registered by mistake.
 */
export function parseArtifactPolicy(list: string, isDevelopment: boolean): ArtifactPolicy {
  const hosts: string[] = [];
  const loopbackOrigins: string[] = [];
  for (const entry of list.split(",").map((text) => text.trim()).filter((text) => text !== "")) {
    if (LOOPBACK_ORIGIN.test(entry)) {
      if (!isDevelopment) throw new RangeError("A loopback origin is registered in production");
      loopbackOrigins.push(entry);
    } else if (HOST.test(entry)) {
      hosts.push(entry);
    } else {
      throw new RangeError("A registered host is not a host name");
    }
  }
  return { hosts, loopbackOrigins };
}

/**
 * Checks an address against the policy, without asking anybody.
 *
 * @param address The address, as it came.
 * @param policy Where files may be read from.
 * @returns The address as it will be opened.
 * @throws {ArtifactAddressError} Naming the first rule that it breaks.
 */
export function checkArtifactAddress(address: string, policy: ArtifactPolicy): URL {
  // What the parser would quietly strip or turn around is not a provider's address
  if (address.length > MAX_LENGTH || /[\s\\\p{Cc}]/u.test(address) || !URL.canParse(address)) {
    throw new ArtifactAddressError("address_malformed");
  }
  const url = new URL(address);
  if (url.username !== "" || url.password !== "" || hasUserinfo(address)) {
    throw new ArtifactAddressError("address_credentials");
  }
  if (policy.loopbackOrigins.includes(url.origin)) return url;
  if (url.protocol !== "https:") throw new ArtifactAddressError("address_scheme");
  if (url.port !== "") throw new ArtifactAddressError("address_port");
  if (!isRegistered(url.hostname, policy.hosts)) throw new ArtifactAddressError("address_host");
  return url;
}

/** Whether the authority names somebody, even with nothing before the `@`, which parsers drop. */
function hasUserinfo(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/*[^/?#]*@/i.test(address);
}

function isRegistered(hostname: string, hosts: readonly string[]): boolean {
  return hosts.some((host) =>
    host.startsWith(".")
      ? hostname.endsWith(host) && hostname.length > host.length
      : hostname === host
  );
}

/** First address and length of the prefix of every block that is not the public internet, IPv4. */
const RESERVED_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * Says whether an IP address belongs to the public internet.
 *
 * @param address As a resolver gives it: four decimal numbers, or IPv6 in any spelling.
 * @returns False for private, local, shared, documentation, multicast and translated addresses, and
 * for whatever is no address.
 */
export function isGlobalAddress(address: string): boolean {
  const v4 = parseV4(address);
  if (v4 !== null) return isGlobalV4(v4);
  const groups = parseV6(address);
  if (groups === null) return false;
  const [first = 0, second = 0] = groups;
  // Only 2000::/3 is handed out; within it are tunnels, documentation and benchmarks
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && second < 0x0200) return false;
  if (first === 0x2001 && second === 0x0db8) return false;
  if (first === 0x2002) return false;
  return !(first === 0x3fff && second < 0x1000);
}

function isGlobalV4(value: number): boolean {
  return !RESERVED_V4.some(([base, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(value / size) === Math.floor((parseV4(base) ?? 0) / size);
  });
}

function parseV4(text: string): number | null {
  const fields = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (fields === undefined || fields.some((field) => field > 255)) return null;
  return fields.reduce((sum, field) => sum * 256 + field, 0);
}

function parseV6(text: string): readonly number[] | null {
  if (!text.includes(":") || !URL.canParse(`http://[${text}]/`)) return null;
  // The parser knows every spelling and writes the shortest
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...(tail === undefined ? [] : zeros), ...right].map((group) =>
    parseInt(group, 16)
  );
}
