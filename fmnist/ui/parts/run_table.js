// The table of runs: sorted, filtered and chosen from in the browser, however many there are. What
// changes a run is reported to the page. All text goes in as text.

const SHOWN = 8; // rows until all are asked for
const COLUMNS = [
  ["name", "Run"],
  ["what", "Differs in"],
  ["state", "State"],
  ["completed", "Epochs"],
  ["best", "Best validation"],
  ["last", "Last validation"],
  ["test", "Test"],
  ["seconds", "Time"],
  ["data", "Data"],
];
const NUMBERS = new Set(["completed", "best", "last", "test", "seconds"]);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const percent = (value) => (value === null ? "" : `${(100 * value).toFixed(2)}%`);

function clock(seconds) {
  const whole = Math.round(seconds);
  return whole ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}` : "";
}

function words(row, column) {
  if (column === "completed") return `${row.completed} of ${row.epochs}`;
  if (column === "seconds") return clock(row.seconds);
  if (["best", "last", "test"].includes(column)) return percent(row[column]);
  return row[column] ?? "";
}

function sorted(rows, [column, up]) {
  const value = (row) => (NUMBERS.has(column) ? (row[column] ?? -1) : String(row[column] ?? ""));
  const compare = (a, b) => {
    if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
    if (column === "") return 0; // as they come: newest first
    const [x, y] = [value(a), value(b)];
    const order = typeof x === "number" ? x - y : x.localeCompare(y, undefined, { numeric: true });
    return up ? order : -order;
  };
  return [...rows].sort(compare);
}

function matches(row, filter) {
  const text = [row.name, row.when, row.what, row.recipe, row.state, row.data, row.note, row.who];
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.join(" ").toLowerCase().includes(word));
}

function editor(row, view) {
  const name = make("input", { type: "text", value: row.own, maxLength: 60 });
  const note = make("textarea", { value: row.note, maxLength: 500, rows: 2 });
  const form = make(
    "form",
    {},
    make("label", {}, "Name", name),
    make("label", {}, "Note", note),
    make("button", { type: "submit", textContent: "Save" }),
    make("button", { type: "button", textContent: "Cancel", onclick: () => view.edit(null) }),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    view.edit(null);
    view.report({ do: "label", run: row.id, name: name.value, note: note.value });
  };
  const cell = make("td", { colSpan: COLUMNS.length + 2 }, form);
  setTimeout(() => name.focus());
  return make("tr", { className: "editor" }, cell);
}

function link(text, query, action, view) {
  const element = make("a", { href: `train?${query}`, textContent: text });
  element.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    view.report(action);
  };
  return element;
}

function nameCell(row, view) {
  const cell = make("td", {}, link(row.name, `run=${row.id}`, { do: "open", run: row.id }, view));
  if (row.who) cell.append(make("small", { textContent: row.who }));
  if (row.when !== row.name) cell.append(make("small", { textContent: row.when }));
  if (row.group) {
    const group = link("its group", `group=${row.group}`, { do: "group", run: row.id }, view);
    cell.append(make("small", {}, group));
  }
  if (row.note) cell.append(make("small", { className: "note", textContent: row.note }));
  return cell;
}

function tools(row, view) {
  const cell = make("td", { className: "tools" });
  if (!row.yours) return cell;
  const button = (label, sign, action, extra = {}) =>
    cell.append(make("button", { type: "button", title: `${label}: ${row.name}`, ariaLabel:
      `${label}: ${row.name}`, textContent: sign, onclick: action, ...extra }));
  button(row.pinned ? "Unpin" : "Pin", row.pinned ? "★" : "☆", () =>
    view.report({ do: "pin", run: row.id, pinned: !row.pinned }));
  button("Rename or note", "✎", () => view.edit(row.id));
  if (!row.live) button("Delete", "✕", () => view.report({ do: "delete", run: row.id }));
  return cell;
}

function line(row, view) {
  const box = make("input", { type: "checkbox", checked: view.chosen.has(row.id) });
  box.setAttribute("aria-label", `Compare ${row.name}`);
  box.disabled = !row.completed;
  box.onchange = () => view.choose(row.id, box.checked);
  const tr = make("tr", {}, make("td", {}, box), nameCell(row, view));
  tr.dataset.run = row.id;
  for (const [column] of COLUMNS.slice(1)) {
    const cell = make("td", { textContent: words(row, column) });
    if (NUMBERS.has(column)) cell.className = "number";
    if (column === "state") cell.className = row.live ? "live" : "";
    if (column === "what" && row.recipe) cell.title = row.recipe;
    tr.append(cell);
  }
  tr.append(tools(row, view));
  return tr;
}

function heading(view) {
  const tr = make("tr", {}, make("th", {}, make("span", { className: "hidden", textContent: "Compare" })));
  for (const [column, title] of COLUMNS) {
    const [now, up] = view.order;
    const button = make("button", { type: "button", textContent: title });
    const th = make("th", { scope: "col" }, button);
    th.setAttribute("aria-sort", now !== column ? "none" : up ? "ascending" : "descending");
    if (NUMBERS.has(column)) th.className = "number";
    button.onclick = () => view.sort(column);
    tr.append(th);
  }
  tr.append(make("th", {}, make("span", { className: "hidden", textContent: "Change" })));
  return tr;
}

function draw(root, view) {
  const found = sorted(view.rows, view.order).filter((row) => matches(row, view.filter));
  const shown = view.all ? found : found.slice(0, SHOWN);
  root.querySelector("thead").replaceChildren(heading(view));
  const lines = shown.flatMap((row) =>
    row.id === view.edited ? [line(row, view), editor(row, view)] : [line(row, view)]);
  root.querySelector("tbody").replaceChildren(...lines);
  const count = found.length === view.rows.length ? "" : `${found.length} of ${view.rows.length} runs`;
  root.querySelector("[role=status]").textContent = count;
  const more = root.querySelector(".more");
  more.hidden = found.length <= SHOWN;
  more.textContent = view.all ? "Show fewer" : `Show all ${found.length}`;
  const compare = root.querySelector(".compare");
  const chosen = [...view.chosen];
  compare.disabled = chosen.length < 2 || chosen.length > view.most;
  compare.textContent = chosen.length > view.most
    ? `Compare at most ${view.most}` : `Compare${chosen.length ? ` ${chosen.length} runs` : ""}`;
}

function begin(root) {
  const view = { rows: [], order: ["", true], filter: "", all: false, edited: null, most: 2,
    chosen: new Set() };
  const again = (change) => (...values) => (change(...values), draw(root, view));
  view.sort = again((column) => {
    const down = NUMBERS.has(column); // the best first
    view.order = view.order[0] === column ? [column, !view.order[1]] : [column, !down];
  });
  view.edit = again((id) => (view.edited = id));
  view.choose = again((id, yes) => (yes ? view.chosen.add(id) : view.chosen.delete(id)));
  root.querySelector("input[type=search]").oninput = again((event) => (view.filter = event.target.value.trim()));
  root.querySelector(".more").onclick = again(() => (view.all = !view.all));
  root.querySelector(".compare").onclick = () => view.report({ do: "compare", runs: [...view.chosen] });
  return view;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".fmnist-runs");
  const view = (root.view ??= begin(root));
  view.report = (action) => setTriggerValue("action", JSON.stringify(action));
  view.most = data.most;
  if (root.drawn === data.rows) return;
  root.drawn = data.rows;
  view.rows = JSON.parse(data.rows);
  const there = new Set(view.rows.map((row) => row.id));
  view.chosen = new Set([...view.chosen].filter((id) => there.has(id)));
  if (!view.edited || !there.has(view.edited)) draw(root, view);
}
