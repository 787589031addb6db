"use strict";
// The page reads well without this file. It adds the theme button and the browsers of items and answers.
// Texts come from models and data sets: they reach the page only as text nodes, never as markup.
(() => {
  const ROWS = 50; // rows a page of a browser
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

  // ---- packed data ----

  async function unpack(name) {
    const text = document.getElementById(`${name}-data`).textContent.trim();
    if (typeof DecompressionStream === "undefined") throw new Error("it cannot unpack compressed data");
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // ---- a browser: rows that are searched, filtered, sorted and shown a page at a time ----
  //
  // A view says what the rows are:
  //   noun       "items"
  //   count      how many rows
  //   index      lower-cased text of each row, for the search
  //   columns    { title, sort: numbers a row or null, cell: row => Node or string, kind: class of the cell }
  //   filters    { label, choices: [[words, row => boolean], ...] }, the first choice being everything
  //   ranges     { label, choices: [[words, (row, low, high) => boolean], ...] }
  //   details    row => Node
  //   file, header, record    for the CSV of the rows shown

  class Browser {
    constructor(place, view) {
      this.view = view;
      this.place = place;
      this.query = [];
      this.tests = view.filters.map(() => null);
      this.rangeTests = view.ranges.map(() => null);
      this.column = 0;
      this.descending = false;
      this.orders = new Map();
      this.found = new Int32Array(view.count);
      this.length = 0;
      this.start = 0;
      this.build();
      this.filter();
    }

    build() {
      const { view } = this;
      const name = view.noun;
      this.search = element("input", { type: "search", autocomplete: "off", spellcheck: "false", "aria-controls": `${name}-rows` });
      this.search.addEventListener("input", () => {
        this.query = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
        this.filter();
      });
      const controls = element("div", { class: "controls", role: "search", "aria-label": `Search ${name}` });
      controls.append(this.field("Search (all words)", this.search, "search"));
      view.filters.forEach((filter, number) => controls.append(this.choice(filter, number)));
      view.ranges.forEach((range, number) => controls.append(this.range(range, number)));
      controls.append(element("button", { type: "button", onclick: () => this.reset() }, "Reset"));

      this.status = element("span", { role: "status", "aria-live": "polite" });
      this.back = element("button", { type: "button", onclick: () => this.turn(-1) }, "Previous");
      this.next = element("button", { type: "button", onclick: () => this.turn(1) }, "Next");
      this.where = element("span");
      const save = element("button", { type: "button", onclick: () => this.save() }, "Download these rows (CSV)");
      const pages = element("div", { class: "pages", role: "group", "aria-label": `Pages of ${name}` }, this.back, this.where, this.next);
      const result = element("div", { class: "result" }, this.status, pages, save);

      this.headings = view.columns.map((column, number) => {
        if (!column.sort) return element("th", { scope: "col", role: "columnheader", class: column.kind }, column.title);
        const arrow = element("span", { "aria-hidden": "true" });
        const button = element("button", { type: "button", onclick: () => this.sort(number) }, column.title, " ", arrow);
        return element("th", { scope: "col", role: "columnheader", class: column.kind }, button);
      });
      // Roles are spelled out because narrow screens show rows as cards, which would hide that this is a table.
      this.body = element("tbody", { role: "rowgroup" });
      const caption = element("caption", { class: "unseen" }, view.caption);
      const head = element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...this.headings));
      const table = element("table", { class: "rows", role: "table", id: `${name}-rows` }, caption, head, this.body);
      const region = element("div", { class: "wide", role: "region", tabindex: "0", "aria-label": view.caption }, table);
      this.place.replaceChildren(controls, result, region);
      this.place.removeAttribute("aria-busy");
      this.controls = controls;
    }

    choice(filter, number) {
      const select = element("select", null, ...filter.choices.map(([words], value) => element("option", { value: String(value) }, words)));
      select.addEventListener("change", () => {
        this.tests[number] = filter.choices[Number(select.value)][1];
        this.filter();
      });
      return this.field(filter.label, select);
    }

    // A control under its name.
    field(name, control, kind) {
      this.fields = (this.fields ?? 0) + 1;
      control.id = `${this.view.noun}-field-${this.fields}`;
      return element("div", { class: kind ?? false }, element("label", { for: control.id }, name), control);
    }

    range(range, number) {
      const select = element("select", { "aria-label": `${range.label} of` }, ...range.choices.map(([words], value) => element("option", { value: String(value) }, words)));
      const bound = (label, value) => element("input", { type: "number", min: "0", max: "1", step: "0.05", value, "aria-label": `${range.label}, ${label}` });
      const [low, high] = [bound("from", "0"), bound("to", "1")];
      const change = () => {
        const [least, most] = [low.value === "" ? 0 : Number(low.value), high.value === "" ? 1 : Number(high.value)];
        const test = range.choices[Number(select.value)][1];
        this.rangeTests[number] = least <= 0 && most >= 1 ? null : (row) => test(row, least, most);
        this.filter();
      };
      for (const input of [select, low, high]) input.addEventListener("input", change);
      return element("fieldset", null, element("legend", null, range.label), element("span", null, select, low, "to", high));
    }

    reset() {
      for (const input of this.controls.querySelectorAll("input, select")) {
        if (input.tagName === "SELECT") input.selectedIndex = 0;
        else input.value = input.defaultValue;
      }
      this.query = [];
      this.tests.fill(null);
      this.rangeTests.fill(null);
      this.filter();
      this.search.focus();
    }

    sort(number) {
      this.descending = this.column === number ? !this.descending : (this.view.columns[number].descendingFirst ?? false);
      this.column = number;
      this.filter();
    }

    // Rows in the order of the column, sorted once and kept; rows with equal values stay in their own order.
    order() {
      const key = `${this.column} ${this.descending}`;
      if (!this.orders.has(key)) {
        const values = this.view.columns[this.column].sort;
        const sign = this.descending ? -1 : 1;
        const rows = Int32Array.from({ length: this.view.count }, (_, row) => row);
        this.orders.set(key, rows.sort((a, b) => sign * (values[a] - values[b]) || a - b));
      }
      return this.orders.get(key);
    }

    filter() {
      const tests = [...this.tests, ...this.rangeTests].filter(Boolean);
      const { index } = this.view;
      const { query } = this;
      this.length = 0;
      for (const row of this.order()) {
        if (tests.every((test) => test(row)) && query.every((word) => index[row].includes(word))) this.found[this.length++] = row;
      }
      this.start = 0;
      this.show();
    }

    turn(step) {
      this.start = Math.max(0, Math.min(this.start + step * ROWS, this.length - 1));
      this.show();
    }

    show() {
      const { view } = this;
      const end = Math.min(this.start + ROWS, this.length);
      const fragment = document.createDocumentFragment();
      for (let place = this.start; place < end; place++) fragment.append(this.row(this.found[place]));
      if (this.length === 0) fragment.append(element("tr", { role: "row" }, element("td", { role: "cell", colspan: String(view.columns.length) }, `No ${view.noun} match.`)));
      this.body.replaceChildren(fragment);
      this.headings.forEach((heading, number) => {
        const here = number === this.column;
        if (here) heading.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
        else heading.removeAttribute("aria-sort");
        const arrow = heading.querySelector("span");
        if (arrow) arrow.textContent = here ? (this.descending ? "▼" : "▲") : "";
      });
      this.status.textContent = `${percent(this.length, view.count)} ${view.noun}`;
      this.where.textContent = `Page ${Math.floor(this.start / ROWS) + (this.length ? 1 : 0)} of ${Math.ceil(this.length / ROWS)}`;
      this.back.disabled = this.start === 0;
      this.next.disabled = end >= this.length;
    }

    row(row) {
      const { view } = this;
      const name = `${view.noun}-${row}`;
      const button = element("button", { type: "button", "aria-expanded": "false", "aria-controls": name, dir: "auto" }, clipped(view.title(row), SHORT));
      const made = element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, button));
      for (const column of view.columns.slice(1)) {
        made.append(element("td", { class: column.kind, role: "cell", "data-name": column.plain ? null : column.title }, column.cell(row)));
      }
      button.addEventListener("click", () => {
        const open = button.getAttribute("aria-expanded") === "true";
        button.setAttribute("aria-expanded", String(!open));
        if (open) made.nextSibling.remove();
        else made.after(element("tr", { class: "details", role: "row", id: name }, element("td", { role: "cell", colspan: String(view.columns.length) }, view.details(row))));
      });
      return made;
    }

    save() {
      const lines = [this.view.header];
      for (let place = 0; place < this.length; place++) lines.push(this.view.record(this.found[place]));
      download(this.view.file, lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n");
    }
  }

  // A cell of a CSV file, as calibration/result_tables/csv_text.py makes them: a text that a spreadsheet would take for a formula
  // gets an apostrophe in front, a number stays one.
  function quoted(value) {
    const raw = String(value);
    const text = /^[=+\-@\t\r\n＝＋－＠]/.test(raw) && !/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(raw) ? `'${raw}` : raw;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function download(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = element("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  // The place of each value among the distinct ones in the order of a dictionary, so that sorting compares numbers.
  function ranks(values) {
    const collator = new Intl.Collator("en", { numeric: true });
    const sorted = [...new Set(values)].sort(collator.compare);
    const rank = new Map(sorted.map((value, place) => [value, place]));
    return Int32Array.from(values, (value) => rank.get(value));
  }

  function shortText(text) {
    return element("span", { class: "clamped", dir: "auto" }, clipped(text, SHORT));
  }

  function marked(right, words) {
    return element("span", { class: right ? "right" : "wrong" }, element("span", { "aria-hidden": "true" }, right ? "✓ " : "✗ "), words, element("span", { class: "unseen" }, right ? ", right" : ", wrong"));
  }

  // ---- items ----

  function itemView(data) {
    const count = data.id.length;
    const texts = data.question.length > 0;
    const first = new Int32Array(count + 1); // where the letters of an item begin
    for (let row = 0; row < count; row++) first[row + 1] = first[row] + data.sizes[row];
    const runs = data.runs.map((run) => {
      const probability = Float64Array.from(run.probability, (parts) => parts / data.parts);
      const confidence = Float64Array.from(run.predicted, (letter, row) => probability[first[row] + letter]);
      const right = Uint8Array.from(run.predicted, (letter, row) => Number(letter === data.key[row]));
      const onKey = Float64Array.from(data.key, (letter, row) => probability[first[row] + letter]);
      return { name: run.name, predicted: run.predicted, probability, confidence, right, onKey };
    });
    const paired = runs.length > 1;
    const [before, after] = runs;
    const shift = paired ? Float64Array.from(before.onKey, (value, row) => after.onKey[row] - value) : null;
    const subject = (row) => data.subjects[data.subject[row]].replaceAll("_", " ");
    const subjectCounts = new Map();
    for (const place of data.subject) subjectCounts.set(place, (subjectCounts.get(place) ?? 0) + 1);
    const index = data.id.map((id, row) => [id, subject(row), ...(texts ? [data.question[row], ...data.options[row]] : [])].join("\n").toLowerCase());

    const outcome = (words, was, is) => {
      const test = (row) => before.right[row] === was && (!paired || after.right[row] === is);
      let rows = 0;
      for (let row = 0; row < count; row++) rows += test(row);
      return [`${words} (${rows.toLocaleString("en")})`, test];
    };
    const answer = (run) => (row) =>
      marked(run.right[row] === 1, `${LETTERS[run.predicted[row]]} ${run.confidence[row].toFixed(3)}`);

    const columns = [
      { title: "Item", sort: Int32Array.from({ length: count }, (_, row) => row) },
      { title: "Subject", sort: ranks(data.subject.map((_, row) => subject(row))), cell: (row) => element("bdi", null, visible(subject(row))), kind: "subject", plain: true },
      ...(texts ? [{ title: "Question", sort: null, cell: (row) => shortText(data.question[row]), kind: "text", plain: true }] : []),
      { title: "Correct", sort: null, cell: (row) => LETTERS[data.key[row]] },
      ...runs.map((run) => ({ title: run.name, sort: run.confidence, descendingFirst: true, cell: answer(run), kind: "number" })),
      paired
        ? { title: "Change for the correct letter", sort: shift, cell: (row) => (shift[row] < 0 ? "−" : "+") + Math.abs(shift[row]).toFixed(3), kind: "number" }
        : { title: "On the correct letter", sort: before.onKey, cell: (row) => before.onKey[row].toFixed(3), kind: "number" },
    ];

    return {
      noun: "items",
      caption: "Items: the letter that each model predicted, with its probability",
      count,
      index,
      columns,
      // The subject stands beside it.
      title: (row) => (data.id[row].startsWith(`${data.subjects[data.subject[row]]}/`) ? data.id[row].slice(data.subjects[data.subject[row]].length + 1) : data.id[row]),
      filters: [
        {
          label: "Subject",
          choices: [["All", null], ...data.subjects.map((name, place) => [`${visible(name.replaceAll("_", " ")) || "(none)"} (${subjectCounts.get(place).toLocaleString("en")})`, (row) => data.subject[row] === place])],
        },
        paired
          ? {
              label: "Before → after",
              choices: [["All", null], outcome("right → wrong", 1, 0), outcome("wrong → right", 0, 1), outcome("both wrong", 0, 0), outcome("both right", 1, 1)],
            }
          : { label: "Answer", choices: [["All", null], outcome("wrong", 0), outcome("right", 1)] },
      ],
      ranges: [
        {
          label: "Confidence",
          choices: (paired ? [after, before] : [before]).map((run) => [paired ? (run === after ? "after" : "before") : "of the answer", (row, low, high) => run.confidence[row] >= low && run.confidence[row] <= high]),
        },
      ],
      details: (row) => itemDetails(row, data, runs, first, texts),
      file: "items.csv",
      header: ["item", "subject", "key", ...(paired ? ["_before", "_after"] : [""]).flatMap((side) => [`predicted${side}`, `confidence${side}`, `right${side}`, `probabilities${side}`]), ...(texts ? ["question", "options"] : [])],
      record: (row) => [
        data.id[row],
        data.subjects[data.subject[row]],
        LETTERS[data.key[row]],
        ...runs.flatMap((run) => [LETTERS[run.predicted[row]], run.confidence[row], run.right[row], Array.from(run.probability.subarray(first[row], first[row + 1])).join(" ")]),
        ...(texts ? [data.question[row], JSON.stringify(data.options[row])] : []),
      ],
    };
  }

  function itemDetails(row, data, runs, first, texts) {
    const head = element("tr", null, element("th", { scope: "col" }, "Letter"), ...(texts ? [element("th", { scope: "col" }, "Option")] : []));
    for (const run of runs) head.append(element("th", { scope: "col" }, element("bdi", null, run.name)));
    const body = element("tbody");
    for (let letter = 0; letter < data.sizes[row]; letter++) {
      const isKey = letter === data.key[row];
      const line = element("tr", { class: isKey && "key" }, element("th", { scope: "row" }, LETTERS[letter] + (isKey ? " (correct)" : "")));
      if (texts) line.append(element("td", null, whole(data.options[row][letter] ?? "", { class: "option" })));
      runs.forEach((run, number) => {
        const value = run.probability[first[row] + letter];
        const fill = element("span");
        fill.style.width = `${100 * value}%`;
        const bar = element("span", { class: number ? "amount second" : "amount", "aria-hidden": "true" }, fill);
        const mark = run.predicted[row] === letter ? " (predicted)" : "";
        line.append(element("td", null, value.toFixed(3), bar, mark));
      });
      body.append(line);
    }
    const table = element("table", null, element("caption", { class: "unseen" }, "Probability of each option"), element("thead", null, head), body);
    return element("div", null, element("p", { class: "quiet", dir: "auto" }, visible(data.id[row])), ...(texts ? [whole(data.question[row], { class: "whole" })] : []), table);
  }

  // ---- free-form answers ----

  function answerView(data) {
    const count = data.id.length;
    const { runs } = data;
    const shown = (run, row) => run.grade[row] + (run.grade[row] === "incorrect" && run.tempted[row] ? " (common misconception)" : "");
    const counted = (words, test) => {
      let rows = 0;
      for (let row = 0; row < count; row++) rows += test(row) ? 1 : 0;
      return [`${words} (${rows.toLocaleString("en")})`, test];
    };
    const grades = ["correct", "partial", "incorrect", "abstained", "ungraded", "not asked"].filter((grade) => runs.some((run) => run.grade.includes(grade)));
    const categories = [...new Set(data.category)];
    const kinds = data.adversarial.includes(0) && data.adversarial.includes(1);
    return {
      noun: "answers",
      caption: "Free-form answers: what each model answered, and its grade",
      count,
      index: data.id.map((id, row) => [id, data.category[row], data.question[row], data.ideal[row], ...runs.map((run) => run.response[row])].join("\n").toLowerCase()),
      title: (row) => data.id[row],
      columns: [
        { title: "Id", sort: Int32Array.from({ length: count }, (_, row) => row) },
        { title: "Question", sort: null, cell: (row) => shortText(data.question[row]), kind: "text", plain: true },
        { title: "Category", sort: ranks(data.category), cell: (row) => element("bdi", null, visible(data.category[row])), kind: "subject", plain: true },
        ...runs.map((run) => ({
          title: run.name,
          sort: Int32Array.from(run.grade, (grade) => grades.indexOf(grade)),
          cell: (row) => {
            const cell = element("span", null, shortText(run.response[row]));
            const tone = { correct: "right", incorrect: "wrong" }[run.grade[row]];
            cell.append(element("span", { class: tone ?? "quiet" }, shown(run, row)));
            return cell;
          },
          kind: "text",
        })),
      ],
      filters: [
        { label: "Category", choices: [["All", null], ...categories.map((name) => counted(visible(name) || "(none)", (row) => data.category[row] === name))] },
        ...(kinds ? [{ label: "Kind", choices: [["All", null], counted("adversarial", (row) => data.adversarial[row] === 1), counted("control", (row) => data.adversarial[row] === 0)] }] : []),
        ...runs.map((run) => ({
          label: run.name,
          choices: [["All", null], ...grades.map((grade) => counted(grade, (row) => run.grade[row] === grade)), counted("common misconception", (row) => run.tempted[row] === 1)],
        })),
      ],
      ranges: [],
      details: (row) => {
        const list = element("dl");
        const add = (term, text) => list.append(element("dt", null, element("bdi", null, term)), element("dd", null, whole(text)));
        add("Question", data.question[row]);
        add("Ideal answer", data.ideal[row]);
        for (const run of runs) {
          add(`${run.name}: ${shown(run, row)}`, run.response[row]);
          const thoughts = run.thoughts[row];
          if (thoughts) list.append(element("dd", null, element("details", null, element("summary", null, "The model's thoughts"), whole(thoughts))));
          if (run.reason[row]) add("Reason of the grade", run.reason[row]);
        }
        return list;
      },
      file: "answers.csv",
      header: ["question", "category", "adversarial", "text", "ideal", ...runs.flatMap((_, number) => [`response_${number + 1}`, `grade_${number + 1}`, `tempted_${number + 1}`])],
      record: (row) => [data.id[row], data.category[row], data.adversarial[row], data.question[row], data.ideal[row], ...runs.flatMap((run) => [run.response[row], run.grade[row], run.tempted[row]])],
    };
  }

  // ---- the theme ----

  function theme() {
    const button = document.getElementById("theme");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    const say = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      say();
    });
    dark.addEventListener("change", say);
    say();
    button.hidden = false;
  }

  theme();
  const views = { items: itemView, answers: answerView };
  for (const place of document.querySelectorAll("[data-browser]")) {
    const name = place.dataset.browser;
    unpack(name)
      .then((data) => new Browser(place, views[name](data)))
      .catch((error) => {
        const words = `The ${name} cannot be shown in this web browser: ${error.message}. Everything else on the page works.`;
        place.replaceChildren(element("p", { class: "note", role: "status" }, words));
        place.removeAttribute("aria-busy");
      });
  }
})();
