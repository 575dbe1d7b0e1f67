// A signed request to be spoiled: what is sent, how one piece of it is changed, what comes back.
import assert from "node:assert/strict";

/** A request as it goes out. */
export interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** A change, and the error code that must follow. */
export type Mutation = readonly [name: string, mutate: (sent: Sent) => void, code: string];

/** Sends it and reads status, code and text of the answer. */
export async function send(sent: Sent): Promise<{ status: number; code: string; text: string }> {
  const answer = await fetch(sent.url, {
    method: sent.method,
    headers: sent.headers,
    body: sent.body ?? null,
  });
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "", text };
}

/** Replaces a piece of one header. */
export function inHeader(name: string, from: string | RegExp, to: string): (sent: Sent) => void {
  return (sent) => {
    const before = sent.headers[name] ?? "";
    sent.headers[name] = before.replace(from, to);
    assert.notEqual(sent.headers[name], before, `The mutation of ${name} changed nothing`);
  };
}

/** Replaces a piece of the URL. */
export function inUrl(from: string | RegExp, to: string): (sent: Sent) => void {
  return (sent) => {
    const before = sent.url;
    sent.url = before.replace(from, to);
    assert.notEqual(sent.url, before, "The mutation of the URL changed nothing");
  };
}
