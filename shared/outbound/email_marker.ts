// How an email of ours is known again at the service that sent it.

/**
 * Header that repeats our Message-ID. Gmail's interface gives what it sends a Message-ID of its own, as
 * several projects found (it is not documented either way), and keeps other headers.
 */
export const MARKER_HEADER = "X-Sixty-Message-ID";
