// A handler on a loopback port, for as long as it is measured.

/** A served handler; disposing of it stops the server. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves a handler on a free loopback port.
 *
 * @param handler Answers requests.
 */
export function serveHandler(handler: (request: Request) => Response | Promise<Response>): Served {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => handler(request),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
