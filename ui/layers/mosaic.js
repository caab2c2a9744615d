// All channels of a layer as tiles: hover reads a value, click or arrow keys choose a channel.

const SETTLE_MS = 120; // arrow keys move on at once; the page follows when they rest

// Whole multiples, so that every number of a map covers the same square of the screen.
function tileSide(count, width) {
  const wanted = count <= 16 ? 104 : count <= 64 ? 72 : count <= 128 ? 52 : 40;
  return width * Math.max(1, Math.round(wanted / width));
}

function buildTiles(grid, count) {
  while (grid.children.length > count) grid.lastElementChild.remove();
  while (grid.children.length < count) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = "mosaic-tile";
    tile.setAttribute("role", "option");
    tile.appendChild(document.createElement("canvas"));
    grid.appendChild(tile);
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".mosaic");
  const grid = root.querySelector(".mosaic-grid");
  const tip = root.querySelector(".map-tip");
  const { count, height, width, order, words } = data;
  const size = height * width;
  const maps = decodeFloats(data.maps);
  const ranges = decodeFloats(data.ranges);
  const table = decodeBytes(data.table);
  const silent = new Set(data.silent);

  // What the visitor has chosen lives here; the page's own idea of it counts when the page is drawn anew.
  if (root.initial !== data.initial) {
    root.initial = data.initial;
    root.selected = data.initial;
  }
  const current = () => (root.selected !== null && root.selected < count ? root.selected : data.fallback);

  grid.style.setProperty("--side", `${tileSide(count, Math.max(width, height))}px`);
  grid.setAttribute("aria-label", words.label);
  buildTiles(grid, count);
  order.forEach((channel, place) => {
    const tile = grid.children[place];
    tile.dataset.channel = channel;
    tile.classList.toggle("silent", silent.has(channel));
    const values = maps.subarray(channel * size, (channel + 1) * size);
    paint(tile.firstElementChild, values, width, height, ranges[2 * channel], ranges[2 * channel + 1], table);
    tile.setAttribute("aria-label", data.labels?.[channel] ?? fill(words.channel, { channel }));
    if (data.labels) tile.dataset.label = data.labels[channel];
    else delete tile.dataset.label; // tiles are used again for another layer
  });

  const mark = () => {
    for (const tile of grid.children) {
      const chosen = Number(tile.dataset.channel) === current();
      tile.setAttribute("aria-selected", chosen);
      tile.tabIndex = chosen ? 0 : -1;
    }
  };
  const choose = (channel, wait) => {
    root.selected = channel;
    mark();
    clearTimeout(root.timer);
    const send = data.tells ? () => setTriggerValue("clicked", channel) : () => setStateValue("selected", channel);
    root.timer = setTimeout(send, wait);
  };
  mark();

  grid.onclick = (event) => {
    const tile = event.target.closest(".mosaic-tile");
    if (tile) choose(Number(tile.dataset.channel), 0);
  };
  grid.onpointermove = (event) => {
    const tile = event.target.closest(".mosaic-tile");
    if (!tile) return void (tip.hidden = true);
    const channel = Number(tile.dataset.channel);
    const { row, column } = cellUnder(event, tile.firstElementChild);
    const value = precise(maps[channel * size + row * width + column]);
    showTip(root, tip, event.clientX, event.clientY, fill(words.value, { channel, row, column, value }));
  };
  grid.onpointerleave = () => (tip.hidden = true);
  grid.onkeydown = (event) => {
    const tiles = [...grid.children];
    const place = tiles.indexOf(event.target);
    if (place < 0) return;
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -place, End: count - 1 - place,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = tiles[place + steps[event.key]];
    if (!next) return;
    choose(Number(next.dataset.channel), SETTLE_MS);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
}
