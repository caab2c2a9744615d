// Numbers to pixels: shared by the components that draw maps.

function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const decodeFloats = (text) => new Float32Array(decodeBytes(text).buffer);

// Draw `width` x `height` numbers, one pixel each; the style sheet enlarges without smoothing.
function paint(canvas, values, width, height, low, high, table) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const scale = high > low ? 255 / (high - low) : 255;
  for (let i = 0; i < values.length; i++) {
    const level = 3 * Math.min(255, Math.max(0, Math.round((values[i] - low) * scale)));
    image.data[4 * i] = table[level];
    image.data[4 * i + 1] = table[level + 1];
    image.data[4 * i + 2] = table[level + 2];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// Which of the canvas's numbers lies under the pointer.
function cellUnder(event, canvas) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
  const row = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
  const inside = (value, size) => Math.min(size - 1, Math.max(0, value));
  return { row: inside(row, canvas.height), column: inside(column, canvas.width) };
}

// "{channel}" and the like in a text of the visitor's language.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const precise = (value) => (value === 0 ? "0" : Number(value.toPrecision(6)).toString());

// A label that follows the pointer and stays inside `host`, which is positioned.
function showTip(host, tip, x, y, text) {
  tip.textContent = text;
  tip.hidden = false;
  const box = host.getBoundingClientRect();
  const left = Math.min(x - box.left + 14, box.width - tip.offsetWidth - 2);
  const below = y - box.top + 18;
  const top = below + tip.offsetHeight > box.height ? y - box.top - tip.offsetHeight - 8 : below;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${Math.max(0, top)}px`;
}

// Says which of a canvas's numbers is pointed at, by mouse or by finger: `read({ row, column }, canvas)`, and
// `read(null)` where there is none. What a finger has touched stays to be read when the finger is gone.
function followPointer(host, canvasOf, read) {
  host.onpointerdown = host.onpointermove = (event) => {
    const canvas = canvasOf(event);
    if (canvas) read(cellUnder(event, canvas), canvas);
    else read(null);
  };
  host.onpointerleave = (event) => {
    if (event.pointerType !== "touch") read(null);
  };
  host.onpointercancel = () => read(null); // the finger scrolls
}

const SETTLE_MS = 120; // arrow keys move on at once; the page follows when they rest
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// The cell that an arrow key leads to, at the border the same one again; null for any other key.
function arrowStep(event, { row, column }, height, width) {
  const step = ARROWS[event.key];
  if (!step) return null;
  event.preventDefault();
  const within = (position, size) => Math.min(size - 1, Math.max(0, position));
  return { row: within(row + step[0], height), column: within(column + step[1], width) };
}

// A label beside one of a canvas's numbers, inside `host`, which is positioned.
function showTipAt(host, tip, canvas, { row, column }, text) {
  const box = canvas.getBoundingClientRect();
  const x = box.left + ((column + 0.5) / canvas.width) * box.width;
  const y = box.top + ((row + 0.5) / canvas.height) * box.height;
  showTip(host, tip, x, y, text);
}

// Texts of the visitor's language, into the elements that name them.
function setWords(root, words) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
}
