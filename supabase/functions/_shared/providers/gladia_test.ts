// Unit tests of the Gladia client: what it sends, and what it makes of each answer.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { TranscriptionProvider } from "@shared/recordings/transcription_provider.ts";
import { createGladia } from "./gladia.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  GLADIA_API_KEY: "key",
  GLADIA_BASE_URL: "http://gladia.test/",
};

interface Rig {
  readonly gladia: TranscriptionProvider;
  readonly requests: Request[];
}

function rig(answer: () => Response | Promise<Response>): Rig {
  const requests: Request[] = [];
  const gladia = createGladia({
    readVariable: (name) => VARIABLES[name],
    signal: new AbortController().signal,
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(answer());
    },
  });
  if (gladia === null) throw new Error("There is a key");
  return { gladia, requests };
}

const START = { audioUrl: "http://a.test/a.flac", callbackUrl: "http://c.test/t", reference: "r1" };

Deno.test("U60-142 without a key there is no transcriber", () => {
  const deps = { signal: new AbortController().signal, fetch: globalThis.fetch };
  strictEqual(createGladia({ ...deps, readVariable: () => undefined }), null);
  strictEqual(createGladia({ ...deps, readVariable: () => "" }), null);
});

Deno.test("U60-109 startJob() asks for voices, names our reference and where to tell the end", async () => {
  const { gladia, requests } = rig(() => Response.json({ id: "j1" }, { status: 201 }));
  strictEqual(await gladia.startJob(START), "j1");
  const [request] = requests;
  deepStrictEqual([request?.method, request?.url], ["POST", "http://gladia.test/v2/pre-recorded"]);
  strictEqual(request?.headers.get("x-gladia-key"), "key");
  deepStrictEqual(await request?.json(), {
    audio_url: START.audioUrl,
    diarization: true,
    callback: true,
    callback_config: { url: START.callbackUrl, method: "POST" },
    custom_metadata: { transcription_id: "r1" },
  });
});

Deno.test("U60-122 each refusal means what to do next", async () => {
  const cases: [() => Response, string, string][] = [
    [() => Response.json({}, { status: 400 }), "refused", "a bad request"],
    [() => Response.json({}, { status: 402 }), "refused", "no credit"],
    [() => Response.json({}, { status: 401 }), "unauthorized", "a wrong key"],
    [() => Response.json({}, { status: 403 }), "unauthorized", "a narrow key"],
    [() => Response.json({}, { status: 404 }), "not_found", "nothing there"],
    [() => Response.json({}, { status: 408 }), "unavailable", "too slow"],
    [() => Response.json({}, { status: 429 }), "rate_limited", "too much"],
    [() => new Response("<html>", { status: 502 }), "unavailable", "broken"],
    [() => Response.json({}), "unavailable", "a job that may have been made"],
    [() => new Response("cut"), "unavailable", "half of an answer"],
  ];
  for (const [answer, failure, what] of cases) {
    await rejects(rig(answer).gladia.startJob(START), { failure }, what);
  }
  const wait = new Response(null, { status: 429, headers: { "retry-after": "90" } });
  await rejects(rig(() => wait).gladia.startJob(START), { retryAfterSeconds: 90 });
});

Deno.test("U60-122 findJob() believes no filter: only a job with our reference that has not failed", async () => {
  const job = (id: string, status: string, reference: unknown) => ({
    id,
    status,
    custom_metadata: { transcription_id: reference },
  });
  const list = (...items: unknown[]) => rig(() => Response.json({ items })).gladia.findJob("r1");
  strictEqual(await list(job("j1", "error", "r1"), job("j2", "done", "r1")), "j2");
  strictEqual(await list(job("j1", "done", "r2"), job("j2", "queued", undefined)), null);
  strictEqual(await list(), null);
  const { gladia, requests } = rig(() => Response.json({ items: [] }));
  await gladia.findJob("r1");
  const query = new URL(requests[0]?.url ?? "").searchParams.get("custom_metadata");
  strictEqual(query, '{"transcription_id":"r1"}');
  await rejects(rig(() => Response.json({})).gladia.findJob("r1"), { failure: "malformed_answer" });
});

Deno.test("U60-109 readJob() gives lines in milliseconds, and nothing of a job that is not done", async () => {
  const result = {
    transcription: {
      languages: ["xx-bad-tag-!", "EN"],
      utterances: [{ start: 1.2345, end: 2, text: "Hi", speaker: 0, words: [{ word: "Hi" }] }],
    },
  };
  const read = (body: unknown) => rig(() => Response.json(body)).gladia.readJob("j1");
  deepStrictEqual(await read({ id: "j1", status: "done", result }), {
    jobId: "j1",
    reference: null,
    status: "done",
    errorCode: null,
    result: {
      language: "en",
      lines: [{ startMs: 1_235, endMs: 2_000, text: "Hi", voice: 0 }],
    },
  });
  const going = await read({ id: "j1", status: "processing", custom_metadata: null, result });
  strictEqual(going.result, null);
  const kept = await read({ id: "j1", status: "done" });
  deepStrictEqual([kept.status, kept.result], ["done", null], "where nothing is kept");
  const failed = await read({ id: "j1", status: "error", error_code: 403 });
  deepStrictEqual([failed.status, failed.errorCode], ["error", 403]);
  await rejects(read({ id: "another", status: "done" }), { failure: "malformed_answer" });
  await rejects(read({ id: "j1", status: "dreaming" }), { failure: "malformed_answer" });
});

Deno.test("forgetJobs() deletes every job of ours, those in error too, and is content with one that is gone", async () => {
  const job = (id: string, reference: string) => ({
    id,
    status: "error",
    custom_metadata: { transcription_id: reference },
  });
  const items = [job("a/b", "r1"), job("another's", "r2"), job("c", "r1")];
  const forget = async (status: number): Promise<string[]> => {
    const answers = [Response.json({ items })];
    const { gladia, requests } = rig(() => answers.shift() ?? new Response(null, { status }));
    await gladia.forgetJobs("r1");
    return requests.slice(1).map(({ method, url }) => `${method} ${url.split("/").at(-1)}`);
  };
  deepStrictEqual(await forget(202), ["DELETE a%2Fb", "DELETE c"]);
  deepStrictEqual(await forget(404), ["DELETE a%2Fb", "DELETE c"]);
  await rejects(forget(500), { failure: "unavailable" });
  await rejects(forget(403), { failure: "unauthorized" }, "one that still runs");
});

Deno.test("a network that fails is unavailable, and no detail of it is in the message", async () => {
  const { gladia } = rig(() => Promise.reject(new TypeError("secret.host refused")));
  await rejects(gladia.readJob("j1"), { failure: "unavailable", message: "unavailable" });
});

Deno.test("an answer without end is not read to its end", async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
  });
  await rejects(rig(() => new Response(endless)).gladia.readJob("j1"), {
    failure: "malformed_answer",
  });
});
