// What is written can be read, and what is not well formed is refused.
import assert from "node:assert/strict";
import { childText, parseXml, renderXml, XmlSyntaxError } from "./xml.ts";

Deno.test("parseXml() reads what renderXml() wrote, whatever the text", () => {
  const text = "a < b & c > \"d\" 'e'\r\n\t ü \u{1f600}";
  const root = parseXml(renderXml("R", [["Key", text], ["In", [["N", 1]]], ["No", undefined]]));
  assert.equal(childText(root, "Key"), text);
  assert.equal(root.children.length, 2);
  assert.equal(root.children[1]?.children[0]?.text, "1");
});

Deno.test("parseXml() reads prologs, comments, CDATA, namespaces, entities", () => {
  const root = parseXml(
    '<?xml version="1.0"?>\n<!-- c --><a:R xmlns:a="x" b=\'y\'><a:K><![CDATA[<&]]>&#65;&#x42;&amp;</a:K><E/></a:R>\n',
  );
  assert.equal(root.name, "R");
  assert.equal(childText(root, "K"), "<&AB&");
  assert.equal(childText(root, "E"), "");
});

Deno.test("parseXml() refuses what is not well formed, and document types", () => {
  const broken = [
    "",
    "text",
    "<a>",
    "</a>",
    "<a></b>",
    "<a/><b/>",
    "<a>&nope;</a>",
    "<a>&amp</a>",
    "<a b=c/>",
    "<a",
    '<!DOCTYPE a [<!ENTITY x "y">]><a/>',
    "<a/>tail",
    "<a>&#x110000;</a>",
  ];
  for (const source of broken) assert.throws(() => parseXml(source), XmlSyntaxError, source);
});
