// Ten bars that move in place: the elements are made once and only their widths and texts change.

// Where a picture has several things: a button for each, and one for all of it.
function showThings(host, { text, boxes, pictures, words, taken }, choose) {
  host.hidden = boxes.length === 0;
  host.firstElementChild.textContent = text;
  host.setAttribute("aria-label", text);
  while (host.children.length - 1 > boxes.length) host.lastElementChild.remove();
  while (host.children.length - 1 < boxes.length) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("img"));
    host.append(button);
  }
  boxes.forEach((box, i) => {
    const button = host.children[i + 1];
    const picture = button.firstElementChild;
    if (picture.src !== pictures[i]) picture.src = pictures[i];
    picture.alt = "";
    button.title = words[i];
    button.setAttribute("aria-label", words[i]);
    button.setAttribute("aria-pressed", i === taken);
    button.onclick = () => choose(box);
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".answer");
  const rows = root.querySelector(".answer-rows");
  root.classList.toggle("unknown", !data.known);
  root.querySelector(".answer-about").textContent = data.about;
  root.querySelector(".answer-seen").src = data.seen;
  root.querySelector(".answer-label").textContent = data.headline;
  root.querySelector(".answer-note").textContent = data.note;
  const mixed = root.querySelector(".answer-mixed");
  mixed.hidden = !data.mixed;
  mixed.textContent = data.mixed;
  mixed.onclick = () => setTriggerValue("mixed", true);
  showThings(root.querySelector(".answer-things"), data.things, (box) => setTriggerValue("thing", box));
  const doubts = data.doubts.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  });
  root.querySelector(".answer-doubts").replaceChildren(...doubts);
  while (rows.children.length > data.rows.length) rows.lastElementChild.remove(); // nothing there: no bars
  while (rows.children.length < data.rows.length) {
    const row = document.createElement("div");
    row.className = "answer-row";
    row.innerHTML =
      '<span class="answer-name"></span><div class="answer-track"><div class="answer-fill"></div></div>' +
      '<span class="answer-value"></span>';
    rows.appendChild(row);
  }
  data.rows.forEach(({ name, share, text, best, truth }, i) => {
    const row = rows.children[i];
    row.classList.toggle("best", best);
    row.classList.toggle("true", truth);
    row.querySelector(".answer-name").textContent = name;
    row.querySelector(".answer-fill").style.width = `${100 * share}%`;
    row.querySelector(".answer-value").textContent = text;
  });
  root.dataset.label = data.label;
  root.dataset.item = data.item; // which picture the bars belong to
}
