// All channels of a layer as tiles: pointing reads a value, click or arrow keys choose a channel.

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

// Scrolls the mosaic, and nothing else, until the tile can be seen.
function reveal(grid, tile) {
  const top = tile.offsetTop - grid.offsetTop;
  const isSeen = top >= grid.scrollTop && top + tile.offsetHeight <= grid.scrollTop + grid.clientHeight;
  if (!isSeen) grid.scrollTop = top - (grid.clientHeight - tile.offsetHeight) / 2;
}

function tileUnder(event) {
  const canvas = event.target.closest(".mosaic-tile")?.firstElementChild;
  // A tile's name stands under its canvas.
  return canvas && event.clientY < canvas.getBoundingClientRect().bottom ? canvas : null;
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
  const nameOf = (channel) => data.labels?.[channel] ?? fill(words.channel, { channel });

  // What the visitor has chosen lives here until the page says anew what is open.
  const isNew = root.opening !== data.opening;
  if (isNew) {
    root.opening = data.opening;
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
    tile.setAttribute("aria-label", silent.has(channel) ? fill(words.silent, { channel: nameOf(channel) }) : nameOf(channel));
    if (data.labels) tile.dataset.label = data.labels[channel];
    else delete tile.dataset.label; // tiles are used again for another layer
  });
  const tileOf = (channel) => grid.children[order.indexOf(channel)];

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
    const send = data.tells
      ? () => setTriggerValue("clicked", channel)
      : () => setStateValue("selected", { opening: data.opening, channel });
    root.timer = setTimeout(send, wait);
  };
  mark();
  const arrangement = order.join();
  if (isNew || root.arrangement !== arrangement) reveal(grid, tileOf(current()));
  root.arrangement = arrangement;

  // What is read goes on being read when new numbers come.
  const showReading = () => {
    const { channel, row, column } = root.reading ?? {};
    tip.hidden = !(channel < count && row < height && column < width);
    if (tip.hidden) return;
    const value = precise(maps[channel * size + row * width + column]);
    const text = fill(words.value, { channel: nameOf(channel), row, column, value });
    showTipAt(root, tip, tileOf(channel).firstElementChild, { row, column }, text);
  };
  const read = (cell, channel) => {
    root.reading = cell && { ...cell, channel };
    showReading();
  };
  showReading();
  followPointer(grid, tileUnder, (cell, canvas) => read(cell, cell && Number(canvas.parentElement.dataset.channel)));
  grid.onscroll = showReading;
  grid.onfocusout = (event) => {
    if (!grid.contains(event.relatedTarget)) read(null);
  };

  grid.onclick = (event) => {
    const tile = event.target.closest(".mosaic-tile");
    if (tile) choose(Number(tile.dataset.channel), 0);
  };
  grid.onkeydown = (event) => {
    const tiles = [...grid.children];
    const place = tiles.indexOf(event.target);
    if (place < 0) return;
    if (event.shiftKey) {
      const channel = Number(event.target.dataset.channel);
      const middle = { row: height >> 1, column: width >> 1 };
      const cell = root.reading?.channel === channel ? arrowStep(event, root.reading, height, width) : event.key in ARROWS && middle;
      if (cell) {
        event.preventDefault();
        read(cell, channel);
      }
      return;
    }
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -place, End: count - 1 - place,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = tiles[place + steps[event.key]];
    if (!next) return;
    const reading = root.reading; // the same place is read in the next channel
    choose(Number(next.dataset.channel), SETTLE_MS);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    if (reading) read(reading, Number(next.dataset.channel));
  };
}
