// The one door of the stack: /rest/v1, /auth/v1 and /functions/v1 on a loopback port.

import type { HttpRoom, StackKeys } from "../contracts.ts";
import { createKeyTranslator, type KeyTranslator } from "./api_keys.ts";
import { answerPreflight, isPreflight, withCors } from "./cors.ts";

/** What stands behind the gateway. */
export interface GatewayOptions {
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly rest: HttpRoom;
  readonly auth: HttpRoom;
  readonly functions: HttpRoom;
  readonly keys: StackKeys;
  /** Told about a room that failed to answer. */
  readonly onError?: (error: unknown) => void;
}

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  readonly url: string;
  /** Finishes what is under way, for at most `graceMs`, and then cuts it off. */
  close(graceMs?: number): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const DEFAULT_GRACE_MS = 2_000;
/** What a browser or a mail link opens without being able to send a key. */
const OPEN_AUTH_PATHS =
  /^\/(verify|callback|authorize|\.well-known\/(jwks\.json|openid-configuration))$/;

/**
 * Serves the stack's rooms.
 *
 * @param options The rooms and the keys that open them.
 * @throws {Deno.errors.AddrInUse} When the port is taken.
 */
export function serveGateway(options: GatewayOptions): Gateway {
  const routes = new Routes(options);
  const abort = new AbortController();
  const server = Deno.serve({
    hostname: LOOPBACK,
    port: options.port,
    signal: abort.signal,
    onListen: () => {},
    onError: (error) => {
      options.onError?.(error);
      return Response.json({ message: "An unexpected error occurred" }, { status: 500 });
    },
  }, (request, info) => routes.answer(request, info.remoteAddr.hostname));
  const { port } = server.addr;

  return {
    port,
    url: `http://${LOOPBACK}:${port}`,
    async close(graceMs = DEFAULT_GRACE_MS) {
      const timer = setTimeout(() => abort.abort(), graceMs);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}

class Routes {
  readonly #options: GatewayOptions;
  readonly #translate: KeyTranslator;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#translate = createKeyTranslator(options.keys);
  }

  async answer(request: Request, clientIp: string): Promise<Response> {
    const url = new URL(request.url);
    const [, room = "", version = ""] = url.pathname.split("/", 3);
    if (version !== "v1") return noRoute();
    if (exceedsLimit(request)) {
      return Response.json({ message: "Request size limit exceeded" }, { status: 413 });
    }
    switch (room) {
      case "functions":
        // CORS and keys are a function's own business, as on the platform.
        return await this.#pass(this.#options.functions, request, url, request.headers, clientIp);
      case "rest":
        return await this.#passWithKey(this.#options.rest, request, url, clientIp, false);
      case "auth":
        return await this.#passWithKey(
          this.#options.auth,
          request,
          url,
          clientIp,
          OPEN_AUTH_PATHS.test(withoutPrefix(url)),
        );
      default:
        return noRoute();
    }
  }

  async #passWithKey(
    room: HttpRoom,
    request: Request,
    url: URL,
    clientIp: string,
    isOpen: boolean,
  ): Promise<Response> {
    if (isPreflight(request)) return answerPreflight(request);
    const check = this.#translate(request, url);
    if ("refusal" in check && !isOpen) return withCors(check.refusal);
    const headers = "headers" in check ? check.headers : request.headers;
    return withCors(await this.#pass(room, request, url, headers, clientIp));
  }

  async #pass(
    room: HttpRoom,
    request: Request,
    url: URL,
    headers: Headers,
    clientIp: string,
  ): Promise<Response> {
    return await room.fetch(
      new Request(innerUrl(url), {
        method: request.method,
        headers: withForwarding(headers, url, clientIp),
        body: request.body,
        redirect: "manual",
        signal: request.signal,
      }),
    );
  }
}

/** `/rest/v1/deals` becomes `/deals`. */
function withoutPrefix(url: URL): string {
  return url.pathname.replace(/^\/[^/]+\/v1/, "") || "/";
}

// Cut as text: parsing the query and writing it again would change how a filter is encoded.
function innerUrl(url: URL): string {
  const query = url.search.slice(1).split("&").filter((part) => !part.startsWith("apikey="));
  const search = query.join("&");
  return `${url.origin}${withoutPrefix(url)}${search && `?${search}`}`;
}

function withForwarding(headers: Headers, url: URL, clientIp: string): Headers {
  const forwarded = new Headers(headers);
  const chain = headers.get("x-forwarded-for");
  forwarded.set("x-forwarded-for", chain ? `${chain}, ${clientIp}` : clientIp);
  forwarded.set("x-real-ip", clientIp);
  forwarded.set("x-forwarded-proto", "http");
  forwarded.set("x-forwarded-host", url.hostname);
  forwarded.set("x-forwarded-port", url.port || "80");
  forwarded.set("x-forwarded-path", url.pathname);
  forwarded.set("x-forwarded-prefix", url.pathname.split("/", 3).join("/"));
  return forwarded;
}

function exceedsLimit(request: Request): boolean {
  return Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES;
}

function noRoute(): Response {
  return Response.json({ message: "no Route matched with those values" }, { status: 404 });
}
