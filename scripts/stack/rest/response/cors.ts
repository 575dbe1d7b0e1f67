// What browsers of other origins are told: everything that the API itself allows.

const METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD";
const EXPOSED =
  "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, " +
  "Server, Transfer-Encoding, Range-Unit";
const SIMPLE_HEADERS = "Accept, Accept-Language, Content-Language";

/** Answers a browser that asks before it sends; undefined when the request is no such question. */
export function preflightResponse(request: Request): Response | undefined {
  const wanted = request.headers.get("access-control-request-method");
  if (request.method !== "OPTIONS" || !request.headers.has("origin") || wanted === null) {
    return undefined;
  }
  if (!METHODS.split(", ").includes(wanted)) return undefined;
  const asked = request.headers.get("access-control-request-headers") ?? "";
  const names = asked.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return new Response(null, {
    status: 200,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": ["Authorization", ...names, SIMPLE_HEADERS].join(", "),
      "Access-Control-Max-Age": "86400",
    },
  });
}

/** Lets other origins read a response, when one asked. */
export function allowOrigin(request: Request, response: Response): Response {
  if (!request.headers.has("origin")) return response;
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers", EXPOSED);
  return response;
}
