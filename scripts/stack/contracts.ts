// What the rooms of the embedded stack promise each other. Types only: each room implements its part
// and imports nothing else of its neighbours, so that any of them can be replaced on its own.

/** The loopback ports of one stack; the defaults are those of Supabase's own local stack. */
export interface StackPorts {
  /** `/rest/v1`, `/auth/v1`, `/functions/v1`. */
  readonly gateway: number;
  readonly database: number;
  readonly storage: number;
  readonly providers: number;
  /** Clock and health of the cron worker. */
  readonly cron: number;
}

export const DEFAULT_PORTS: StackPorts = {
  gateway: 54321,
  database: 54322,
  storage: 54330,
  providers: 54331,
  cron: 54332,
};

/** Login roles of the platform that a room may connect as. */
export type PlatformRole =
  | "supabase_admin"
  | "postgres"
  | "authenticator"
  | "supabase_auth_admin";

/** Every secret of one stack; made once for a data folder and kept in it. */
export interface StackKeys {
  /** ES256 private key, as a JWK with `kid` and without `key_ops`. */
  readonly signingJwk: JsonWebKey & { readonly kid: string };
  /** What `/auth/v1/.well-known/jwks.json` serves. */
  readonly jwks: { readonly keys: ReadonlyArray<JsonWebKey & { readonly kid: string }> };
  /** `sb_publishable_…`; named as on the platform. */
  readonly publishableKeys: Readonly<Record<"default", string>>;
  /** `sb_secret_…`; named as on the platform. */
  readonly secretKeys: Readonly<Record<"default" | "cron", string>>;
  /** Tokens that the gateway puts in place of the opaque keys. */
  readonly anonJwt: string;
  readonly serviceRoleJwt: string;
  readonly databasePasswords: Readonly<Record<PlatformRole, string>>;
  readonly storage: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A room that answers HTTP requests; the path prefix of the gateway is already removed. */
export interface HttpRoom {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** A running database server. */
export interface DatabaseServer {
  readonly port: number;
  url(role: PlatformRole, database?: string): string;
  /** Copies a database in some 70 ms, so that a test file can have its own. */
  createDatabase(name: string, template?: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Reports what a slow step is doing, for the person who waits. */
export type Progress = (message: string) => void;
