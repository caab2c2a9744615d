// One channel enlarged, and beside it the input with the channel over it and what a pixel sees.

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".channel-view");
  const find = (name) => root.querySelector(`.channel-view-${name}`);
  const map = find("map");
  const input = find("input");
  const overlay = find("overlay");
  const opacity = find("opacity");
  const tip = root.querySelector(".map-tip");
  const { height, width, words } = data;
  const values = decodeFloats(data.map);
  const table = decodeBytes(data.table);

  paint(map, values, width, height, data.range[0], data.range[1], table);
  paint(overlay, values, width, height, data.range[0], data.range[1], table);
  const grey = new Uint8Array(768).map((_, i) => Math.floor(i / 3));
  paint(input, decodeFloats(data.input), data.input_size, data.input_size, data.input_range[0], data.input_range[1], grey);
  map.setAttribute("aria-label", words.map);
  setWords(root, words);

  // Values with padding around them sit on the border or outside of it: what overhangs is cut off.
  const share = (pixels) => `${(100 * pixels) / data.input_size}%`;
  const [start, end] = data.spread;
  overlay.style.left = overlay.style.top = share(start);
  overlay.style.width = overlay.style.height = share(end - start);
  const setOpacity = () => (overlay.style.opacity = opacity.value / 100);
  opacity.oninput = setOpacity;
  setOpacity();

  if (root.initial !== JSON.stringify(data.initial)) {
    root.initial = JSON.stringify(data.initial);
    root.pixel = data.initial;
  }
  const inside = (pixel) => pixel && pixel[0] < height && pixel[1] < width;
  const current = () => (inside(root.pixel) ? root.pixel : data.fallback);

  const place = (element, rows, columns, outOfRows, outOfColumns) => {
    element.style.top = `${(100 * rows[0]) / outOfRows}%`;
    element.style.height = `${(100 * (rows[1] - rows[0])) / outOfRows}%`;
    element.style.left = `${(100 * columns[0]) / outOfColumns}%`;
    element.style.width = `${(100 * (columns[1] - columns[0])) / outOfColumns}%`;
  };
  const show = ([row, column]) => {
    place(find("cell"), [row, row + 1], [column, column + 1], height, width);
    const [rows, columns] = [data.windows[row], data.windows[column]];
    place(find("field"), rows, columns, data.input_size, data.input_size);
    find("readout").textContent = fill(words.seen, {
      row, column, value: precise(values[row * width + column]),
      top: rows[0], bottom: rows[1] - 1, left: columns[0], right: columns[1] - 1,
    });
  };
  show(current());

  const choose = (pixel, wait) => {
    root.pixel = pixel;
    show(pixel);
    clearTimeout(root.timer);
    root.timer = setTimeout(() => setStateValue("pixel", pixel), wait);
  };
  map.onclick = (event) => {
    const { row, column } = cellUnder(event, map);
    choose([row, column], 0);
  };
  map.onpointermove = (event) => {
    const { row, column } = cellUnder(event, map);
    show([row, column]);
    const value = precise(values[row * width + column]);
    showTip(root, tip, event.clientX, event.clientY, fill(words.value, { channel: data.channel, row, column, value }));
  };
  map.onpointerleave = () => {
    tip.hidden = true;
    show(current());
  };
  map.onkeydown = (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const next = current().map((position, axis) => position + step[axis]);
    if (next[0] >= 0 && next[1] >= 0 && inside(next)) choose(next, 120);
  };
}
