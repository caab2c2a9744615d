// One pixel followed through a block: patch times kernel, then its channels through the 1x1 convolutions.

// The largest absolute value, and something above 0 where there is none.
const reachOf = (values) => values.reduce((reach, value) => Math.max(reach, Math.abs(value)), 1e-12);

function heat(canvas, values, width, height, tables, top) {
  const signed = values.some((value) => value < 0);
  const reach = top ?? reachOf(values);
  paint(canvas, values, width, height, signed ? -reach : 0, reach, tables[signed ? "signed" : "positive"]);
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A labelled canvas whose numbers can be read by mouse, by finger and, with `keys`, by arrow keys:
// `onCell(row, column)`, or null when none is read any more. Canvases of one `name` are read together.
function grid(label, width, height, kind, { root, name, onCell, keys }) {
  const figure = element("figure", "scope-figure");
  const frame = element("div", `scope-frame ${kind}`);
  const canvas = element("canvas");
  const mark = element("div", "scope-mark");
  mark.hidden = true;
  frame.append(canvas, mark);
  figure.append(element("figcaption", "", label), frame);
  const read = (cell) => {
    if (cell && root.reader !== read) root.reader?.(null);
    root.reader = cell && read;
    root.reading = cell && { name, row: cell.row, column: cell.column };
    onCell(cell?.row ?? null, cell?.column ?? null);
  };
  root.readers.set(name, (cell) => cell.row < height && cell.column < width && read(cell));
  followPointer(canvas, () => canvas, read);
  if (keys) {
    canvas.tabIndex = 0;
    canvas.dataset.name = name;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${label}. ${keys}`);
    const start = { row: 0, column: 0 };
    const isRead = () => root.reading?.name === name;
    canvas.onfocus = () => isRead() || read(start);
    canvas.onblur = () => read(null);
    canvas.onkeydown = (event) => {
      const cell = arrowStep(event, isRead() ? root.reading : start, height, width);
      if (cell) read(cell);
    };
  }
  const point = (row, column, rows = 1, columns = 1) => {
    mark.hidden = row === null;
    if (row === null) return;
    mark.style.top = `${(100 * row) / height}%`;
    mark.style.left = `${(100 * column) / width}%`;
    mark.style.height = `${(100 * rows) / height}%`;
    mark.style.width = `${(100 * columns) / width}%`;
  };
  return { figure, canvas, point };
}

// Numbers of a row or column one of which can be chosen: by click, and by keyboard as on a slider.
function choosable({ canvas }, name, label, { chosen, onChoice, describe }) {
  const last = canvas.width * canvas.height - 1;
  const show = () => {
    canvas.setAttribute("aria-valuenow", chosen);
    canvas.setAttribute("aria-valuetext", describe(chosen));
  };
  const choose = (place, wait) => {
    chosen = place;
    show();
    onChoice(place, wait);
  };
  for (const [key, value] of Object.entries({ role: "slider", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": last })) {
    canvas.setAttribute(key, value);
  }
  canvas.tabIndex = 0;
  canvas.dataset.name = name;
  canvas.style.cursor = "pointer";
  canvas.onclick = (event) => {
    const { row, column } = cellUnder(event, canvas);
    choose(row * canvas.width + column, 0);
  };
  canvas.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -chosen, End: last - chosen }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(Math.min(last, Math.max(0, chosen + step)), SETTLE_MS);
  };
  show();
}

// What is read, told to those who hear the page, too.
function readoutOf(text) {
  const made = element("p", "scope-readout", text);
  made.setAttribute("aria-live", "polite");
  return made;
}

const sign = (text) => element("span", "scope-sign", text);

function drawWindow(host, data, root) {
  const { window: w, words, tables } = data;
  const { k, inputs } = w;
  const size = k * k;
  const patch = decodeFloats(w.patch);
  const kernel = decodeFloats(w.kernel);
  const products = patch.map((value, i) => value * kernel[i]);
  const readout = readoutOf();
  let source = root.source !== undefined && root.source < inputs ? root.source : w.strongest_input;

  const follow = (row, column) => {
    for (const part of parts) part.point(row, column);
    if (row === null) return describe();
    const i = source * size + row * k + column;
    readout.textContent = fill(words.product, {
      row, column, patch: precise(patch[i]), kernel: precise(kernel[i]), product: precise(products[i]),
    }) + (w.padded[row * k + column] ? ` ${words.padding}` : "");
  };
  const parts = [words.patch, words.kernel, words.products].map((label, place) => {
    const keys = place === 1 && words.keys; // one of the three is enough: all are marked
    return grid(label, k, k, "scope-patch", { root, name: "window", onCell: follow, keys });
  });
  const inputSum = (input) => fill(words.input_sum, { source: input, sum: precise(w.sums[input]) });
  const describe = () => {
    readout.textContent = inputs > 1 ? inputSum(source) : words.hover;
  };
  const show = () => {
    const part = (all) => all.subarray(source * size, (source + 1) * size);
    heat(parts[0].canvas, part(patch), k, k, tables);
    heat(parts[1].canvas, part(kernel), k, k, tables);
    heat(parts[2].canvas, part(products), k, k, tables);
    describe();
  };
  const row = element("div", "scope-row");
  row.append(parts[0].figure, sign("×"), parts[1].figure, sign("="), parts[2].figure, sign("→"), element("p", "scope-sum", w.text));
  host.append(row);
  if (inputs > 1) {
    const label = fill(words.inputs, { inputs });
    const overInput = (_, column) => {
      if (column === null) {
        strip.point(0, source);
        return describe();
      }
      readout.textContent = inputSum(column);
    };
    const strip = grid(label, inputs, 1, "scope-wide", { root, name: "inputs", onCell: overInput });
    strip.figure.classList.add("scope-strip");
    heat(strip.canvas, Float32Array.from(w.sums), inputs, 1, tables);
    const onChoice = (input) => {
      root.source = source = input;
      strip.point(0, source);
      show();
    };
    choosable(strip, "inputs", label, { chosen: source, onChoice, describe: inputSum });
    strip.point(0, source);
    host.append(strip.figure);
  }
  host.append(readout);
  show();
}

// `choice`: the channel that enters and is taken apart above, and what to do when another is chosen.
function drawDense(host, dense, weight, data, choice, { root, name }) {
  const { words, tables } = data;
  const [inputs, outputs] = [dense.inputs, dense.outputs];
  const vectors = Object.fromEntries(
    ["entering", "bias", "convolution", "linear", "leaving"].map((name) => [name, decodeFloats(dense[name])]),
  );
  const readout = readoutOf(words.hover_dense);
  const describeOutput = (output) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += weight[output * inputs + i] * vectors.entering[i];
    readout.textContent = fill(words.output, {
      output, inputs, sum: precise(sum), bias: precise(vectors.bias[output]),
      convolution: precise(vectors.convolution[output]), linear: precise(vectors.linear[output]),
      leaving: precise(vectors.leaving[output]),
    });
  };
  const point = (output, input) => {
    for (const part of [convolution, linear, leaving]) part.point(output, 0);
    matrix.point(output, input ?? 0, 1, input === null ? inputs : 1);
    entering.point(input, 0);
    if (output === null && input === null) rest();
  };
  const rest = () => {
    readout.textContent = words.hover_dense;
    if (choice) entering.point(choice.chosen, 0);
    if (dense.mark === null) return;
    for (const part of [convolution, linear, leaving]) part.point(dense.mark, 0);
    describeOutput(dense.mark);
  };
  const overOutput = (output) => {
    point(output, null);
    if (output !== null) describeOutput(output);
  };
  const channelValue = (input) => fill(words.channel_value, { channel: input, value: precise(vectors.entering[input]) });
  const overInput = (input) => {
    point(null, input);
    if (input !== null) readout.textContent = channelValue(input);
  };
  const overWeight = (output, input) => {
    point(output, input);
    if (output === null) return;
    const w = weight[output * inputs + input];
    const v = vectors.entering[input];
    readout.textContent = fill(words.weight, { output, input, weight: precise(w), value: precise(v), product: precise(w * v) });
  };
  const { keys } = words;
  const made = { root, name: `${name}-outputs`, onCell: overOutput };
  const entering = grid(words.entering, 1, inputs, "scope-vector", { root, name: `${name}-in`, onCell: overInput, keys: !choice && keys });
  const matrix = grid(fill(words.weights, { outputs, inputs }), inputs, outputs, "scope-matrix", {
    root, name: `${name}-weights`, onCell: overWeight, keys,
  });
  const convolution = grid(words.convolution, 1, outputs, "scope-vector", made);
  const linear = grid(words.linear, 1, outputs, "scope-vector", made);
  const leaving = grid(dense.has_relu ? words.relu : words.no_relu, 1, outputs, "scope-vector", { ...made, keys });
  const top = reachOf(vectors.convolution);
  heat(entering.canvas, vectors.entering, 1, inputs, tables);
  heat(matrix.canvas, weight, inputs, outputs, tables);
  heat(convolution.canvas, vectors.convolution, 1, outputs, tables, top);
  heat(linear.canvas, vectors.linear, 1, outputs, tables, top);
  heat(leaving.canvas, vectors.leaving, 1, outputs, tables, top);
  if (choice) {
    const onChoice = (input, wait) => {
      choice.chosen = input;
      overInput(input);
      choice.send(input, wait);
    };
    choosable(entering, "entering", words.choose_unit_label, { chosen: choice.chosen, onChoice, describe: channelValue });
  }
  const row = element("div", "scope-row");
  row.append(
    entering.figure, sign("×"), matrix.figure, sign("="), convolution.figure, sign("≡"), linear.figure, sign("→"), leaving.figure,
  );
  host.append(row, element("p", "scope-difference", dense.difference), readout);
  rest();
}

function drawPooled(host, data, root) {
  const { pooled: p, words, tables } = data;
  const values = decodeFloats(p.window);
  const readout = readoutOf(words.hover);
  const overCell = (row, column) => {
    part.point(row, column);
    readout.textContent = row === null ? words.hover : fill(words.cell, {
      row: p.top + row, column: p.left + column, value: precise(values[row * p.width + column]),
    });
  };
  const part = grid(p.label, p.width, p.height, "scope-matrix", { root, name: "pooled", onCell: overCell, keys: words.keys });
  heat(part.canvas, values, p.width, p.height, tables);
  const row = element("div", "scope-row");
  row.append(part.figure, sign("→"), element("p", "scope-sum", p.text));
  host.append(row, readout);
}

// The weights of the open block, which come in a message of their own.
async function weightsOf(id, isAwaited) {
  while (window.ninBlockWeights?.id !== id) {
    await new Promise((resolve) => window.addEventListener("nin-block-weights", resolve, { once: true }));
    if (!isAwaited()) return [];
  }
  return window.ninBlockWeights.steps.map(decodeFloats);
}

export default async function ({ data: given, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".scope");
  // The newest data wins where several wait for their weights.
  root.newest = given;
  const weights = given.weights ? await weightsOf(given.weights, () => root.newest === given) : [];
  if (root.newest !== given) return;
  // Drawn anew with every choice: who moves by keyboard goes on where they were.
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  // A copy: Streamlit hands the same object over again when the theme changes.
  const tables = { signed: decodeBytes(given.tables.signed), positive: decodeBytes(given.tables.positive) };
  const data = { ...given, tables };
  // What was read goes on being read when new numbers come.
  const { reading } = root;
  root.reading = null;
  root.replaceChildren();
  root.reader = null;
  root.readers = new Map();
  const section = (title, about, className = "scope-step") => {
    const made = element("section", className);
    made.append(element("h3", "", title), element("p", "scope-about", about));
    root.append(made);
    return made;
  };
  const send = (channel, wait) => {
    clearTimeout(root.timer);
    root.timer = setTimeout(() => setStateValue("unit", channel), wait);
  };
  const choice = data.unit === null ? null : { chosen: data.unit, send };
  if (data.window) {
    const about = choice ? data.window.about + data.words.between + data.words.choose_unit : data.window.about;
    drawWindow(section(data.window.title, about, "scope-step scope-whole"), data, root);
  }
  if (data.pooled) drawPooled(section(data.pooled.title, data.pooled.about, "scope-step scope-whole"), data, root);
  (data.dense ?? []).forEach((dense, place) => {
    const host = section(dense.title, dense.about);
    drawDense(host, dense, weights[place], data, place === 0 ? choice : null, { root, name: `dense-${place}` });
  });
  if (data.nothing) root.append(element("p", "scope-about", data.nothing));
  if (reading) root.readers.get(reading.name)?.(reading);
  if (focused) root.querySelector(`[data-name="${focused}"]`)?.focus({ preventScroll: true });
}
