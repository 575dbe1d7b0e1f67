// The client of the thumbnail function against its simulator, over HTTP, and against servers that
// answer what no good one would.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { ThumbnailError, type ThumbnailFailure } from "@shared/recordings/thumbnail_service.ts";
import { EnvironmentError } from "../../supabase/functions/_shared/env/platform_env.ts";
import { createThumbnailLambda } from "../../supabase/functions/_shared/providers/thumbnail_lambda.ts";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

interface Call {
  readonly video: string;
  readonly expiresSeconds: number | null;
  readonly status: number;
  readonly picture: string | null;
}

function client(url: string | undefined, isDevelopment = true, fetch = globalThis.fetch) {
  return createThumbnailLambda({
    readVariable: (name) => name === "THUMBNAIL_LAMBDA_URL" ? url : undefined,
    fetch,
    signal: new AbortController().signal,
    isDevelopment,
  });
}

async function givenVideo(providers: ProvidersUnderTest): Promise<string> {
  const order = { provider: "artifacts", action: "put", kind: "video", bytes: 200_000 };
  const { url } = await providers.control(order) as { url: string };
  return url;
}

async function callsOf(providers: ProvidersUnderTest): Promise<Call[]> {
  const answer = await fetch(`${providers.url}/_control/state`);
  const state = await answer.json() as { thumbnail_lambda: { calls: Call[] } };
  return state.thumbnail_lambda.calls;
}

function lambda(order: Record<string, unknown>): Record<string, unknown> {
  return { provider: "thumbnail_lambda", ...order };
}

function failsAs(failure: ThumbnailFailure, status: number | null): (error: unknown) => boolean {
  return (error) => {
    ok(error instanceof ThumbnailError);
    deepStrictEqual([error.failure, error.status], [failure, status]);
    return true;
  };
}

Deno.test("U60-128 a signed address goes in, the places of a picture come back", async () => {
  await using providers = await startProviders();
  const video = await givenVideo(providers);
  const made = await client(`${providers.url}/thumbnail-lambda/`).makeThumbnail(video);
  const [call] = await callsOf(providers);
  strictEqual(made.httpUrl, `${providers.url}/thumbnail-lambda${call?.picture}`);
  strictEqual(made.s3Location, `s3://thumbnails${call?.picture}`);
  const picture = await fetch(made.httpUrl);
  strictEqual(picture.headers.get("content-type"), "image/png");
  ok((await picture.arrayBuffer()).byteLength > 0);
  ok(!JSON.stringify(await callsOf(providers)).includes("Signature"));
});

Deno.test("U60-128 what the function answers decides whether trying again can help", async () => {
  await using providers = await startProviders();
  const video = await givenVideo(providers);
  const { makeThumbnail } = client(`${providers.url}/thumbnail-lambda/`);
  for (const status of [500, 502, 503, 504, 429, 408]) {
    await providers.control(lambda({ action: "fail_call", status }));
    await rejects(makeThumbnail(video), failsAs("unavailable", status));
  }
  for (const status of [400, 401, 403, 404, 422]) {
    await providers.control(lambda({ action: "fail_call", status }));
    await rejects(makeThumbnail(video), failsAs("rejected", status));
  }
  // A video that is not there
  await rejects(makeThumbnail(video.replace(/\/[^/?]+\?/, "/none?")), failsAs("rejected", 422));
  ok((await makeThumbnail(video)).httpUrl, "control: the same call works");
});

Deno.test("a lost answer is no answer, although a picture was made", async () => {
  await using providers = await startProviders();
  const video = await givenVideo(providers);
  await providers.control(lambda({ action: "lose_answer" }));
  const { makeThumbnail } = client(`${providers.url}/thumbnail-lambda/`);
  await rejects(makeThumbnail(video), (error) => {
    ok(error instanceof ThumbnailError);
    strictEqual(error.failure, "unavailable");
    return true;
  });
  strictEqual((await callsOf(providers)).length, 1, "the client does not call twice by itself");
});

Deno.test("what is not an answer is not believed", async () => {
  await using providers = await startProviders();
  const video = await givenVideo(providers);
  const { makeThumbnail } = client(`${providers.url}/thumbnail-lambda/`);
  const good = { http_url: "https://pictures.test/1.png", s3_location: "s3://pictures/1.png" };
  const bodies: unknown[] = [
    {},
    [],
    "text",
    { ...good, http_url: "javascript:alert(1)" },
    { ...good, http_url: "file:///etc/passwd" },
    { ...good, http_url: "http://pictures.test/1.png" },
    { ...good, http_url: `https://pictures.test/${"x".repeat(3_000)}` },
    { ...good, http_url: 1 },
    { ...good, s3_location: "" },
    { ...good, s3_location: "s3://pictures/1.png\u0000" },
    { ...good, s3_location: null },
    { ...good, padding: "x".repeat(30_000) },
  ];
  for (const body of bodies) {
    await providers.control(lambda({ action: "answer", body }));
    await rejects(makeThumbnail(video), failsAs("malformed_answer", 200), JSON.stringify(body));
  }
  await providers.control(lambda({ action: "answer", body: { ...good, more: true } }));
  deepStrictEqual(await makeThumbnail(video), {
    httpUrl: good.http_url,
    s3Location: good.s3_location,
  });
});

Deno.test("C-28 the video's address goes to the registered place only: redirects are refused", async () => {
  await using providers = await startProviders();
  const video = await givenVideo(providers);
  const elsewhere: string[] = [];
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      elsewhere.push(request.url);
      return Response.json({ http_url: "https://p.test/1", s3_location: "s3://p/1" });
    },
  );
  await using redirecting = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(null, {
        status: 307,
        headers: { location: `http://127.0.0.1:${other.addr.port}/` },
      }),
  );
  const { makeThumbnail } = client(`http://127.0.0.1:${redirecting.addr.port}/`);
  await rejects(makeThumbnail(video), failsAs("unavailable", null));
  deepStrictEqual(elsewhere, []);

  const asked: string[] = [];
  const spy: typeof fetch = (input, init) => {
    asked.push(new Request(input, init).url);
    return fetch(input, init);
  };
  await client(`${providers.url}/thumbnail-lambda/`, true, spy).makeThumbnail(video);
  deepStrictEqual(asked, [`${providers.url}/thumbnail-lambda/`]);
});

Deno.test("C-28 the place must be registered, over https; without one every call says so", async () => {
  await rejects(
    client(undefined).makeThumbnail("https://v.test/"),
    failsAs("not_configured", null),
  );
  const production = (url: string) => () => client(url, false);
  for (
    const url of ["http://127.0.0.1:1/", "http://lambda.test/", "ftp://lambda.test/", "lambda"]
  ) {
    let thrown: unknown;
    try {
      production(url)();
    } catch (error) {
      thrown = error;
    }
    ok(thrown instanceof EnvironmentError, url);
    ok(!thrown.message.includes(url), "the value is not shown");
  }
  ok(production("https://lambda.test/")(), "control");
});
