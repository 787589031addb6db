// ---- items ----

function itemView({ pieces, about, columns }) {
  const { count, texts, parts } = about;
  const { subject, key, size } = columns;
  const runs = about.runs.map((name, number) => ({
    name,
    number,
    predicted: columns[`predicted-${number}`],
    confidence: columns[`confidence-${number}`],
    onKey: columns[`key-${number}`],
    bin: columns[`bin-${number}`],
  }));
  const isRight = (run, row) => run.predicted[row] === key[row];
  const share = (value) => value / parts;
  const several = runs.length > 1;
  const [first] = runs;
  const last = runs[runs.length - 1];
  const named = about.subjects.map((name) => name.replaceAll("_", " "));
  const subjectRank = ranks(named);
  let lastPiece = { number: -1 };

  // Change of the probability of the correct letter from the first run; of several later ones the largest.
  const shift = new Int32Array(count);
  for (const run of runs.slice(1)) {
    for (let row = 0; row < count; row++) {
      const change = run.onKey[row] - first.onKey[row];
      if (Math.abs(change) > Math.abs(shift[row])) shift[row] = change;
    }
  }

  const answer = (run) => (row) => marked(isRight(run, row), `${LETTERS[run.predicted[row]]} ${share(run.confidence[row]).toFixed(3)}`);
  const shown = [
    { key: "item", title: "Item", sort: rowNumbers(count) },
    { key: "subject", title: "Subject", sort: Int32Array.from(subject, (place) => subjectRank[place]), cell: (row) => element("bdi", null, visible(named[subject[row]])), kind: "subject", plain: true },
    ...(texts ? [{ key: "question", title: "Question", sort: null, cell: (_, text) => shortText(text.question), kind: "text", plain: true }] : []),
    { key: "key", title: "Correct", sort: null, cell: (row) => LETTERS[key[row]] },
    ...runs.map((run) => ({ key: `run-${run.number + 1}`, title: run.name, sort: run.confidence, descendingFirst: true, cell: answer(run), kind: "number" })),
    several
      ? { key: "change", title: runs.length > 2 ? "Largest change for the correct letter" : "Change for the correct letter", sort: shift.map((value) => value + parts), cell: (row) => (shift[row] < 0 ? "−" : "+") + share(Math.abs(shift[row])).toFixed(3), kind: "number" }
      : { key: "on-key", title: "On the correct letter", sort: first.onKey, cell: (row) => share(first.onKey[row]).toFixed(3), kind: "number" },
  ];

  return {
    noun: "items",
    caption: "Items: the letter that each model predicted, with its probability",
    count,
    pieces,
    pieceRows: about.pieceRows,
    words: (lists, place, row) => [lists.id[place], named[subject[row]], ...(texts ? [lists.question[place], ...lists.options[place]] : [])],
    columns: shown,
    // The subject stands beside it.
    title: (row, { id }) => (id.startsWith(`${about.subjects[subject[row]]}/`) ? id.slice(about.subjects[subject[row]].length + 1) : id),
    filters: [
      { key: "subject", label: "Subject", choices: groupChoices(about.subjects, subject, named) },
      { key: "answer", label: runs.length === 2 ? "Before → after" : "Answer", choices: outcomeChoices(runs, count, isRight, (run, row) => run.confidence[row] >= 0.8 * parts) },
      { key: "bin", label: "Bin of the diagram", choices: binChoices(runs, about.edges) },
    ],
    ranges: [
      {
        key: "confidence",
        label: "Confidence",
        choices: runs.map((run) => {
          const words = runs.length === 2 ? (run === last ? "after" : "before") : several ? run.name : "of the answer";
          const test = (row, low, high) => share(run.confidence[row]) >= low - 0.5 / parts && share(run.confidence[row]) <= high + 0.5 / parts;
          return { words, value: `${run.number + 1}`, test };
        }).reverse(),
      },
    ],
    details: async (row, text) => itemDetails(text, { row, runs, texts, parts, key: key[row], size: size[row] }, await letters(row)),
    file: "items.csv",
    header: ["item", "subject", "key", ...runs.flatMap((run) => ["predicted", "confidence", "right", "probabilities"].map((name) => name + side(run, runs))), ...(texts ? ["question", "options"] : [])],
    record: async (row, text) => {
      const probabilities = await letters(row);
      const number = (value) => share(value).toFixed(6);
      return [
        text.id,
        about.subjects[subject[row]],
        LETTERS[key[row]],
        ...runs.flatMap((run) => [LETTERS[run.predicted[row]], number(run.confidence[row]), Number(isRight(run, row)), Array.from(probabilities[run.number], number).join(" ")]),
        ...(texts ? [text.question, JSON.stringify(text.options)] : []),
      ];
    },
  };

  // Probabilities of the letters of an item, a list a run.
  async function letters(row) {
    const piece = Math.floor(row / about.pieceRows);
    if (lastPiece.number !== piece) lastPiece = { number: piece, values: pieces.numbers(`letters-${piece}`, 2) };
    const values = await lastPiece.values;
    let at = 0;
    for (let before = piece * about.pieceRows; before < row; before++) at += size[before] * runs.length;
    return runs.map((_, number) => values.subarray(at + number * size[row], at + (number + 1) * size[row]));
  }
}

// What tells the columns of a run from those of others.
function side(run, runs) {
  if (runs.length === 1) return "";
  return runs.length === 2 ? ["_before", "_after"][run.number] : `_${run.number + 1}`;
}

const EVERYTHING = { words: "All", value: "", test: null };

function withCount(words, rows) {
  return `${words} (${rows.toLocaleString("en")})`;
}

function groupChoices(names, group, shown) {
  const counts = new Int32Array(names.length);
  for (const place of group) counts[place]++;
  const choices = names.map((name, place) => ({
    words: withCount(visible(shown[place]) || "(none)", counts[place]),
    value: name,
    test: (row) => group[row] === place,
  }));
  return [EVERYTHING, ...choices];
}

function outcomeChoices(runs, count, isRight, isSure) {
  const [first, ...later] = runs;
  const choice = (words, value, test) => {
    let rows = 0;
    for (let row = 0; row < count; row++) if (test(row)) rows++;
    return { words: withCount(words, rows), value, test };
  };
  const of = (run, before) => [
    choice(`${before}wrong`, `wrong-${run.number + 1}`, (row) => !isRight(run, row)),
    choice(`${before}right`, `right-${run.number + 1}`, (row) => isRight(run, row)),
  ];
  if (runs.length === 1) return [EVERYTHING, ...of(first, "")];
  const all = (words, value, test) => choice(words, value, (row) => runs.every((run) => test(run, row)));
  const both = runs.length === 2 ? "both" : "all";
  const after = runs.length === 2 ? "" : " in some later run";
  return [
    EVERYTHING,
    choice(`right → wrong${after}`, "lost", (row) => isRight(first, row) && later.some((run) => !isRight(run, row))),
    choice(`wrong → right${after}`, "won", (row) => !isRight(first, row) && later.some((run) => isRight(run, row))),
    all(`${both} wrong`, "wrong", (run, row) => !isRight(run, row)),
    all(`${both} wrong with 0.8 or more`, "sure-wrong", (run, row) => !isRight(run, row) && isSure(run, row)),
    all(`${both} right`, "right", (run, row) => isRight(run, row)),
    ...(runs.length > 2 ? runs.flatMap((run) => of(run, `${visible(run.name)}: `)) : []),
  ];
}

// Bins of the reliability diagram of the predicted answers, which hold items.
function binChoices(runs, edges) {
  const choices = runs.flatMap((run) => {
    const several = runs.length > 1 ? `${visible(run.name)}: ` : "";
    const counts = new Int32Array(edges.length - 1);
    for (const bin of run.bin) counts[bin]++;
    return Array.from(counts, (rows, bin) => ({
      words: withCount(`${several}${edges[bin].toFixed(1)}–${edges[bin + 1].toFixed(1)}`, rows),
      value: `${run.number + 1}-${bin + 1}`,
      test: (row) => run.bin[row] === bin,
    })).filter((_, bin) => counts[bin] > 0);
  });
  return [EVERYTHING, ...choices];
}

function itemDetails(text, { row, runs, texts, parts, key, size }, probabilities) {
  const head = element("tr", null, element("th", { scope: "col" }, "Letter"), ...(texts ? [element("th", { scope: "col" }, "Option")] : []));
  for (const run of runs) head.append(element("th", { scope: "col" }, element("bdi", null, run.name)));
  const body = element("tbody");
  for (let letter = 0; letter < size; letter++) {
    const isKey = letter === key;
    const line = element("tr", { class: isKey && "key" }, element("th", { scope: "row" }, LETTERS[letter] + (isKey ? " (correct)" : "")));
    if (texts) line.append(element("td", null, whole(text.options[letter] ?? "", { class: "option" })));
    probabilities.forEach((values, number) => {
      const value = values[letter] / parts;
      const fill = element("span");
      fill.style.width = `${100 * value}%`;
      const bar = element("span", { class: number ? "amount second" : "amount", "aria-hidden": "true" }, fill);
      const mark = runs[number].predicted[row] === letter ? " (predicted)" : "";
      line.append(element("td", null, value.toFixed(3), bar, mark));
    });
    body.append(line);
  }
  const table = element("table", null, element("caption", { class: "unseen" }, "Probability of each option"), element("thead", null, head), body);
  return element("div", null, element("p", { class: "quiet", dir: "auto" }, visible(text.id)), ...(texts ? [whole(text.question, { class: "whole" })] : []), table);
}
