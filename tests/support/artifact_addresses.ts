// Addresses for the tests of the guard: attacks in every family that is known, and the shapes that
// providers and their stores really make.

/** What the tests register: exact hosts, and one domain with all below it. */
export const REGISTERED =
  "media.provider.test, provider-artifacts.s3.eu-west-3.amazonaws.com, s3.fr-par.scw.cloud, .cdn.provider.test";

/** Spellings of loopback, link-local, private and unspecified hosts. */
const INNER_HOSTS: readonly string[] = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "127.127.127.127",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0x7F.0x0.0x0.0x1",
  "017700000001",
  "0177.0.0.01",
  "0177.0x0.0.1",
  "127.0.0.1.",
  "%31%32%37%2e%30%2e%30%2e%31",
  "１２７.０.０.１",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "0",
  "0.0.0.0",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "ｌocalhost",
  "localhost.localdomain",
  "127.0.0.1.nip.io",
  "localtest.me",
  "169.254.169.254",
  "2852039166",
  "0xa9fea9fe",
  "169.254.170.2",
  "metadata.google.internal",
  "100.100.100.200",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "198.18.0.1",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[0000::0001]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b::169.254.169.254]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
];

/** Names that look like a registered one. */
const LOOKALIKE_HOSTS: readonly string[] = [
  "media.provider.test.evil.example",
  "evil-media.provider.test",
  "mediaXprovider.test",
  "media-provider.test",
  "provider.test",
  "evil.example",
  "media.provider.test.",
  "www.media.provider.test",
  "a.media.provider.test",
  "media.provider.testing",
  "cdn.provider.test",
  ".cdn.provider.test",
  "evilcdn.provider.test",
  "x.cdn.provider.test.evil.example",
  "s3.amazonaws.com",
  "evil.s3.eu-west-3.amazonaws.com",
  "provider-artifacts.s3.amazonaws.com",
  "provider-artifacts.s3.eu-west-3.amazonaws.com.evil.example",
  "provider-artifacts-s3.eu-west-3.amazonaws.com",
  "s3.eu-west-3.amazonaws.com",
  "evil.s3.fr-par.scw.cloud",
  "s3.nl-ams.scw.cloud",
  "mеdia.provider.test",
  "media.provider.tеst",
  "xn--mdia-ovd.provider.test",
  "media%2eprovider%2etest.evil.example",
  "media.provider.test%00.evil.example",
  "media.provider.test%2f.evil.example",
  "media_provider.test",
];

/** Everything after the scheme that turns a good host into a bad one. */
const TWISTS: readonly string[] = [
  "https://media.provider.test@127.0.0.1/",
  "https://media.provider.test:pass@127.0.0.1/",
  "https://user@media.provider.test/",
  "https://user:pass@media.provider.test/",
  "https://:@media.provider.test/",
  "https://@media.provider.test/",
  "https://127.0.0.1#@media.provider.test/",
  "https://127.0.0.1?@media.provider.test/",
  "https://127.0.0.1\\@media.provider.test/",
  "https://media.provider.test\\@127.0.0.1/",
  "https://media.provider.test%40127.0.0.1/",
  "https://media.provider.test:80/",
  "https://media.provider.test:22/",
  "https://media.provider.test:8443/",
  "https://media.provider.test:0/",
  "https://media.provider.test:65535/",
  "https://media.provider.test:65536/",
  "https://media.provider.test:-1/",
  "https://media.provider.test:443@127.0.0.1/",
  "https://media.provider.test:443:80/",
  "https:\\\\media.provider.test/",
  "https://media.provider.test\t.evil.example/",
  "https://media.provider.test\n/",
  "https://media.provider.test /",
  " https://media.provider.test/",
  "https://media.provider.test/\r\nHost: 127.0.0.1",
  "https://media.provider.test/\u0000",
  "https://",
  "https:///",
  "https://?",
  "//media.provider.test/",
  "media.provider.test/",
  "/etc/passwd",
  "",
  `https://media.provider.test/${"a".repeat(9_000)}`,
];

/** Other ways to open something. */
const SCHEMES: readonly string[] = [
  "http://media.provider.test/",
  "http://media.provider.test:443/",
  "HTTP://media.provider.test/",
  "ftp://media.provider.test/",
  "file:///etc/passwd",
  "file://media.provider.test/etc/passwd",
  "gopher://127.0.0.1:25/_HELO",
  "dict://127.0.0.1:11211/stat",
  "ldap://127.0.0.1/",
  "sftp://127.0.0.1/",
  "tftp://127.0.0.1/x",
  "ws://media.provider.test/",
  "wss://media.provider.test/",
  "data:video/mp4;base64,AAAA",
  "blob:https://media.provider.test/1",
  "javascript:fetch('http://127.0.0.1')",
  "about:blank",
  "jar:https://media.provider.test!/",
  "netdoc:///etc/passwd",
  "unix:/var/run/docker.sock",
  "view-source:https://media.provider.test/",
  "node:fs",
  "npm:left-pad",
];

/** Addresses that must not be opened, each in itself. */
export const ATTACK_ADDRESSES: readonly string[] = [
  ...INNER_HOSTS.map((host) => `https://${host}/latest/meta-data/`),
  ...INNER_HOSTS.map((host) => `http://${host}:54331/artifacts/1`),
  ...LOOKALIKE_HOSTS.map((host) => `https://${host}/recording.mp4`),
  ...TWISTS,
  ...SCHEMES,
];

const PUBLIC = "93.184.215.14";

/** Answers of a resolver that must not be connected to; one bad address among good ones is enough. */
export const ATTACK_RESOLUTIONS: readonly (readonly string[])[] = [
  [],
  ["127.0.0.1"],
  [PUBLIC, "127.0.0.1"],
  ["127.0.0.1", PUBLIC],
  [PUBLIC, PUBLIC, "10.1.2.3"],
  [PUBLIC, "::1"],
  ["2606:4700::1111", "fe80::1"],
  ...[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "127.0.0.1.",
    "1.2.3",
  ].map((address) => [address]),
];

const SIGNED =
  "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20261122%2Feu-west-3%2Fs3%2Faws4_request" +
  "&X-Amz-Date=20261122T101500Z&X-Amz-Expires=14400&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
  "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

const FILES: readonly string[] = [
  "/7f1f1a3e-7c2e-4a39-9a39-2b6a3e1e7c2e/video.mp4",
  "/7f1f1a3e-7c2e-4a39-9a39-2b6a3e1e7c2e/audio.flac",
  "/bots/7f1f1a3e/output%20file.mp4",
  "/bots/a+b/output.mp4",
  "/teams/42/%C3%BCbung/recording.mp4",
  "/x/diarization.jsonl",
  "/x/transcription.json",
  "/x/raw_transcription.json",
  "/x/y/z/chat_messages.json",
  "/x/audio.wav",
];

/** Shapes of addresses that providers make, all on registered hosts. */
export const REAL_ADDRESSES: readonly string[] = [
  ...FILES.map((file) => `https://media.provider.test${file}${SIGNED}`),
  ...FILES.map((file) =>
    `https://provider-artifacts.s3.eu-west-3.amazonaws.com${file}${SIGNED}&x-id=GetObject`
  ),
  ...FILES.map((file) => `https://s3.fr-par.scw.cloud/provider-artifacts${file}${SIGNED}`),
  ...FILES.map((file) =>
    `https://d111111abcdef8.cdn.provider.test${file}?Expires=1795363200&Signature=a~b-c_d__&Key-Pair-Id=K2JCJMDEHXQW5F`
  ),
  ...FILES.map((file, index) =>
    `https://MEDIA.provider.test:443${file}?response-content-disposition=attachment%3B%20filename%3D%22${index}.mp4%22&partNumber=1#t=${index}`
  ),
];
