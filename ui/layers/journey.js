// The whole network as one picture: a card for each stage, and below it the layers inside the open block.

function makeCard(layer) {
  const card = document.createElement("button");
  card.type = "button";
  card.className = "journey-card";
  card.dataset.index = layer.index;
  card.innerHTML =
    '<span class="journey-stack"></span><span class="journey-index"></span>' +
    '<span class="journey-name"></span><span class="journey-shape"></span><span class="journey-off"></span>';
  return card;
}

function fillCard(card, layer, tables) {
  const stack = card.querySelector(".journey-stack");
  const { count, height, width } = layer;
  const levels = decodeBytes(layer.levels);
  while (stack.children.length > count) stack.lastElementChild.remove();
  while (stack.children.length < count) stack.appendChild(document.createElement("canvas"));
  stack.style.setProperty("--side", `${layer.side}px`);
  stack.style.setProperty("--wide", width < height ? "18px" : `${layer.side}px`);
  stack.style.setProperty("--count", count);
  const table = tables[layer.signed ? "signed" : "positive"];
  // The strongest map lies in front, which is the last one drawn.
  [...stack.children].forEach((canvas, place) => {
    const map = count - 1 - place;
    canvas.style.setProperty("--place", place);
    paint(canvas, levels.subarray(map * height * width, (map + 1) * height * width), width, height, 0, 255, table);
  });
  card.querySelector(".journey-index").textContent = layer.index;
  card.querySelector(".journey-name").textContent = layer.name;
  card.querySelector(".journey-shape").textContent = layer.shape;
  card.querySelector(".journey-off").textContent = layer.off;
}

function fillRow(row, layers, tables) {
  const wanted = layers.map((layer) => layer.index).join();
  if (row.dataset.layers !== wanted) {
    row.dataset.layers = wanted;
    row.replaceChildren(...layers.map(makeCard));
  }
  layers.forEach((layer, place) => fillCard(row.children[place], layer, tables));
}

function travel(root, stages) {
  root.classList.remove("travels");
  void root.offsetWidth; // an animation begins anew only after this
  root.classList.add("travels");
  [...stages.children].forEach((card, place) => card.style.setProperty("--stage", place));
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".journey");
  const stages = root.querySelector(".journey-stages");
  const inside = root.querySelector(".journey-inside");
  const tables = { signed: decodeBytes(data.tables.signed), positive: decodeBytes(data.tables.positive) };
  setWords(root, data.words);

  const input = root.querySelector(".journey-input canvas");
  paint(input, decodeBytes(data.input), data.input_size, data.input_size, 0, 255, decodeBytes(data.grey));
  root.querySelector(".journey-input-shape").textContent = data.input_shape;

  fillRow(stages, data.stages, tables);
  const answer = root.querySelector(".journey-answer");
  answer.replaceChildren(
    ...data.answer.map(({ label, text, share, best }) => {
      const line = document.createElement("div");
      line.className = best ? "journey-bar best" : "journey-bar";
      line.setAttribute("role", "listitem");
      line.innerHTML = "<span></span><i></i><b></b>";
      line.children[0].textContent = label;
      line.children[1].style.setProperty("--share", share);
      line.children[2].textContent = text;
      return line;
    }),
  );

  if (data.nothing) answer.textContent = data.nothing;

  // An overview has nothing open; what comes in is seen to arrive at one stage after the other.
  root.classList.toggle("closed", !!data.closed);
  if (root.arrived !== data.input) travel(root, stages);
  root.arrived = data.input;

  if (root.opening !== data.opening) root.open = data.initial;
  root.opening = data.opening;
  const current = () => [root.open, data.initial, data.stages[0].index].find((index) => index in data.layers);
  const show = () => {
    if (data.closed) return void (root.querySelector(".journey-block").hidden = true);
    const open = current();
    const stage = open.split(".")[0];
    const layers = data.inside[stage] ?? [];
    root.querySelector(".journey-block").hidden = layers.length === 0;
    root.querySelector(".journey-block-title").textContent = fill(data.words.inside, { stage });
    fillRow(inside, layers, tables);
    for (const card of root.querySelectorAll(".journey-card")) {
      card.setAttribute("aria-pressed", card.dataset.index === open);
      card.classList.toggle("around", card.dataset.index === stage && open !== stage);
    }
  };
  show();

  root.onclick = (event) => {
    const card = event.target.closest(".journey-card");
    if (!card) return;
    root.open = card.dataset.index;
    show();
    setStateValue("open", { opening: data.opening, layer: root.open });
  };
  root.onkeydown = (event) => {
    const step = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
    const next = step && event.target.closest(".journey-card")?.[step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
}
