// A sheet to draw on. What is done to it is kept step by step, so that each can be taken back and
// done again, also after another page or a reload. What is drawn is sent as a PNG when the pen is
// lifted, never while it moves.
//
// A step is a stroke {size, erase, points}, or the beginning of another drawing {drawing, png, strokes},
// which has a name, and something on it where an earlier one was put back on the sheet.

const SIDE = 280;
const PAPER = "#ffffff";
const INK = "#16181d";
const MOST_KEPT = 100; // steps that can be taken back

const newName = () => Math.random().toString(36).slice(2);
const tenths = (value) => Math.round(10 * value) / 10;
const images = new Map(); // by data URI

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sheet");
  const canvas = root.querySelector("canvas");
  const size = root.querySelector("input");
  const button = (name) => root.querySelector(`[data-tool="${name}"]`);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  for (const element of root.querySelectorAll("[data-word]")) element.textContent = data.words[element.dataset.word];
  canvas.setAttribute("aria-label", data.words.paper);

  // The script runs again whenever data or theme change: what lies on the sheet lives on the element.
  const isNew = !root.sheet;
  if (isNew) {
    root.sheet = kept("sheet") ?? { drawing: newName(), png: null, steps: [], done: 0, opened: null };
    root.pen = { erasing: false, pointer: null, isUnsent: false };
    canvas.width = canvas.height = SIDE;
    size.value = data.size;
  }
  const { sheet, pen } = root;

  // What the steps make, one drawing after the other; the last lies on the sheet.
  const drawings = (steps) => {
    const all = [{ drawing: sheet.drawing, png: sheet.png, strokes: [] }];
    for (const step of steps) {
      if (step.drawing) all.push({ ...step, strokes: [...(step.strokes ?? [])] });
      else all.at(-1).strokes.push(step);
    }
    return all;
  };
  const shown = () => {
    const last = drawings(sheet.steps.slice(0, sheet.done)).at(-1);
    return { ...last, isBlank: !last.png && !last.strokes.length };
  };
  const line = (stroke, from, to) => {
    context.strokeStyle = stroke.erase ? PAPER : INK;
    context.lineWidth = stroke.size;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1] + (from === to ? 0.01 : 0)); // a dot is a line of no length
    context.stroke();
  };
  const imageOf = (png) => {
    if (!images.has(png)) {
      const image = new Image();
      image.onload = () => { if (root.redraw() && pen.isUnsent) root.send(); };
      image.src = png;
      images.set(png, image);
    }
    return images.get(png);
  };
  // Whether all of it could be drawn: a picture takes a moment to be decoded.
  root.redraw = () => {
    const { png, strokes } = shown();
    context.fillStyle = PAPER;
    context.fillRect(0, 0, SIDE, SIDE);
    const image = png && imageOf(png);
    if (image && image.complete) context.drawImage(image, 0, 0, SIDE, SIDE);
    for (const stroke of strokes) {
      stroke.points.forEach((point, i) => line(stroke, stroke.points[Math.max(0, i - 1)], point));
    }
    return !image || image.complete;
  };
  const mark = () => {
    button("undo").disabled = sheet.done === 0;
    button("redo").disabled = sheet.done === sheet.steps.length;
    button("clear").disabled = shown().isBlank;
    button("pen").setAttribute("aria-pressed", !pen.erasing);
    button("eraser").setAttribute("aria-pressed", pen.erasing);
  };
  root.send = () => {
    const { drawing, isBlank } = shown();
    pen.isUnsent = false;
    setStateValue("drawing", { drawing, png: isBlank ? null : canvas.toDataURL("image/png") });
  };
  const finish = ({ tells = true } = {}) => {
    keep("sheet", sheet);
    mark();
    pen.isUnsent = tells;
    if (root.redraw() && tells) root.send();
  };
  const add = (step) => {
    sheet.steps.splice(sheet.done); // what had been taken back is gone now
    sheet.steps.push(step);
    sheet.done = sheet.steps.length;
    if (sheet.done > MOST_KEPT) forgetOldest();
  };
  // The oldest steps become what the sheet began with: memory and redrawing stay bounded.
  const forgetOldest = () => {
    const all = sheet.steps;
    sheet.done = MOST_KEPT / 2;
    if (root.redraw()) {
      const { drawing, isBlank } = shown();
      Object.assign(sheet, { drawing, png: isBlank ? null : canvas.toDataURL("image/png"), steps: all.slice(sheet.done) });
    }
    sheet.done = sheet.steps.length;
    root.redraw();
  };

  // An earlier drawing is put on the sheet: once, however often the server says so.
  if (data.open && data.open.token !== sheet.opened && pen.pointer === null) {
    sheet.opened = data.open.token;
    const { drawing, png } = data.open;
    // Stroke by stroke where it is remembered, else as a picture.
    if (drawing !== shown().drawing) add(drawings(sheet.steps).findLast((d) => d.drawing === drawing) ?? { drawing, png });
    finish({ tells: false });
  }
  if (isNew) root.redraw();
  mark();

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const along = (at, start, length) => tenths(((at - start) / length) * SIDE);
    return [along(event.clientX, box.left, box.width), along(event.clientY, box.top, box.height)];
  };
  canvas.onpointerdown = (event) => {
    if (pen.pointer !== null || event.button !== 0) return;
    event.preventDefault();
    pen.pointer = event.pointerId;
    canvas.setPointerCapture(event.pointerId);
    const point = place(event);
    const stroke = { size: Number(size.value), erase: pen.erasing, points: [point] };
    add(stroke);
    line(stroke, point, point);
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== pen.pointer) return;
    const stroke = sheet.steps.at(-1);
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const point = place(move);
      line(stroke, stroke.points.at(-1), point);
      stroke.points.push(point);
    }
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId !== pen.pointer) return;
    pen.pointer = null;
    finish();
  };

  // Not while a stroke is being drawn: a palm on the button must not take it away under the pen.
  const tools = {
    pen: () => { pen.erasing = false; mark(); },
    eraser: () => { pen.erasing = true; mark(); },
    undo: () => { if (sheet.done > 0) { sheet.done -= 1; finish(); } },
    redo: () => { if (sheet.done < sheet.steps.length) { sheet.done += 1; finish(); } },
    clear: () => { pen.erasing = false; add({ drawing: newName() }); finish(); },
  };
  root.use = (name) => { if (pen.pointer === null) tools[name](); };
  for (const name of Object.keys(tools)) button(name).onclick = () => root.use(name);

  if (isNew) {
    const onKey = (event) => {
      if (!root.isConnected) return document.removeEventListener("keydown", onKey);
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || !["z", "y"].includes(key)) return;
      const typing = "input:not([type=range]), textarea, select, [contenteditable=true]";
      if (event.target.closest?.(typing)) return;
      event.preventDefault();
      root.use(key === "y" || event.shiftKey ? "redo" : "undo");
    };
    document.addEventListener("keydown", onKey);
  }
}
