// Every panel that an answer may carry. What is not in this list cannot be sent: the answer's contract
// is the union of these schemas.
import { z } from "zod";
import { MeetingList } from "../meeting_list.ts";

/** A structured response: what the frontend draws beside the text. */
export const StructuredResponse = z.discriminatedUnion("type", [MeetingList]);
/** See the schema of the same name. */
export type StructuredResponse = z.infer<typeof StructuredResponse>;
