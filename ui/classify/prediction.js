// Ten bars that move in place: the elements are made once and only their widths and texts change.

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
