// One channel enlarged, what its number at one place is made of, and what that number sees of the input.

// Each term, and below them what all others add, rounded so that what is printed adds up to what is printed.
function drawSum(host, sum, at, words) {
  const plane = sum.sums.length;
  const terms = [];
  for (let i = at; i < sum.products.length; i += plane) {
    const term = sum.terms[i];
    const name = sum.side
      ? fill(words.square, { row: Math.floor(term / sum.side), column: term % sum.side })
      : fill(words.term, { channel: term });
    terms.push({ name, value: sum.products[i] });
  }
  const total = sum.sums[at];
  const largest = Math.max(Math.abs(total), Math.abs(sum.bias), ...terms.map(({ value }) => Math.abs(value)), 1e-6);
  const decimals = Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  const whole = (value) => Math.round(value * 10 ** decimals);
  const shown = terms.map(({ name, value }) => ({ name, units: whole(value) }));
  const others = whole(total) - whole(sum.bias) - shown.reduce((all, { units }) => all + units, 0);
  const left = sum.count - terms.length;
  if (left > 0) shown.push({ name: fill(words.others, { count: left }), units: others });
  else if (shown.length) shown[0].units += others;
  shown.push({ name: words.bias, units: whole(sum.bias) });
  const print = (units, sign) => (sign && units >= 0 ? "+" : "") + (units / 10 ** decimals).toFixed(decimals).replace("-", "−");
  const reach = Math.max(...shown.map(({ units }) => Math.abs(units)), 1);
  const lines = shown.map(({ name, units }) => {
    const line = document.createElement("li");
    line.innerHTML = "<span></span><i><u></u></i><b></b>";
    line.children[0].textContent = name;
    line.querySelector("u").className = units < 0 ? "below" : "above";
    line.querySelector("u").style.setProperty("--share", Math.abs(units) / reach);
    line.children[2].textContent = print(units, true);
    return line;
  });
  const last = document.createElement("li");
  last.className = "channel-view-total";
  last.innerHTML = "<span></span><b></b>";
  last.children[0].textContent = sum.relu ? words.total_relu : words.total;
  last.children[1].textContent = sum.relu ? `${print(whole(total))} → ${print(Math.max(0, whole(total)))}` : print(whole(total));
  host.replaceChildren(...lines, last);
}

function decodeMade(made) {
  if (made.kind !== "sum") return made;
  const [products, sums] = [decodeFloats(made.products), decodeFloats(made.sums)];
  return { ...made, terms: new Int32Array(decodeBytes(made.terms).buffer), products, sums };
}

function drawMade(host, made, row, column, width, words) {
  const at = row * width + column;
  if (made.kind === "sum") return drawSum(host, made, at, words);
  const line = document.createElement("li");
  const from = made.positions?.[at];
  line.textContent = fill(made.text, { row: Math.floor(from / made.width), column: from % made.width });
  host.replaceChildren(line);
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".channel-view");
  const find = (name) => root.querySelector(`.channel-view-${name}`);
  const map = find("map");
  const input = find("input");
  const overlay = find("overlay");
  const opacity = find("opacity");
  const { height, width, windows, centres, words } = data;
  const values = decodeFloats(data.map);
  const table = decodeBytes(data.table);
  const made = decodeMade(data.made);

  paint(map, values, width, height, data.range[0], data.range[1], table);
  paint(overlay, values, width, height, data.range[0], data.range[1], table);
  paint(input, decodeFloats(data.input), data.input_size, data.input_size, data.input_range[0], data.input_range[1], decodeBytes(data.grey));
  map.setAttribute("aria-label", words.map);
  setWords(root, words);

  // Values with padding around them sit on the border or outside of it: what overhangs is cut off.
  const share = (pixels) => `${(100 * pixels) / data.input_size}%`;
  overlay.style.left = overlay.style.top = share(data.spread[0]);
  overlay.style.width = overlay.style.height = share(data.spread[1] - data.spread[0]);
  const setOpacity = () => (overlay.style.opacity = opacity.value / 100);
  opacity.oninput = setOpacity;
  setOpacity();

  if (root.opening !== data.opening) {
    root.opening = data.opening;
    root.pixel = data.initial;
    root.pointed = null;
  }
  const place = (element, rows, columns, outOfRows, outOfColumns) => {
    element.style.top = `${(100 * rows[0]) / outOfRows}%`;
    element.style.height = `${(100 * (rows[1] - rows[0])) / outOfRows}%`;
    element.style.left = `${(100 * columns[0]) / outOfColumns}%`;
    element.style.width = `${(100 * (columns[1] - columns[0])) / outOfColumns}%`;
  };
  // Where the visitor points counts, and where they do not, what they chose.
  const show = () => {
    const [row, column] = root.pointed ?? root.pixel;
    place(find("cell"), [row, row + 1], [column, column + 1], height, width);
    const [rows, columns] = [windows[row], windows[column]];
    place(find("field"), rows, columns, data.input_size, data.input_size);
    find("readout").textContent = fill(words.seen, {
      row, column, value: precise(values[row * width + column]),
      top: rows[0], bottom: rows[1] - 1, left: columns[0], right: columns[1] - 1,
    });
    drawMade(find("made"), made, row, column, width, words);
  };
  show();

  const point = (pixel) => {
    root.pointed = pixel;
    show();
  };
  const choose = (pixel, wait) => {
    root.pixel = pixel;
    point(null);
    clearTimeout(root.timer);
    root.timer = setTimeout(() => setStateValue("pixel", { opening: data.opening, pixel }), wait);
  };
  // The value of the map whose centre is nearest to a pixel of the input.
  const nearest = (position) => {
    const distances = centres.map((centre) => Math.abs(centre - position - 0.5));
    return distances.indexOf(Math.min(...distances));
  };
  const pixelOf = ({ row, column }, canvas) => (canvas === map ? [row, column] : [nearest(row), nearest(column)]);
  for (const canvas of [map, input]) {
    followPointer(canvas, () => canvas, (cell) => point(cell && pixelOf(cell, canvas)));
    canvas.onclick = (event) => choose(pixelOf(cellUnder(event, canvas), canvas), 0);
  }
  map.onkeydown = (event) => {
    const [row, column] = root.pixel;
    const next = arrowStep(event, { row, column }, height, width);
    if (next) choose([next.row, next.column], SETTLE_MS);
  };
}
