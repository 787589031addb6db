// Texts come from models and data sets: they reach the page only as text nodes, never as markup.
const SHORT = 300; // characters of a text in a row
const LONG = 2000; // characters of a text in the details, before "show all"
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// ---- elements and texts ----

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

// Control characters written out, as calibration/control_characters.py does: they would be invisible, turn the text
// around, or do worse when copied to a terminal.
function visible(text) {
  const hidden =
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;
  return text.replaceAll("\r\n", "\n").replace(hidden, (character) => {
    if (character === "\r") return "\\r";
    const code = character.codePointAt(0);
    const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
  });
}

function clipped(text, length) {
  // No half of a character at the end.
  return text.length > length ? visible(text.slice(0, length).replace(/[\ud800-\udbff]$/, "")) + " …" : visible(text);
}

// A text that may be very long, whole only on request.
function whole(text, attributes) {
  const made = element("div", { dir: "auto", ...attributes }, clipped(text, LONG));
  if (text.length > LONG) {
    const button = element("button", { type: "button" }, `Show all ${text.length.toLocaleString("en")} characters`);
    button.addEventListener("click", () => made.replaceChildren(visible(text)));
    made.append(" ", button);
  }
  return made;
}

function percent(count, total) {
  return `${count.toLocaleString("en")} of ${total.toLocaleString("en")}`;
}
// A cell of a CSV file, as calibration/result_tables/csv_text.py makes them: a text that a spreadsheet would take for a formula
// gets an apostrophe in front, a number stays one.
function quoted(value) {
  const raw = String(value);
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(raw) && !/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(raw) ? `'${raw}` : raw;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function download(name, texts) {
  const address = URL.createObjectURL(new Blob(texts, { type: "text/csv;charset=utf-8" }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function shortText(text) {
  return element("span", { class: "clamped", dir: "auto" }, clipped(text, SHORT));
}

function marked(right, words) {
  return element("span", { class: right ? "right" : "wrong" }, element("span", { "aria-hidden": "true" }, right ? "✓ " : "✗ "), words, element("span", { class: "unseen" }, right ? ", right" : ", wrong"));
}
