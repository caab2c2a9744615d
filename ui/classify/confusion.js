// What was taken for what: each number is a button that shows the images behind it.

function build(table, names) {
  const make = (tag, text = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  };
  const head = make("tr");
  head.append(make("th"), ...names.map((name) => {
    const column = make("th");
    column.append(make("span", name));
    return column;
  }));
  const thead = make("thead");
  thead.append(head);
  const body = make("tbody");
  for (const name of names) {
    const line = make("tr");
    line.append(make("th", name), ...names.map(() => {
      const cell = make("td");
      const button = make("button");
      button.type = "button";
      cell.append(button);
      return cell;
    }));
    body.append(line);
  }
  table.replaceChildren(thead, body);
}

export default function ({ data, parentElement, setStateValue }) {
  const table = parentElement.querySelector(".confusion table");
  const { names, counts, chosen, words } = data;
  // Built once: who moves by keyboard stays where they were.
  if (!table.tBodies.length) build(table, names);
  table.setAttribute("aria-label", words.label);
  counts.forEach((row, truth) => {
    const total = Math.max(1, row.reduce((sum, count) => sum + count, 0));
    row.forEach((count, answer) => {
      const button = table.tBodies[0].rows[truth].cells[answer + 1].firstElementChild;
      const share = truth === answer ? count / total : Math.min(1, (4 * count) / total);
      const isChosen = chosen !== null && chosen[0] === truth && chosen[1] === answer;
      button.textContent = count || "";
      button.className = `${truth === answer ? "right" : "wrong"} ${share > 0.55 ? "strong" : ""}`;
      button.style.setProperty("--share", share.toFixed(3));
      button.disabled = count === 0 && !isChosen; // of other weights it may have had images
      button.title = words.cell.replace("{truth}", names[truth]).replace("{answer}", names[answer]).replace("{count}", count);
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-pressed", isChosen);
      button.onclick = () => setStateValue("cell", isChosen ? null : [truth, answer]);
    });
  });
  // A cell that was asked for elsewhere on the page, once.
  if (data.asked && table.turn !== data.turn) {
    table.turn = data.turn;
    setStateValue("cell", data.asked);
    setStateValue("turn", data.turn);
    table.scrollIntoView({ block: "center" });
  }
}
