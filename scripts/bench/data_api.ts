// The data API before a database to measure on: gateway and REST room on a loopback port, and tokens
// for members, as the local stack has them.
import { type JWTPayload, SignJWT } from "jose";
import { createKeys } from "../stack/auth/keys.ts";
import { importSigningKey } from "../stack/auth/signing_key.ts";
import { createTokenVerifier } from "../stack/auth/tokens.ts";
import type { HttpRoom, StackKeys } from "../stack/contracts.ts";
import { serveGateway } from "../stack/gateway/gateway.ts";
import { createRestHandler, type RestOptions, type RestRoom } from "../stack/rest/handler.ts";
import { type BenchDatabase, freePort } from "./database.ts";
import { claimsOf, type Member } from "./envelope.ts";

/** A served data API. */
export interface DataApi extends AsyncDisposable {
  readonly url: string;
  readonly keys: StackKeys;
  /** The REST room itself, for calls that skip HTTP. */
  readonly rest: RestRoom;
  /** Opens a second REST room on the same database. */
  openRest(options: Pick<RestOptions, "transport">): Promise<RestRoom>;
  /** A token as the auth service would give the member. */
  tokenFor(member: Member, claims?: JWTPayload): Promise<string>;
}

const NO_ROOM: HttpRoom = {
  fetch: () => Promise.resolve(new Response(null, { status: 404 })),
  close: () => Promise.resolve(),
};

/**
 * Serves the data API of a database.
 *
 * @param database Where the rows are.
 * @returns The API; disposing of it closes it.
 */
export async function serveDataApi(database: BenchDatabase): Promise<DataApi> {
  await using cleanup = new AsyncDisposableStack();
  const keys = await createKeys();
  const signingKey = await importSigningKey(keys.signingJwk);
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const verify = createTokenVerifier(keys, `${url}/auth/v1`);
  const openRest = async ({ transport }: Pick<RestOptions, "transport">): Promise<RestRoom> => {
    return await createRestHandler({
      databaseUrl: database.url("authenticator"),
      schemas: ["public"],
      extraSearchPath: ["public", "extensions"],
      anonRole: "anon",
      maxRows: 1000,
      verify,
      ...(transport === undefined ? {} : { transport }),
    });
  };
  const rest = await openRest({});
  cleanup.defer(() => rest.close());
  const gateway = serveGateway({ port, rest, auth: NO_ROOM, functions: NO_ROOM, keys });
  cleanup.defer(() => gateway.close());
  const owned = cleanup.move();
  return {
    url,
    keys,
    rest,
    openRest: async (options) => {
      const room = await openRest(options);
      owned.defer(() => room.close());
      return room;
    },
    tokenFor: (member, claims = {}) =>
      new SignJWT({ ...claimsOf(member), ...claims, iss: `${url}/auth/v1` })
        .setProtectedHeader({ alg: "ES256", kid: keys.signingJwk.kid, typ: "JWT" })
        .sign(signingKey),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
