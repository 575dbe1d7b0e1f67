// What the API demands of the order of turns: who speaks last, that every call is answered in one
// turn and by its own name and id, and that thought signatures come back where they were.
import { invalidArgument } from "./gemini_error.ts";
import type { Content } from "./generate_request.ts";
import type { SignatureScope, ThoughtSignatures } from "./thought_signatures.ts";

/**
 * Checks a conversation.
 *
 * @param contents Its turns.
 * @param signatures Knows what it has issued.
 * @param scope The key and model of this request.
 * @throws {GeminiError} 400, saying what is wrong.
 */
export function checkConversation(
  contents: readonly Content[],
  signatures: ThoughtSignatures,
  scope: SignatureScope,
): void {
  if (contents.length === 0) {
    throw invalidArgument("* GenerateContentRequest.contents: contents is not specified");
  }
  for (const content of contents) {
    if (content.role !== "user" && content.role !== "model" && content.role !== undefined) {
      throw invalidArgument("Please use a valid role: user, model.");
    }
  }
  const last = contents.at(-1);
  if (last?.role === "model" && last.parts.length > 0) {
    throw invalidArgument("Requests must end with a user turn: prefilling is not supported.");
  }
  checkCallsAreAnswered(contents);
  checkSignatures(contents, signatures, scope);
}

function checkCallsAreAnswered(contents: readonly Content[]): void {
  for (const [index, content] of contents.entries()) {
    const answers = content.parts.flatMap((part) => part.functionResponse ?? []);
    const before = contents[index - 1];
    const calls = before?.role === "model"
      ? before.parts.flatMap((part) => part.functionCall ?? [])
      : [];
    if (answers.some((answer) => answer.name === "")) {
      throw invalidArgument(
        `* GenerateContentRequest.contents[${index}].parts[0].function_response.name: Name cannot be empty.`,
      );
    }
    if (calls.length === 0 && answers.length > 0) {
      throw invalidArgument(
        "Please ensure that function response turn comes immediately after a function call turn.",
      );
    }
    if (calls.length !== answers.length) {
      throw invalidArgument(
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
    }
    const unmatched = [...calls];
    for (const answer of answers) {
      const found = unmatched.findIndex((call) =>
        call.name === answer.name && call.id === answer.id
      );
      if (found < 0) {
        throw invalidArgument(
          `Function response "${answer.name}" does not match the id and name of any function call.`,
        );
      }
      unmatched.splice(found, 1);
    }
  }
}

function checkSignatures(
  contents: readonly Content[],
  signatures: ThoughtSignatures,
  scope: SignatureScope,
): void {
  // The current turn begins with the last thing that a person said
  const begin = contents.findLastIndex((content) =>
    content.role !== "model" && content.parts.some((part) => part.text !== undefined)
  );
  for (const [turn, content] of contents.entries()) {
    if (content.role !== "model") continue;
    for (const [index, part] of content.parts.entries()) {
      if (part.thoughtSignature !== undefined && !signatures.isGenuine(part, scope)) {
        throw invalidArgument("Corrupted thought signature.");
      }
      const isFirstCall = part.functionCall !== undefined &&
        content.parts.findIndex((each) => each.functionCall !== undefined) === index;
      if (turn > begin && isFirstCall && part.thoughtSignature === undefined) {
        throw invalidArgument(
          `Function call is missing a thought_signature in functionCall parts. Function call \`${
            part.functionCall?.name ?? ""
          }\`, position ${turn}.`,
        );
      }
    }
  }
}
