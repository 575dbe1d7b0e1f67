// The database as its API takes and gives it: the generated types, with two corrections. An argument
// of a SQL function may always be null, and some tables are nobody's; the generator says neither.
import type { Database } from "./database.types.ts";

type WithNullableArguments<F> = F extends { Args: infer A }
  ? Omit<F, "Args"> & { Args: { [Name in keyof A]: A[Name] | null } }
  : F;

/** Tables without any privilege: what people say to the copilot is reached by functions (U60-168). */
type ClosedTable = `copilot_${string}` | "tool_executions";

/** Schema `public` as a client sees it. */
export type ApiDatabase = Omit<Database, "public"> & {
  public: Omit<Database["public"], "Functions" | "Tables"> & {
    Tables: {
      [Name in Exclude<keyof Database["public"]["Tables"], ClosedTable>]:
        Database["public"]["Tables"][Name];
    };
    Functions: {
      [Name in keyof Database["public"]["Functions"]]: WithNullableArguments<
        Database["public"]["Functions"][Name]
      >;
    };
  };
};

/** The name of a function that a client may call. */
export type RpcName = keyof ApiDatabase["public"]["Functions"] & string;
