// A database session in which jobs run as the role that owns them, and the pool of such sessions.

import { EventEmitter } from "node:events";
import { connect, type Connection } from "../postgres/connection.ts";

/** How a command ended, in the words that pg_cron logs. */
export interface CommandOutcome {
  readonly isSuccess: boolean;
  readonly message: string;
}

// What the login of the role would have set: first this session's own role's settings are undone,
// then those of the database, of the role, and of the role in this database follow.
const applyRoleSettings = (roleLiteral: string): string => `
  select set_config(setting.name, setting.value, false)
  from (
    select name, boot_val as value, 0 as rank
    from pg_settings
    where source in ('user', 'database', 'database user') and context in ('user', 'superuser')
    union all
    select
      split_part(entry, '=', 1),
      substr(entry, strpos(entry, '=') + 1),
      case when setrole = 0 then 1 when setdatabase = 0 then 2 else 3 end
    from pg_db_role_setting cross join unnest(setconfig) as entry
    where setdatabase in (0, (select oid from pg_database where datname = current_database()))
      and setrole in (0, (select oid from pg_roles where rolname = ${roleLiteral}))
    order by 3
  ) as setting`;

/** One session; runs one command at a time. */
export class JobSession {
  readonly database: string;
  /** The process id of the session on the server. */
  readonly backendPid: number;
  readonly #client: Connection;
  readonly #tags: string[] = [];

  private constructor(client: Connection, database: string, backendPid: number) {
    this.#client = client;
    this.database = database;
    this.backendPid = backendPid;
    const wire: unknown = Reflect.get(client, "connection");
    // The driver's result drops all but the first word of `CREATE TABLE`; the wire has it all.
    if (wire instanceof EventEmitter) {
      wire.on("commandComplete", (message: { text?: unknown }) => {
        this.#tags.push(String(message.text ?? ""));
      });
    }
  }

  /** Opens a session in a database, as the superuser that the URL names. */
  static async open(databaseUrl: string, database: string): Promise<JobSession> {
    const url = new URL(databaseUrl);
    url.pathname = `/${encodeURIComponent(database)}`;
    const client = await connect(url.href, "pg_cron");
    const { rows } = await client.query("select pg_backend_pid() as pid");
    return new JobSession(client, database, Number(rows[0]?.pid));
  }

  /** Runs a command as a role, with what its login would have set. */
  async run(command: string, username: string): Promise<CommandOutcome> {
    try {
      await this.#client.query(
        `${applyRoleSettings(this.#client.escapeLiteral(username))}; ` +
          `set session authorization ${this.#client.escapeIdentifier(username)}`,
      );
      this.#tags.length = 0;
      const results: unknown = await this.#client.query(command);
      return { isSuccess: true, message: this.#describe(results) };
    } catch (error) {
      return { isSuccess: false, message: describeError(error, command) };
    }
  }

  /** Forgets everything that the last command left behind. Fails when the session is broken. */
  async reset(): Promise<void> {
    try {
      await this.#client.query("discard all");
    } catch {
      // Refused inside a transaction that the command left open.
      await this.#client.query("rollback");
      await this.#client.query("discard all");
    }
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.#client.end();
  }

  // The last statement's result is what pg_cron logs.
  #describe(results: unknown): string {
    const last: unknown = Array.isArray(results) ? results.at(-1) : results;
    const fields: unknown = last !== null && typeof last === "object" && "fields" in last
      ? last.fields
      : [];
    const tag = this.#tags.at(-1) ?? "";
    const hasRows = Array.isArray(fields) && fields.length > 0;
    if (!hasRows && tag !== "" && !tag.startsWith("SELECT")) return tag;
    const count = Number(tag.split(" ").at(-1) ?? 0) || 0;
    return `${count} ${count === 1 ? "row" : "rows"}`;
  }
}

function describeError(error: unknown, command: string): string {
  if (!(error instanceof Error)) return `ERROR:  ${String(error)}\n`;
  const field = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" && value !== "" ? value : null;
  };
  const lines = [`${field("severity") ?? "ERROR"}:  ${error.message}`];
  const position = field("position");
  if (position !== null) lines.push(...pointAt(command, Number(position)));
  for (const [label, name] of [["DETAIL", "detail"], ["HINT", "hint"], ["CONTEXT", "where"]]) {
    const value = field(name ?? "");
    if (value !== null) lines.push(`${label}:  ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function pointAt(command: string, position: number): string[] {
  const before = [...command].slice(0, position - 1).join("");
  const lineNumber = before.split("\n").length;
  const label = `LINE ${lineNumber}: `;
  const column = before.length - (before.lastIndexOf("\n") + 1);
  return [
    `${label}${command.split("\n")[lineNumber - 1]}`,
    `${" ".repeat(label.length + column)}^`,
  ];
}

/** Keeps sessions of finished runs for the next ones. */
export class JobSessionPool {
  readonly #databaseUrl: string;
  readonly #idle: JobSession[] = [];
  #isClosed = false;

  /** @param databaseUrl Connection of a superuser. */
  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** Takes a session in a database. */
  async take(database: string): Promise<JobSession> {
    const index = this.#idle.findIndex((session) => session.database === database);
    const [found] = index >= 0 ? this.#idle.splice(index, 1) : [];
    return found ?? await JobSession.open(this.#databaseUrl, database);
  }

  /** Gives a session back. */
  async release(session: JobSession): Promise<void> {
    try {
      await session.reset();
    } catch {
      // The command ended the session, or the server did.
      await session.close().catch(() => {});
      return;
    }
    if (this.#isClosed || this.#idle.length >= 4) await session.close();
    else this.#idle.push(session);
  }

  /** Ends the idle sessions, and every other when it comes back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
  }
}
