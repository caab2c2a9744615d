// The ten class maps over the input; one of them large, with the number that each cell adds.
// All numbers come rounded from the server, as whole units of the last digit: what is printed adds up.

const digits = (units, decimals) => (units / 10 ** decimals).toFixed(decimals).replace("-", "−");

// The input in grey, and over it a colour that says how much each cell adds or takes.
function paintCells(canvas, image, cells, rows, columns, most) {
  const side = canvas.width;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.globalAlpha = 1;
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  context.globalAlpha = 0.55;
  context.drawImage(image, 0, 0, side, side);
  cells.forEach((units, i) => {
    const top = Math.round((Math.floor(i / columns) * side) / rows);
    const left = Math.round(((i % columns) * side) / columns);
    const bottom = Math.round(((Math.floor(i / columns) + 1) * side) / rows);
    const right = Math.round((((i % columns) + 1) * side) / columns);
    context.globalAlpha = Math.min(0.85, Math.abs(units) / most);
    context.fillStyle = units > 0 ? "#f0812b" : "#2e86de";
    context.fillRect(left, top, right - left, bottom - top);
  });
  context.globalAlpha = 1;
}

function build(root, count) {
  const classes = root.querySelector(".evidence-classes");
  while (classes.children.length < count) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "evidence-class";
    button.innerHTML = '<canvas class="evidence-map" width="112" height="112"></canvas><span></span><small></small>';
    classes.appendChild(button);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".evidence");
  const find = (selector) => root.querySelector(selector);
  const { names, rows, columns, cells, sums, decimals, terms, words } = data;
  build(root, names.length);
  // A class that the visitor chose stays chosen while they draw on; until then the best one is followed.
  const view = (root.view ??= { one: null, other: -1 });
  const image = (root.image ??= new Image());

  const show = () => {
    const one = view.one ?? data.best;
    const other = view.other === one ? -1 : view.other;
    const shown = other < 0 ? cells[one] : cells[one].map((units, i) => units - cells[other][i]);
    // One scale for the cards and the large map: what looks equally strong is.
    const most = Math.max(1, ...cells.flat().map(Math.abs), ...shown.map(Math.abs));
    [...find(".evidence-classes").children].forEach((button, k) => {
      paintCells(button.firstElementChild, image, cells[k], rows, columns, most);
      button.setAttribute("aria-pressed", k === one);
      button.children[1].textContent = names[k];
      button.children[2].textContent = digits(sums[k], decimals);
      button.dataset.sum = sums[k];
      button.classList.toggle("leads", data.known && k === data.best);
      button.title = data.known && k === data.best ? words.leads : "";
      // The class that is shown, clicked once more, is let go: the one in front is followed again.
      button.onclick = () => { view.one = view.one === k ? null : k; show(); };
    });
    const sum = other < 0 ? sums[one] : sums[one] - sums[other];
    paintCells(find(".evidence-big canvas"), image, shown, rows, columns, most);
    const grid = find(".evidence-cells");
    grid.style.gridTemplate = `repeat(${rows}, 1fr) / repeat(${columns}, 1fr)`;
    while (grid.children.length > shown.length) grid.lastElementChild.remove();
    while (grid.children.length < shown.length) grid.appendChild(document.createElement("span"));
    shown.forEach((units, i) => {
      grid.children[i].textContent = digits(units, decimals);
      grid.children[i].dataset.units = units;
    });
    const values = {
      cells: rows * columns, rows, columns, one: names[one], other: names[other] ?? "",
      sum: digits(sum, decimals), first: digits(sums[one], decimals),
      second: other < 0 ? "" : sums[other] < 0 ? `(${digits(sums[other], decimals)})` : digits(sums[other], decimals),
    };
    find(".evidence-story").textContent = fill(other < 0 ? words.story : words.story_other, values);
    find(".evidence-formula").textContent = fill(other < 0 ? words.sum : words.sum_other, values);
    find(".evidence-formula").dataset.sum = sum;
    find(".evidence-softmax").textContent = words.softmax;
    const select = find("select");
    select.replaceChildren(new Option(words.nothing, -1), ...names.map((name, k) => new Option(name, k)));
    select.value = other;
    select.onchange = () => { view.other = Number(select.value); show(); };
    find(".evidence-compare").textContent = fill(words.compare, values);
    find("thead").innerHTML = "<tr><th></th><th></th><th></th><th></th></tr>";
    [words.column_class, words.column_logit, words.column_term, words.column_share].forEach((text, i) => {
      find("thead tr").children[i].textContent = text;
    });
    const line = (texts, chosen) => {
      const row = document.createElement("tr");
      if (chosen) row.className = "chosen";
      for (const text of texts) row.appendChild(document.createElement("td")).textContent = text;
      return row;
    };
    find("tbody").replaceChildren(
      ...names.map((name, k) =>
        line([name, digits(sums[k], decimals), digits(terms.cells[k], terms.decimals), data.shares[k]], k === one)),
    );
    find("tfoot").replaceChildren(line([words.total, "", digits(terms.sum, terms.decimals), words.whole], false));
    // Against on the left, for on the right; where two classes are compared, their names stand there.
    find(".evidence-low").textContent = `${digits(-most, decimals)} ${other < 0 ? "" : names[other]}`;
    find(".evidence-high").textContent = `+${digits(most, decimals)} ${other < 0 ? "" : names[one]}`;
    find(".evidence-scale").textContent = words.scale;
  };
  image.onload = show;
  if (image.src === data.input) show();
  else image.src = data.input;
}
