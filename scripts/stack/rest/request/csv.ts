// Reads a CSV body into JSON objects: every value is a string, NULL is null.
import { invalidBody } from "../errors/request_errors.ts";

function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let value = "";
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? "";
    if (quoted) {
      if (c !== '"') value += c;
      else if (text[i + 1] === '"') {
        value += '"';
        i += 1;
      } else quoted = false;
    } else if (c === '"') {
      quoted = true;
    } else if (c === ",") {
      record.push(value);
      value = "";
    } else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i += 1;
      records.push([...record, value]);
      record = [];
      value = "";
    } else {
      value += c;
    }
  }
  if (value !== "" || record.length > 0) records.push([...record, value]);
  return records.filter((fields) => fields.length > 1 || fields[0] !== "");
}

/**
 * Reads CSV with a header line.
 *
 * @throws {RestError} PGRST102 when there is no header or a line has another number of values.
 */
export function csvToObjects(text: string): Array<Record<string, string | null>> {
  const [header, ...lines] = splitRecords(text);
  if (!header) throw invalidBody("not enough input");
  return lines.map((values) => {
    if (values.length !== header.length) {
      throw invalidBody("All lines must have same number of fields");
    }
    return Object.fromEntries(
      header.map((name, i) => [name, values[i] === "NULL" ? null : values[i] ?? null]),
    );
  });
}
