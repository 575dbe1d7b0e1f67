// Just enough XML for S3: writes its documents and reads the few that clients send.

/** Elements in order; a value of `undefined` leaves the element out. */
export type XmlFields = ReadonlyArray<
  readonly [name: string, value: string | number | boolean | XmlFields | undefined]
>;

/** An element that was read. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** A document that is not well formed. */
export class XmlSyntaxError extends Error {
  override name = "XmlSyntaxError";
}

/** The namespace of every S3 document but errors. */
export const S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/**
 * Writes a document.
 *
 * @param root The name of the root element.
 * @param fields Its children.
 * @param namespace Its default namespace.
 */
export function renderXml(root: string, fields: XmlFields, namespace?: string): string {
  const attribute = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${
    renderFields(fields)
  }</${root}>`;
}

function renderFields(fields: XmlFields): string {
  let text = "";
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    const content = typeof value === "object" ? renderFields(value) : escapeXml(String(value));
    text += `<${name}>${content}</${name}>`;
  }
  return text;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}

const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/**
 * Reads a document; attributes and namespaces are ignored, document types refused.
 *
 * @param source The document.
 * @returns Its root element.
 * @throws {XmlSyntaxError} When it is not well formed.
 */
export function parseXml(source: string): XmlElement {
  const top: OpenElement = { name: "", text: "", children: [] };
  const open: OpenElement[] = [top];
  const input = source.replace(/^\uFEFF/, "");
  let end = 0;
  for (const match of input.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [, cdata, closing, opening, , selfClosing, text] = match;
    const current = open.at(-1) ?? top;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += unescapeXml(text);
    else if (opening !== undefined) {
      const element: OpenElement = { name: localName(opening), text: "", children: [] };
      current.children.push(element);
      if (selfClosing === "") open.push(element);
    } else if (closing !== undefined) {
      if (open.length < 2 || current.name !== localName(closing)) {
        throw new XmlSyntaxError(`Unexpected closing tag: ${closing}`);
      }
      open.pop();
    }
  }
  const root = top.children[0];
  const isWhole = end === input.length && open.length === 1 && top.children.length === 1;
  if (!isWhole || root === undefined || top.text.trim() !== "") {
    throw new XmlSyntaxError("The document is not well formed");
  }
  return root;
}

/**
 * Finds the text of a child element.
 *
 * @param element The parent.
 * @param name The child's name.
 */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replace(/&([^;\s&]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(";")) throw new XmlSyntaxError("Unterminated entity");
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    if (code !== null) {
      const point = code[1] === undefined ? Number(code[2]) : parseInt(code[1], 16);
      if (point > 0x10ffff) throw new XmlSyntaxError(`Unknown character: ${name}`);
      return String.fromCodePoint(point);
    }
    const entity = ENTITIES[name];
    if (entity === undefined) throw new XmlSyntaxError(`Unknown entity: ${name}`);
    return entity;
  });
}
