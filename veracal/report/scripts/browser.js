// ---- a browser: rows that are searched, filtered, sorted and shown a page at a time ----
//
// A view says what the rows are:
//   noun, caption
//   count      how many rows
//   pieceRows  how many rows a piece of texts has
//   pieces     the packed data
//   words      (lists, place, row) => what the search looks at, of the row at a place of a piece
//   columns    { key, title, sort: whole numbers a row or null, cell: (row, text) => Node or string, kind: class of the cell }
//   title      (row, text) => string
//   filters    { key, label, choices: [{ words, value, test: row => boolean }] }, the first being everything
//   ranges     { key, label, choices: [{ words, value, test: (row, low, high) => boolean }] }
//   details    (row, text) => Node, or a promise of it
//   file, header, record    for the CSV of the rows shown

const ROWS = 50; // rows a page of a browser

class Browser {
  constructor(place, view) {
    this.view = view;
    this.place = place;
    this.query = [];
    this.tests = view.filters.map(() => null);
    this.rangeTests = view.ranges.map(() => null);
    this.column = 0;
    this.descending = false;
    this.lowered = new Map(); // lower-cased texts, by piece
    this.found = new Int32Array(0);
    this.start = 0;
    this.latest = 0;
    this.build();
    if (this.adopt()) this.place.scrollIntoView();
    addEventListener("hashchange", () => {
      if (!this.adopt()) return;
      this.place.scrollIntoView();
      this.search.focus({ preventScroll: true });
      this.filter();
    });
    this.filter({ keep: true });
  }

  build() {
    const { view } = this;
    const name = view.noun;
    this.search = element("input", { type: "search", autocomplete: "off", spellcheck: "false", "aria-controls": `${name}-rows` });
    this.search.addEventListener("input", () => this.filter());
    const controls = element("div", { class: "controls", role: "search", "aria-label": `Search ${name}` });
    controls.append(this.field("Search (all words)", this.search, "search"));
    this.selects = view.filters.map((filter) => this.choice(filter.choices));
    view.filters.forEach((filter, number) => controls.append(this.field(filter.label, this.selects[number])));
    this.bounds = view.ranges.map((range) => this.range(range));
    for (const { frame } of this.bounds) controls.append(frame);
    controls.append(element("button", { type: "button", onclick: () => this.reset() }, "Reset"));

    this.status = element("span", { role: "status", "aria-live": "polite" });
    this.back = element("button", { type: "button", onclick: () => this.turn(-1) }, "Previous");
    this.next = element("button", { type: "button", onclick: () => this.turn(1) }, "Next");
    this.where = element("span");
    this.saving = element("button", { type: "button", onclick: () => this.save() }, "Download these rows (CSV)");
    const pages = element("div", { class: "pages", role: "group", "aria-label": `Pages of ${name}` }, this.back, this.where, this.next);
    const result = element("div", { class: "result" }, this.status, pages, this.saving);

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
  }

  choice(choices, attributes) {
    const options = choices.map(({ words }, value) => element("option", { value: String(value) }, words));
    return element("select", { ...attributes, onchange: () => this.filter() }, ...options);
  }

  // A control under its name.
  field(name, control, kind) {
    this.fields = (this.fields ?? 0) + 1;
    control.id = `${this.view.noun}-field-${this.fields}`;
    return element("div", { class: kind ?? false }, element("label", { for: control.id }, name), control);
  }

  range(range) {
    const select = this.choice(range.choices, { "aria-label": `${range.label} of` });
    const bound = (label, value) => element("input", { type: "number", min: "0", max: "1", step: "0.05", value, "aria-label": `${range.label}, ${label}` });
    const [low, high] = [bound("from", "0"), bound("to", "1")];
    for (const input of [low, high]) input.addEventListener("input", () => this.filter());
    const frame = element("fieldset", null, element("legend", null, range.label), element("span", null, select, low, "to", high));
    return { frame, select, low, high };
  }

  reset() {
    this.set(new URLSearchParams());
    this.filter();
    this.search.focus();
  }

  sort(number) {
    this.descending = this.column === number ? !this.descending : (this.view.columns[number].descendingFirst ?? false);
    this.column = number;
    this.filter();
  }

  // ---- the state, which the address keeps behind its # ----

  state() {
    const { view } = this;
    const kept = new URLSearchParams();
    if (this.search.value.trim()) kept.set("search", this.search.value.trim());
    view.filters.forEach((filter, number) => {
      const at = Number(this.selects[number].value);
      if (at > 0) kept.set(filter.key, filter.choices[at].value);
    });
    view.ranges.forEach((range, number) => {
      const { select, low, high } = this.bounds[number];
      if (low.value === low.defaultValue && high.value === high.defaultValue) return;
      kept.set(range.key, `${low.value || 0}-${high.value || 1}`);
      if (Number(select.value) > 0) kept.set(`${range.key}-of`, range.choices[Number(select.value)].value);
    });
    if (this.column > 0 || this.descending) kept.set("sort", view.columns[this.column].key + (this.descending ? "-" : ""));
    return kept;
  }

  // Sets all controls; what is not known is left out.
  set(kept) {
    const { view } = this;
    const place = (choices, value) => Math.max(0, choices.findIndex((choice) => choice.value === value));
    this.search.value = kept.get("search") ?? "";
    view.filters.forEach((filter, number) => {
      this.selects[number].value = String(kept.has(filter.key) ? place(filter.choices, kept.get(filter.key)) : 0);
    });
    view.ranges.forEach((range, number) => {
      const { select, low, high } = this.bounds[number];
      const ends = /^([\d.]+)-([\d.]+)$/.exec(kept.get(range.key) ?? "");
      [low.value, high.value] = ends ? [ends[1], ends[2]] : [low.defaultValue, high.defaultValue];
      select.value = String(place(range.choices, kept.get(`${range.key}-of`)));
    });
    const sort = kept.get("sort") ?? "";
    const column = view.columns.findIndex(({ key, sort: values }) => values && key === sort.replace(/-$/, ""));
    this.column = Math.max(0, column);
    this.descending = column >= 0 && sort.endsWith("-");
  }

  adopt() {
    const begin = `#${this.view.noun}?`;
    if (!location.hash.startsWith(begin)) return false;
    this.set(new URLSearchParams(location.hash.slice(begin.length)));
    return true;
  }

  keep() {
    const kept = this.state().toString();
    const hash = kept ? `#${this.view.noun}?${kept}` : "";
    if (hash === location.hash || (!hash && !location.hash.startsWith(`#${this.view.noun}?`))) return;
    try {
      history.replaceState(null, "", hash || `#${this.view.noun}`);
    } catch {
      // Some web browsers refuse this of files; the address then stays as it is.
    }
  }

  // ---- rows ----

  // Does work that newer work ends; a fault is told in place of the rows.
  async work(task) {
    const turn = ++this.latest;
    this.place.setAttribute("aria-busy", "true");
    try {
      await task(() => turn !== this.latest);
    } catch (error) {
      fault(this.place, this.view.noun, error);
    } finally {
      if (turn === this.latest) this.place.removeAttribute("aria-busy");
    }
  }

  // Rows in the order of the column, by counting; rows with equal values stay in their own order.
  order() {
    const { count } = this.view;
    const rows = new Int32Array(count);
    const values = this.view.columns[this.column].sort;
    let most = 0;
    for (let row = 0; row < count; row++) if (values[row] > most) most = values[row];
    const place = this.descending ? (row) => most - values[row] : (row) => values[row];
    const begin = new Int32Array(most + 2);
    for (let row = 0; row < count; row++) begin[place(row) + 1]++;
    for (let value = 0; value <= most; value++) begin[value + 1] += begin[value];
    for (let row = 0; row < count; row++) rows[begin[place(row)]++] = row;
    return rows;
  }

  readControls() {
    const { view } = this;
    this.query = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.tests = view.filters.map((filter, number) => filter.choices[Number(this.selects[number].value)].test);
    this.rangeTests = view.ranges.map((range, number) => {
      const { select, low, high } = this.bounds[number];
      const [least, most] = [low.value === "" ? 0 : Number(low.value), high.value === "" ? 1 : Number(high.value)];
      const { test } = range.choices[Number(select.value)];
      return least <= 0 && most >= 1 ? null : (row) => test(row, least, most);
    });
  }

  filter({ keep = false } = {}) {
    this.readControls();
    if (!keep) this.keep();
    return this.work(async (stale) => {
      const tests = [...this.tests, ...this.rangeTests].filter(Boolean);
      const order = this.order();
      const found = new Int32Array(this.view.count);
      let length = 0;
      for (let place = 0; place < order.length; place++) {
        if ((place & 1023) === 1023 && late()) {
          await breathe();
          if (stale()) return;
        }
        const row = order[place];
        if (tests.every((test) => test(row))) found[length++] = row;
      }
      const passed = this.query.length ? await this.matching(found.subarray(0, length), stale) : found.subarray(0, length);
      if (passed === null) return;
      this.found = passed;
      this.start = 0;
      await this.show(stale);
    });
  }

  // Those of the rows whose texts have all words; null if newer work came.
  async matching(rows, stale) {
    const { query } = this;
    const { pieceRows, count } = this.view;
    const wanted = new Uint8Array(count);
    for (const row of rows) wanted[row] = 1;
    for (let piece = 0; piece * pieceRows < count; piece++) {
      const first = piece * pieceRows;
      const end = Math.min(first + pieceRows, count);
      if (wanted.subarray(first, end).every((value) => value === 0)) continue;
      if (!this.lowered.has(piece)) {
        if (piece % 8 === 0) this.status.textContent = `Searching, ${Math.floor((100 * first) / count)} % …`;
        await this.lower(piece, first, end);
        if (stale()) return null;
      }
      if (late()) {
        await breathe();
        if (stale()) return null;
      }
      const texts = this.lowered.get(piece);
      for (let row = first; row < end; row++) {
        if (wanted[row] && !query.every((word) => texts[row - first].includes(word))) wanted[row] = 0;
      }
    }
    return rows.filter((row) => wanted[row] === 1);
  }

  async lower(piece, first, end) {
    const { view } = this;
    const texts = await view.pieces.json(`rows-${piece}`);
    const lowered = [];
    for (let row = first; row < end; row++) {
      if (late()) await breathe();
      lowered.push(view.words(texts, row - first, row).join("\n").toLowerCase());
    }
    this.lowered.set(piece, lowered);
  }

  turn(step) {
    return this.work(async (stale) => {
      this.start = Math.max(0, Math.min(this.start + step * ROWS, this.found.length - 1));
      await this.show(stale);
    });
  }

  // Texts of a row: one value of each list of its piece.
  async text(row) {
    const { pieceRows, pieces } = this.view;
    const lists = await pieces.texts(Math.floor(row / pieceRows));
    return Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, list[row % pieceRows]]));
  }

  async show(stale) {
    const { view } = this;
    const rows = this.found.subarray(this.start, this.start + ROWS);
    const fragment = document.createDocumentFragment();
    for (const row of rows) {
      const text = await this.text(row);
      if (late()) await breathe();
      if (stale()) return;
      fragment.append(this.row(row, text));
    }
    if (rows.length === 0) fragment.append(element("tr", { role: "row" }, element("td", { role: "cell", colspan: String(view.columns.length) }, `No ${view.noun} match.`)));
    this.body.replaceChildren(fragment);
    this.headings.forEach((heading, number) => {
      const here = number === this.column;
      if (here) heading.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
      const arrow = heading.querySelector("span");
      if (arrow) arrow.textContent = here ? (this.descending ? "▼" : "▲") : "";
    });
    this.status.textContent = `${percent(this.found.length, view.count)} ${view.noun}`;
    this.where.textContent = `Page ${Math.floor(this.start / ROWS) + (this.found.length ? 1 : 0)} of ${Math.ceil(this.found.length / ROWS)}`;
    this.back.disabled = this.start === 0;
    this.next.disabled = this.start + rows.length >= this.found.length;
  }

  row(row, text) {
    const { view } = this;
    const name = `${view.noun}-${row}`;
    const button = element("button", { type: "button", "aria-expanded": "false", "aria-controls": name, dir: "auto" }, clipped(view.title(row, text), SHORT));
    const made = element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, button));
    for (const column of view.columns.slice(1)) {
      made.append(element("td", { class: column.kind, role: "cell", "data-name": column.plain ? null : column.title }, column.cell(row, text)));
    }
    button.addEventListener("click", async () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      if (open) {
        made.nextSibling?.classList?.contains("details") && made.nextSibling.remove();
        return;
      }
      const cell = element("td", { role: "cell", colspan: String(view.columns.length) });
      made.after(element("tr", { class: "details", role: "row", id: name }, cell));
      try {
        cell.append(await view.details(row, text));
      } catch (error) {
        fault(cell, view.noun, error);
      }
    });
    return made;
  }

  // The rows found as a file, made piece by piece.
  async save() {
    const { view, found } = this;
    const places = new Map();
    found.forEach((row, place) => {
      const piece = Math.floor(row / view.pieceRows);
      if (!places.has(piece)) places.set(piece, []);
      places.get(piece).push(place);
    });
    const line = (values) => values.map(quoted).join(",") + "\n";
    const lines = new Array(found.length);
    this.saving.disabled = true;
    try {
      for (const here of places.values()) {
        for (const place of here) {
          if (late()) await breathe();
          const text = await this.text(found[place]);
          lines[place] = line(await view.record(found[place], text));
        }
      }
      download(view.file, [line(view.header), ...lines]);
    } catch (error) {
      fault(this.place, view.noun, error);
    } finally {
      this.saving.disabled = false;
    }
  }
}

function fault(place, noun, error) {
  const words = `The ${noun} cannot be shown in this web browser: ${error.message}. Everything else on the page works.`;
  place.replaceChildren(element("p", { class: "note", role: "status" }, words));
}

// Columns and texts of a browser, from what the page holds.
async function unpacked(name) {
  const pieces = new Pieces(name);
  const about = await pieces.json("about");
  const columns = {};
  await Promise.all(about.columns.map(async ([key, size]) => { columns[key] = await pieces.numbers(key, size); }));
  return { pieces, about, columns };
}

// The place of each text among all in the order of a dictionary, so that sorting compares numbers.
function ranks(texts) {
  const collator = new Intl.Collator("en", { numeric: true });
  const sorted = [...new Set(texts)].sort(collator.compare);
  const rank = new Map(sorted.map((text, place) => [text, place]));
  return Int32Array.from(texts, (text) => rank.get(text));
}

function rowNumbers(count) {
  return Int32Array.from({ length: count }, (_, row) => row);
}
