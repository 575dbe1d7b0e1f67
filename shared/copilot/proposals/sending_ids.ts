// Ids of our own that leave with what is sent, so that it is found again before anything is sent twice.

/**
 * Makes the id of an email.
 *
 * @param from Address it is sent from; the id is of its domain.
 * @returns With angle brackets, as the header `Message-ID` has it.
 */
export function newMessageId(from: string): string {
  const domain = from.slice(from.lastIndexOf("@") + 1).replace(/[^\w.-]/g, "") ||
    "sixty.invalid";
  return `<sixty.${crypto.randomUUID()}@${domain.slice(-120)}>`;
}

/** Makes the id of a calendar event: base32hex, as Google asks for. */
export function newEventId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
