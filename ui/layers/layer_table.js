// The stages as a table: a row opens its stage and brings its maps into view.

const cell = (kind, text) => {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
};

// "torch.Size([1, 96, 54, 54])": a phone has room for what stands inside alone.
function shapeOf(text) {
  const [, before, numbers, after] = text.match(/^([^[]*)(.*\])(.*)$/);
  return [cell("span", before), numbers, cell("span", after)];
}

function rowOf(kind, texts) {
  const row = document.createElement("tr");
  row.append(...texts.map((text) => cell(kind, text)));
  return row;
}

function section(name, rows) {
  const made = document.createElement(name);
  made.append(...rows);
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const rows = data.rows.map((texts) => {
    const row = rowOf("td", texts);
    const button = cell("button", texts[0]);
    button.type = "button";
    button.setAttribute("aria-label", `${data.words.open} ${texts[0]}`);
    row.firstElementChild.replaceChildren(button);
    row.children[2].replaceChildren(...shapeOf(texts[2]));
    row.dataset.stage = texts[0];
    row.classList.toggle("open", texts[0] === data.open);
    if (texts[0] === data.open) row.setAttribute("aria-current", "true");
    return row;
  });
  const hadFocus = table.contains(document.activeElement) && document.activeElement.closest("tr").dataset.stage;
  table.replaceChildren(
    section("thead", [rowOf("th", data.head)]),
    section("tbody", rows),
    section("tfoot", [rowOf("td", data.foot)]),
  );
  for (const head of table.querySelectorAll("th")) head.scope = "col";
  if (hadFocus) rows.find((row) => row.dataset.stage === hadFocus)?.querySelector("button").focus({ preventScroll: true });
  table.onclick = (event) => {
    const row = event.target.closest("tbody tr");
    if (!row) return;
    setTriggerValue("opened", row.dataset.stage);
    document.querySelector(".st-key-layer-maps")?.scrollIntoView({ block: "start", behavior: "smooth" });
  };
}
