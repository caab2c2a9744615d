// Small pictures with captions. Images are kept and only their source changes, so nothing flickers.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  root.style.setProperty("--side", `${data.side}px`);
  root.style.setProperty("--wanted", `${data.side}px`);
  root.classList.toggle("choosable", data.choosable);
  while (root.children.length > data.pictures.length) root.lastElementChild.remove();
  while (root.children.length < data.pictures.length) {
    const figure = document.createElement("figure");
    figure.innerHTML = "<img><figcaption><span></span><small></small></figcaption>";
    root.appendChild(figure);
  }
  const choose = (place) => {
    setTriggerValue("chosen", place);
    if (data.reveals) document.querySelector(`.st-key-${data.reveals}`)?.scrollIntoView({ block: "center" });
  };
  data.pictures.forEach(({ src, title, note, mood, smooth }, i) => {
    const figure = root.children[i];
    figure.className = `gallery-item ${mood} ${smooth ? "smooth" : ""}`;
    const image = figure.querySelector("img");
    if (image.src !== src) image.src = src;
    image.alt = `${title} ${note}`.trim();
    figure.querySelector("span").textContent = title;
    figure.querySelector("small").textContent = note;
    if (data.choosable) {
      figure.tabIndex = 0;
      figure.setAttribute("role", "button");
      figure.onclick = () => choose(i);
      figure.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(i);
      };
    }
  });
}
