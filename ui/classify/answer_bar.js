// The answer in one line, at the top of the window while the answer itself is out of sight.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".answer-bar");
  const bar = root.querySelector("button");
  root.querySelector("img").src = data.seen;
  root.querySelector("b").textContent = data.headline;
  root.querySelector("small").textContent = data.note;
  bar.title = data.back;

  // Said to those who do not see it, once for each picture and each change of the answer: not whenever
  // a network in training becomes a little surer.
  const status = root.querySelector("[role=status]");
  const said = `${data.item} ${data.headline}`;
  if (root.said !== undefined && root.said !== said) status.textContent = data.said;
  root.said = said;

  const answer = () => document.querySelector(".st-key-prediction");
  bar.onclick = () => answer()?.scrollIntoView({ block: "center", behavior: "smooth" });
  if (root.watched !== answer()) {
    root.watcher?.disconnect();
    root.watched = answer();
    root.watcher = new IntersectionObserver(([entry]) => {
      const isAbove = !entry.isIntersecting && entry.boundingClientRect.bottom < 200;
      root.classList.toggle("shown", isAbove);
      bar.tabIndex = isAbove ? 0 : -1;
    });
    const head = root.watched?.querySelector(".answer-head") ?? root.watched;
    if (head) root.watcher.observe(head);
  }
}
