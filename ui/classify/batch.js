// Several pictures and what the network says to each: a row opens its picture, or is taken away.

function buildRow() {
  const row = document.createElement("li");
  row.innerHTML =
    '<button type="button" class="batch-open"><img alt=""><span class="batch-name"></span><b></b>' +
    '<span class="batch-track"><i></i></span><span class="batch-share"></span><small></small></button>' +
    '<button type="button" class="batch-remove">×</button>';
  return row;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".batch");
  list.setAttribute("aria-label", data.words.list);
  while (list.children.length > data.rows.length) list.lastElementChild.remove();
  while (list.children.length < data.rows.length) list.append(buildRow());
  data.rows.forEach(({ id, src, name, label, share, text, note, known, current }, i) => {
    const row = list.children[i];
    const find = (selector) => row.querySelector(selector);
    row.className = known ? "" : "unknown";
    if (find("img").src !== src) find("img").src = src;
    find(".batch-name").textContent = name;
    find(".batch-name").title = name;
    find("b").textContent = label;
    find("i").style.width = `${100 * share}%`;
    find(".batch-share").textContent = text;
    find("small").textContent = note;
    find(".batch-open").setAttribute("aria-pressed", current);
    find(".batch-open").onclick = () => setTriggerValue("opened", id);
    const remove = data.words.remove.replace("{name}", () => name);
    find(".batch-remove").title = remove;
    find(".batch-remove").setAttribute("aria-label", remove);
    find(".batch-remove").onclick = () => setTriggerValue("removed", id);
  });
}
