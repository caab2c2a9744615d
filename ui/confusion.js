// What was taken for what: each number is a button that shows the images behind it.

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".confusion");
  const { names, counts, chosen, words } = data;
  const make = (tag, text = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  };
  const head = make("tr");
  head.appendChild(make("th"));
  for (const name of names) head.appendChild(make("th")).appendChild(make("span", name));
  const body = make("tbody");
  counts.forEach((row, truth) => {
    const total = Math.max(1, row.reduce((sum, count) => sum + count, 0));
    const line = make("tr");
    line.appendChild(make("th", names[truth]));
    row.forEach((count, answer) => {
      const button = make("button", count || "");
      const share = truth === answer ? count / total : Math.min(1, (4 * count) / total);
      button.type = "button";
      button.className = `${truth === answer ? "right" : "wrong"} ${share > 0.55 ? "strong" : ""}`;
      button.style.setProperty("--share", share.toFixed(3));
      button.disabled = count === 0;
      button.title = words.cell.replace("{truth}", names[truth]).replace("{answer}", names[answer]).replace("{count}", count);
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-pressed", chosen !== null && chosen[0] === truth && chosen[1] === answer);
      button.onclick = () => {
        const same = chosen !== null && chosen[0] === truth && chosen[1] === answer;
        setStateValue("cell", same ? null : [truth, answer]);
      };
      line.appendChild(make("td")).appendChild(button);
    });
    body.appendChild(line);
  });
  const thead = make("thead");
  thead.appendChild(head);
  const table = root.querySelector("table");
  table.setAttribute("aria-label", words.label);
  table.replaceChildren(thead, body);
}
