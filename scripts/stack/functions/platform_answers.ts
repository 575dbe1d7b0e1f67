// What the platform answers in place of a function that it can't or won't run.

/** The platform's status for a worker that met a limit. */
export const WORKER_LIMIT_STATUS = 546;

/** Answers for a name that no function has. */
export function functionNotFound(): Response {
  return new Response("Function not found", {
    status: 404,
    headers: { "content-type": "text/plain" },
  });
}

/**
 * Refuses a caller before the function is asked.
 *
 * @param msg The platform's text.
 */
export function unauthorized(msg: string): Response {
  return Response.json({ msg }, { status: 401 });
}

/** Answers for a function whose process can't start. */
export function bootError(): Response {
  return platformError(503, "BOOT_ERROR", "Worker failed to boot (please check logs)");
}

/** Answers for a function whose process ended while it worked on the request. */
export function workerError(): Response {
  return platformError(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
}

/** Answers for a function that ran out of memory or time. */
export function workerLimit(): Response {
  return platformError(
    WORKER_LIMIT_STATUS,
    "WORKER_LIMIT",
    "Worker failed to respond due to a resource limit (please check logs)",
  );
}

/** Answers for a function that sent nothing for as long as the platform waits. */
export function idleTimeout(): Response {
  return platformError(504, "IDLE_TIMEOUT", "The upstream server is timing out");
}

/** Answers for a stack that is going down. */
export function shuttingDown(): Response {
  return platformError(503, "SHUTTING_DOWN", "The stack is stopping");
}

function platformError(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
