// Who does the same at the same time.
import type { ServedRequest } from "./process_room.ts";
import type { Scene } from "./trap.ts";

/** The same request once more. */
export async function replay({ room }: Scene, served: ServedRequest | undefined): Promise<void> {
  if (served !== undefined) await room.serve(served);
}
