// ---- free-form answers ----

function answerView({ pieces, about, columns }) {
  const { count, grades, categories } = about;
  const { category, adversarial } = columns;
  const runs = about.runs.map((name, number) => ({ name, number, grade: columns[`grade-${number}`], tempted: columns[`tempted-${number}`] }));
  const shown = (run, row) => grades[run.grade[row]] + (grades[run.grade[row]] === "incorrect" && run.tempted[row] ? " (common misconception)" : "");
  const counted = (words, value, test) => {
    let rows = 0;
    for (let row = 0; row < count; row++) if (test(row)) rows++;
    return { words: withCount(words, rows), value, test };
  };
  const rank = ranks(categories);
  const kinds = adversarial.includes(0) && adversarial.includes(1);
  return {
    noun: "answers",
    caption: "Free-form answers: what each model answered, and its grade",
    count,
    pieces,
    pieceRows: about.pieceRows,
    words: (lists, place, row) => [lists.id[place], categories[category[row]], lists.question[place], lists.ideal[place], ...lists.response[place]],
    title: (_, { id }) => id,
    columns: [
      { key: "id", title: "Id", sort: rowNumbers(count) },
      { key: "question", title: "Question", sort: null, cell: (_, text) => shortText(text.question), kind: "text", plain: true },
      { key: "category", title: "Category", sort: Int32Array.from(category, (place) => rank[place]), cell: (row) => element("bdi", null, visible(categories[category[row]])), kind: "subject", plain: true },
      ...runs.map((run) => ({
        key: `run-${run.number + 1}`,
        title: run.name,
        sort: run.grade,
        cell: (row, text) => {
          const cell = element("span", null, shortText(text.response[run.number]));
          const tone = { correct: "right", incorrect: "wrong" }[grades[run.grade[row]]];
          cell.append(element("span", { class: tone ?? "quiet" }, shown(run, row)));
          return cell;
        },
        kind: "text",
      })),
    ],
    filters: [
      { key: "category", label: "Category", choices: groupChoices(categories, category, categories) },
      ...(kinds ? [{ key: "kind", label: "Kind", choices: [EVERYTHING, counted("adversarial", "adversarial", (row) => adversarial[row] === 1), counted("control", "control", (row) => adversarial[row] === 0)] }] : []),
      ...runs.map((run) => ({
        key: `grade-${run.number + 1}`,
        label: run.name,
        choices: [EVERYTHING, ...grades.map((grade, place) => counted(grade, grade, (row) => run.grade[row] === place)), counted("common misconception", "misconception", (row) => run.tempted[row] === 1)],
      })),
    ],
    ranges: [],
    details: (row, text) => {
      const list = element("dl");
      const add = (term, words) => list.append(element("dt", null, element("bdi", null, term)), element("dd", null, whole(words)));
      add("Question", text.question);
      add("Ideal answer", text.ideal);
      for (const run of runs) {
        add(`${run.name}: ${shown(run, row)}`, text.response[run.number]);
        const thoughts = text.thoughts[run.number];
        if (thoughts) list.append(element("dd", null, element("details", null, element("summary", null, "The model's thoughts"), whole(thoughts))));
        if (text.reason[run.number]) add("Reason of the grade", text.reason[run.number]);
      }
      return list;
    },
    file: "answers.csv",
    header: ["question", "category", "adversarial", "text", "ideal", ...runs.flatMap((_, number) => [`response_${number + 1}`, `grade_${number + 1}`, `tempted_${number + 1}`])],
    record: (row, text) => [text.id, categories[category[row]], adversarial[row], text.question, text.ideal, ...runs.flatMap((run) => [text.response[run.number], grades[run.grade[row]], run.tempted[row]])],
  };
}
