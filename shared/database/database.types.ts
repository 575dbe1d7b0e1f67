export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

interface AnyRow {
  [column: string]: Json;
}

/** Stands in until the types are generated from the running database. */
export type Database = {
  public: {
    Tables: {
      [table: string]: {
        Row: AnyRow;
        Insert: { [column: string]: Json | undefined };
        Update: { [column: string]: Json | undefined };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: {
      [name: string]: { Args: { [name: string]: Json | undefined }; Returns: Json };
    };
  };
};
