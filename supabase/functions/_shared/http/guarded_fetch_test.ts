// The guard against addresses that lead elsewhere: every attack is tried against a listener on
// loopback that must never see a connection, and the addresses that providers really make must pass.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseArtifactPolicy } from "@shared/recordings/artifact_address.ts";
import { type ArtifactRequest, readArtifactText } from "@shared/recordings/fetch_artifact.ts";
import {
  ATTACK_ADDRESSES,
  ATTACK_RESOLUTIONS,
  REAL_ADDRESSES,
  REGISTERED,
} from "../../../../tests/support/artifact_addresses.ts";
import { createArtifactFetch } from "./guarded_fetch.ts";

const GLOBAL = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"];
const policy = parseArtifactPolicy(REGISTERED, false);

function request(url: string, more: Partial<ArtifactRequest> = {}): ArtifactRequest {
  return {
    url,
    maxBytes: 1_000,
    contentTypes: ["video/mp4", "audio/*"],
    signal: new AbortController().signal,
    ...more,
  };
}

/** Counts what reaches loopback, and sends there whatever the guard lets through unregistered. */
interface Canary extends AsyncDisposable {
  readonly connections: number;
  readonly passed: string[];
  fetch(answer: (url: URL) => Response): typeof globalThis.fetch;
}

function startCanary(): Canary {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const passed: string[] = [];
  let connections = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      connections += 1;
      connection.close();
    }
  })();
  const registered = new Set(REAL_ADDRESSES.map((address) => new URL(address).hostname));
  return {
    get connections() {
      return connections;
    },
    passed,
    fetch: (answer) => async (input) => {
      const url = new URL(String(input));
      if (url.protocol === "https:" && url.port === "" && registered.has(url.hostname)) {
        return answer(url);
      }
      passed.push(url.href);
      return await fetch(`http://127.0.0.1:${port}${url.pathname}`);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
    },
  };
}

const video = (): Response =>
  new Response("film", { headers: { "content-type": "video/mp4", "content-length": "4" } });

Deno.test("U60-108 no attack on the address reaches loopback", async () => {
  await using canary = startCanary();
  const fetchArtifact = createArtifactFetch({
    policy,
    fetch: canary.fetch(video),
    resolveHost: () => Promise.resolve(GLOBAL),
  });
  ok(new Set(ATTACK_ADDRESSES).size >= 150, `${ATTACK_ADDRESSES.length} attacks`);
  for (const address of ATTACK_ADDRESSES) {
    await rejects(fetchArtifact(request(address)), { code: "source_refused" }, address);
  }
  deepStrictEqual([canary.passed, canary.connections], [[], 0]);
});

Deno.test("no redirect leads where the address itself may not", async () => {
  await using canary = startCanary();
  const chains: readonly (readonly string[])[] = [
    ...ATTACK_ADDRESSES.map((address) => [address]),
    ...ATTACK_ADDRESSES.filter((_, index) => index % 5 === 0).map((address) => [
      "https://media.provider.test/second",
      address,
    ]),
  ];
  for (const chain of chains) {
    const left = [...chain];
    const fetchArtifact = createArtifactFetch({
      policy,
      fetch: canary.fetch(() =>
        new Response(null, { status: 302, headers: location(left.shift()) })
      ),
      resolveHost: () => Promise.resolve(GLOBAL),
    });
    await rejects(
      fetchArtifact(request("https://media.provider.test/first")),
      { code: "source_refused" },
      chain.join(" → "),
    );
  }
  deepStrictEqual([canary.passed, canary.connections], [[], 0]);
});

function location(address: string | undefined): Record<string, string> {
  const headers = { location: address ?? "" };
  try {
    new Headers(headers);
    return headers;
  } catch {
    // No header can hold it, so that no server can send it
    return { location: "http://127.0.0.1/" };
  }
}

Deno.test("two redirects are followed, a third is not", async () => {
  for (const [redirects, isGood] of [[2, true], [3, false]] as const) {
    let left = redirects;
    const fetchArtifact = createArtifactFetch({
      policy,
      fetch: () => {
        left -= 1;
        const headers = { location: "/again" };
        return Promise.resolve(left >= 0 ? new Response(null, { status: 307, headers }) : video());
      },
      resolveHost: () => Promise.resolve(GLOBAL),
    });
    const reading = fetchArtifact(request("https://media.provider.test/a"));
    if (isGood) strictEqual(await readArtifactText(await reading, 10), "film");
    else await rejects(reading, { code: "source_refused" });
  }
});

Deno.test("a registered name that resolves inward is not opened, nor on a later hop", async () => {
  await using canary = startCanary();
  ok(ATTACK_RESOLUTIONS.length >= 30);
  for (const answers of ATTACK_RESOLUTIONS) {
    const fetchArtifact = createArtifactFetch({
      policy,
      fetch: () => Promise.reject(new Error(`connected to ${answers.join()}`)),
      resolveHost: () => Promise.resolve(answers),
    });
    await rejects(
      fetchArtifact(request("https://media.provider.test/a")),
      { code: answers.length === 0 ? "source_unavailable" : "source_refused" },
      answers.join(),
    );
  }
  // The name is good when it is first asked for, and points inward after a redirect
  const resolutions = [GLOBAL, ["127.0.0.1"]];
  const rebinding = createArtifactFetch({
    policy,
    fetch: canary.fetch(() => new Response(null, { status: 302, headers: { location: "/b" } })),
    resolveHost: () => Promise.resolve(resolutions.shift() ?? []),
  });
  await rejects(rebinding(request("https://media.provider.test/a")), { code: "source_refused" });
  deepStrictEqual([canary.passed, canary.connections], [[], 0]);
});

Deno.test("addresses that providers make are opened, every one", async () => {
  strictEqual(REAL_ADDRESSES.length, 50);
  for (const address of REAL_ADDRESSES) {
    let opened: string | undefined;
    const fetchArtifact = createArtifactFetch({
      policy,
      fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        opened = `${String(input)} ${headers.get("authorization")} ${headers.get("cookie")}`;
        return Promise.resolve(video());
      },
      resolveHost: () => Promise.resolve(GLOBAL),
    });
    await fetchArtifact(request(address));
    strictEqual(opened, `${new URL(address).href} null null`);
  }
});

Deno.test("size, type, encoding and range of an answer must be what was asked for", async () => {
  const cases:
    readonly (readonly [string, ResponseInit, Partial<ArtifactRequest>, string | null])[] = [
      ["plain", { headers: { "content-type": "video/mp4; codecs=avc1" } }, {}, null],
      ["kind", { headers: { "content-type": "audio/flac" } }, {}, null],
      ["type", { headers: { "content-type": "text/html" } }, {}, "source_unexpected_type"],
      ["no type", {}, {}, "source_unexpected_type"],
      [
        "size",
        { headers: { "content-type": "video/mp4", "content-length": "1001" } },
        {},
        "source_too_large",
      ],
      [
        "gzip",
        { headers: { "content-type": "video/mp4", "content-encoding": "gzip" } },
        {},
        "source_malformed_answer",
      ],
      ["expired", { status: 403 }, {}, "source_expired"],
      ["gone", { status: 404 }, {}, "source_expired"],
      ["busy", { status: 503 }, {}, "source_unavailable"],
      ["slow down", { status: 429 }, {}, "source_unavailable"],
      ["conflict", { status: 409 }, {}, "source_malformed_answer"],
      ["range", part("bytes 10-19/20"), { range: { offset: 10, etag: '"a"' } }, null],
      [
        "other range",
        part("bytes 9-19/20"),
        { range: { offset: 10, etag: '"a"' } },
        "source_malformed_answer",
      ],
      [
        "short range",
        part("bytes 10-18/20"),
        { range: { offset: 10, etag: '"a"' } },
        "source_malformed_answer",
      ],
      [
        "unknown end",
        part("bytes 10-19/*"),
        { range: { offset: 10, etag: '"a"' } },
        "source_malformed_answer",
      ],
      ["unasked range", part("bytes 0-19/20"), {}, "source_malformed_answer"],
      [
        "large",
        part("bytes 10-1999/2000"),
        { range: { offset: 10, etag: null } },
        "source_too_large",
      ],
    ];
  for (const [name, init, more, code] of cases) {
    const fetchArtifact = createArtifactFetch({
      policy,
      fetch: () => Promise.resolve(new Response("0123456789", init)),
      resolveHost: () => Promise.resolve(GLOBAL),
    });
    const reading = fetchArtifact(request("https://media.provider.test/a", more));
    if (code !== null) await rejects(reading, { code }, name);
    else strictEqual((await reading).offset, more.range?.offset ?? 0, name);
  }
});

function part(range: string): ResponseInit {
  return { status: 206, headers: { "content-type": "video/mp4", "content-range": range } };
}

Deno.test("V-07 a continued read names the version that it continues", async () => {
  const sent: (readonly [string | null, string | null])[] = [];
  const fetchArtifact = createArtifactFetch({
    policy,
    fetch: (_, init) => {
      const headers = new Headers(init?.headers);
      sent.push([headers.get("range"), headers.get("if-range")]);
      return Promise.resolve(new Response("whole", { headers: { "content-type": "video/mp4" } }));
    },
    resolveHost: () => Promise.resolve(GLOBAL),
  });
  const url = "https://media.provider.test/a";
  for (const etag of ['"strong"', 'W/"weak"', null]) {
    await fetchArtifact(request(url, { range: { offset: 5, etag } }));
  }
  await fetchArtifact(request(url, { range: { offset: 0, etag: '"strong"' } }));
  deepStrictEqual(sent, [
    ["bytes=5-", '"strong"'],
    ["bytes=5-", null],
    ["bytes=5-", null],
    [null, null],
  ]);
});

Deno.test("loopback is opened in development, and only at the origins that are registered", async () => {
  const development = parseArtifactPolicy("http://127.0.0.1:54331", true);
  const fetchArtifact = createArtifactFetch({
    policy: development,
    fetch: () => Promise.resolve(video()),
    resolveHost: () => Promise.reject(new Error("a literal address is not looked up")),
  });
  await fetchArtifact(request("http://127.0.0.1:54331/artifacts/1"));
  for (
    const address of [
      "http://127.0.0.1:54332/",
      "https://127.0.0.1:54331/",
      "http://localhost:54331/",
      "http://x@127.0.0.1:54331/",
    ]
  ) {
    await rejects(fetchArtifact(request(address)), { code: "source_refused" }, address);
  }
});

Deno.test("a host that is registered wrongly stops the function, it does not open the guard", () => {
  for (
    const list of [
      "http://127.0.0.1:1",
      "*",
      "*.provider.test",
      "127.0.0.1",
      "localhost",
      "a b.test",
      "https://media.provider.test",
      ".",
    ]
  ) {
    let isRefused = false;
    try {
      parseArtifactPolicy(list, false);
    } catch (error) {
      isRefused = error instanceof RangeError;
    }
    ok(isRefused, list);
  }
});
