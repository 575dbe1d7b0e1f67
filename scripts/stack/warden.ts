// Ends the stack's child processes when the stack itself dies without a chance to, as by kill -9.
//
// A child in a busy loop can't notice that its parent is gone, so a tiny shell does: it holds a pipe
// from the stack, and the end of that pipe is the stack's death.

/** Watches child processes on behalf of this one. */
export interface Warden {
  /**
   * Has the process ended when this one dies.
   *
   * @param signal What it is sent; a database would rather get `QUIT` than `KILL`.
   */
  watch(pid: number, signal?: "KILL" | "QUIT"): Promise<void>;
  /** Forgets a process that has ended, since its number may be given to another one. */
  forget(pid: number): Promise<void>;
  /** Ends the watch; the processes are left alone. */
  close(): Promise<void>;
}

const SCRIPT = `
trap '' INT TERM HUP
killed=" " quit=" "
while read -r verb pid; do
  case $verb in
    KILL) killed="$killed$pid " ;;
    QUIT) quit="$quit$pid " ;;
    forget)
      case $killed in *" $pid "*) killed="\${killed%% $pid *} \${killed#* $pid }" ;; esac
      case $quit in *" $pid "*) quit="\${quit%% $pid *} \${quit#* $pid }" ;; esac ;;
    close) exit 0 ;;
  esac
done
for pid in $killed; do kill -KILL "$pid"; done
for pid in $quit; do kill -QUIT "$pid"; done
`;

/**
 * Starts the watch.
 *
 * @returns The warden; close it once all its processes have ended.
 */
export function startWarden(): Warden {
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT],
    clearEnv: true,
    // In a session of its own, so that neither Ctrl-C nor a kill of the whole group ends it first.
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  // The watch alone must not keep a finished stack alive.
  shell.unref();
  const writer = shell.stdin.getWriter();
  const encoder = new TextEncoder();
  let isClosed = false;

  async function tell(line: string): Promise<void> {
    if (isClosed) return;
    try {
      await writer.write(encoder.encode(`${line}\n`));
    } catch (error) {
      // Somebody ended the shell. The stack serves on; should it die too, the next start cleans up.
      if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
      isClosed = true;
    }
  }
  return {
    watch: (pid, signal = "KILL") => tell(`${signal} ${pid}`),
    forget: (pid) => tell(`forget ${pid}`),
    async close() {
      await tell("close");
      isClosed = true;
      shell.ref();
      await shell.status;
      await writer.close().catch(() => undefined);
    },
  };
}
