// What a structured response is: one type of a closed, versioned set, with a schema, an example and a
// reading of it as plain text (U60-071).
import type { z } from "zod";

/** The schema of a panel: a strict object with literal `type` and `version`. */
export type PanelSchema = z.ZodObject<
  { readonly type: z.ZodLiteral<string>; readonly version: z.ZodLiteral<number> } & z.ZodRawShape
>;

/** One panel. */
export interface Panel<S extends PanelSchema = PanelSchema> {
  readonly type: z.output<S>["type"];
  readonly version: z.output<S>["version"];
  /** When the frontend draws it. */
  readonly summary: string;
  readonly schema: S;
  /** A whole one, as an answer would carry it. */
  readonly example: z.output<S>;
  /**
   * The same as readable plain text: what a terminal shows, and what an answer says beside the panel.
   * Words of people outside are shown as text on one line, without angle brackets.
   */
  describe(panel: z.output<S>): string;
}

/**
 * Declares a panel.
 *
 * @param panel Its schema, example and reading.
 * @returns The same, with its types kept.
 */
export function definePanel<S extends PanelSchema>(
  panel: Omit<Panel<S>, "type" | "version">,
): Panel<S> {
  const { type, version } = panel.schema.shape;
  return {
    ...panel,
    type: type.value as z.output<S>["type"],
    version: version.value as z.output<S>["version"],
  };
}
