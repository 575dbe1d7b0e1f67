// A database with pg_cron and pg_net, for the tests of the cron worker.

import assert from "node:assert/strict";
import { session, type ThrowawayServer, throwawayServer } from "../postgres/throwaway_server.ts";

/** A throw-away server with both extensions and a table to leave traces in. */
export async function databaseWithExtensions(): Promise<ThrowawayServer> {
  const context = await throwawayServer();
  await using postgres = await session(context.server, "postgres");
  await postgres.query(`
    create extension pg_cron;
    create extension pg_net with schema extensions;
    create schema private;
    create table private.heartbeats (job text, who text, path text, at timestamptz default now());
  `);
  return context;
}

/** Waits until a condition holds; fails after twenty seconds. */
export async function waitFor(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!await what()) {
    assert.ok(Date.now() < deadline, `waited too long for ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
