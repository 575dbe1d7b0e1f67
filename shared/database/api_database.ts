// The database as its API takes and gives it: the generated types, with one correction. An argument
// of a SQL function may always be null, which the generator does not say.
import type { Database } from "./database.types.ts";

type WithNullableArguments<F> = F extends { Args: infer A }
  ? Omit<F, "Args"> & { Args: { [Name in keyof A]: A[Name] | null } }
  : F;

/** Schema `public` as a client sees it. */
export type ApiDatabase = Omit<Database, "public"> & {
  public: Omit<Database["public"], "Functions"> & {
    Functions: {
      [Name in keyof Database["public"]["Functions"]]: WithNullableArguments<
        Database["public"]["Functions"][Name]
      >;
    };
  };
};

/** The name of a function that a client may call. */
export type RpcName = keyof ApiDatabase["public"]["Functions"] & string;
