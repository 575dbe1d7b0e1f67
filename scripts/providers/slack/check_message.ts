// What Slack accepts as a message: the limits of text, blocks and metadata.
import { z } from "zod";
import { SlackError } from "./slack_error.ts";

/** A message that may be posted. */
export interface CheckedMessage {
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata:
    | { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
    | null;
}

const TEXT_CUT = 40_000;
const BLOCKS_MAX = 50;
const ALL_BLOCKS_MAX = 13_200;
const LIMITS: Readonly<Record<string, number | undefined>> = { section: 3_000, header: 150 };
const ELEMENTS: Readonly<Record<string, number | undefined>> = { context: 10, actions: 25 };
const FIELDS_MAX = 10;
const FIELD_MAX = 2_000;

const TextObject = z.looseObject({ text: z.string() });
const Block = z.looseObject({
  type: z.string(),
  text: TextObject.optional(),
  fields: z.array(TextObject).optional(),
  elements: z.array(z.unknown()).optional(),
});
const Metadata = z.object({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
});

/**
 * Checks a message.
 *
 * @param input The call's arguments; blocks and metadata are JSON, or texts of it.
 * @throws {SlackError} As Slack would refuse it.
 */
export function checkMessage(input: Readonly<Record<string, unknown>>): CheckedMessage {
  const text = typeof input["text"] === "string" ? input["text"] : "";
  const blocks = readBlocks(input["blocks"]);
  if (text === "" && blocks.length === 0) throw new SlackError("no_text");
  return { text: text.slice(0, TEXT_CUT), blocks, metadata: readMetadata(input["metadata"]) };
}

function readBlocks(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  const blocks = z.array(Block).safeParse(readJson(value));
  if (!blocks.success) throw new SlackError("invalid_blocks_format");
  if (blocks.data.length > BLOCKS_MAX) {
    throw invalidBlocks(`no more than ${BLOCKS_MAX} items allowed`);
  }
  for (const block of blocks.data) checkBlock(block);
  if (JSON.stringify(blocks.data).length > ALL_BLOCKS_MAX) {
    throw new SlackError("msg_blocks_too_long");
  }
  return blocks.data;
}

function checkBlock({ type, text, fields = [], elements = [] }: z.infer<typeof Block>): void {
  const most = LIMITS[type] ?? Infinity;
  const length = text?.text.length;
  if (length === 0 || (length ?? 0) > most) throw invalidBlocks(`text of ${type}`);
  if (fields.length > FIELDS_MAX || fields.some((field) => field.text.length > FIELD_MAX)) {
    throw invalidBlocks("fields");
  }
  if (elements.length > (ELEMENTS[type] ?? Infinity)) throw invalidBlocks(`elements of ${type}`);
}

function readMetadata(value: unknown): CheckedMessage["metadata"] {
  if (value === undefined) return null;
  const metadata = Metadata.safeParse(readJson(value));
  if (!metadata.success) throw new SlackError("invalid_metadata_format");
  return metadata.data;
}

function invalidBlocks(what: string): SlackError {
  return new SlackError("invalid_blocks", {
    response_metadata: { messages: [`[ERROR] invalid: ${what}`] },
  });
}

function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
