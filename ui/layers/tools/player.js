// A run replayed: a slider and a play button over moments that were all sent at once.

const FRAME_MS = 350;

function tiles(host, count, className) {
  while (host.children.length > count) host.lastElementChild.remove();
  while (host.children.length < count) {
    const tile = document.createElement("figure");
    tile.className = className;
    tile.append(document.createElement("canvas"), document.createElement("figcaption"));
    host.appendChild(tile);
  }
  return [...host.children];
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".player");
  const find = (name) => root.querySelector(`.player-${name}`);
  const slider = find("slider");
  const play = find("play");
  const { frames, maps, evidence, words } = data;
  const tables = { maps: decodeBytes(maps.table), evidence: decodeBytes(evidence.table) };
  const levels = frames.map((frame) => ({ maps: decodeBytes(frame.maps), evidence: decodeBytes(frame.evidence) }));
  setWords(root, words);
  slider.setAttribute("aria-label", words.moment);

  // Somebody who looks at the newest moment of a run in training goes on looking at the newest.
  const atEnd = root.at === undefined || root.run !== data.run || root.at === Number(slider.max);
  slider.max = frames.length - 1;
  root.run = data.run;
  root.at = atEnd ? frames.length - 1 : Math.min(root.at, frames.length - 1);

  const mapTiles = tiles(find("maps"), maps.count, "player-tile");
  const evidenceTiles = tiles(find("evidence"), evidence.count, "player-class");
  const side = maps.width * Math.max(1, Math.round((maps.count > 64 ? 36 : 56) / maps.width));
  find("maps").style.setProperty("--side", `${side}px`);

  const draw = (tile, part, place, at, shape) => {
    const size = shape.height * shape.width;
    const values = levels[at][part].subarray(place * size, (place + 1) * size);
    paint(tile.firstElementChild, values, shape.width, shape.height, 0, 255, tables[part]);
  };
  const show = (at) => {
    root.at = at;
    slider.value = at;
    const frame = frames[at];
    slider.setAttribute("aria-valuetext", frame.caption);
    find("caption").textContent = frame.caption;
    mapTiles.forEach((tile, place) => draw(tile, "maps", place, at, maps));
    evidenceTiles.forEach((tile, place) => {
      draw(tile, "evidence", place, at, evidence);
      tile.lastElementChild.textContent = `${data.classes[place]}\n${(100 * frame.probabilities[place]).toFixed(1)}%`;
      tile.style.setProperty("--share", frame.probabilities[place]);
      tile.classList.toggle("best", frame.probabilities[place] === Math.max(...frame.probabilities));
    });
  };
  const stop = () => {
    clearInterval(root.timer);
    root.timer = null;
    play.textContent = words.play;
    play.setAttribute("aria-pressed", "false");
  };
  const start = () => {
    if (root.at === frames.length - 1) show(0);
    play.textContent = words.pause;
    play.setAttribute("aria-pressed", "true");
    root.timer = setInterval(() => {
      // Taken out of the page, for instance by a change of page: nobody is watching any more.
      if (!root.isConnected || root.at >= Number(slider.max)) return stop();
      root.show(root.at + 1);
    }, FRAME_MS);
  };
  root.show = show;
  play.onclick = () => (root.timer ? stop() : start());
  slider.oninput = () => {
    stop();
    show(Number(slider.value));
  };
  if (!root.timer) stop();
  show(root.at);
}
