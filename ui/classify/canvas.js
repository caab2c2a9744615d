// A sheet to draw on. Strokes are kept, so that the last can be taken back; what is drawn is
// sent as a PNG when the pen is lifted, never while it moves.

const SIDE = 280;
const PAPER = "#ffffff";
const INK = "#16181d";
const MOST_KEPT = 100; // strokes that can be taken back

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sheet");
  const canvas = root.querySelector("canvas");
  const size = root.querySelector("input");
  const button = (name) => root.querySelector(`[data-tool="${name}"]`);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  for (const element of root.querySelectorAll("[data-word]")) element.textContent = data.words[element.dataset.word];
  canvas.setAttribute("aria-label", data.words.paper);

  // The script runs again whenever data or theme change; what was drawn lives on the element.
  if (!root.sheet) {
    root.sheet = { strokes: [], base: null, erasing: false, pointer: null };
    canvas.width = canvas.height = SIDE;
    size.value = data.size;
  }
  const sheet = root.sheet;

  const dot = (stroke, from, to) => {
    context.strokeStyle = stroke.erase ? PAPER : INK;
    context.lineWidth = stroke.size;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1] + (from === to ? 0.01 : 0)); // a dot is a line of no length
    context.stroke();
  };
  const redraw = () => {
    context.fillStyle = PAPER;
    context.fillRect(0, 0, SIDE, SIDE);
    if (sheet.base) context.drawImage(sheet.base, 0, 0, SIDE, SIDE);
    for (const stroke of sheet.strokes) {
      stroke.points.forEach((point, i) => dot(stroke, stroke.points[Math.max(0, i - 1)], point));
    }
  };
  const isBlank = () => sheet.strokes.length === 0 && !sheet.base;
  const mark = () => {
    button("undo").disabled = sheet.strokes.length === 0;
    button("clear").disabled = isBlank();
    button("pen").setAttribute("aria-pressed", !sheet.erasing);
    button("eraser").setAttribute("aria-pressed", sheet.erasing);
  };
  const send = () => {
    mark();
    setStateValue("drawing", isBlank() ? null : canvas.toDataURL("image/png"));
  };

  if (sheet.initial === undefined) {
    sheet.initial = data.initial;
    redraw();
    if (data.initial) {
      const image = new Image();
      image.onload = () => { sheet.base = image; redraw(); mark(); };
      image.src = data.initial;
    }
  }
  mark();

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  canvas.onpointerdown = (event) => {
    if (sheet.pointer !== null || event.button !== 0) return;
    event.preventDefault();
    sheet.pointer = event.pointerId;
    canvas.setPointerCapture(event.pointerId);
    const point = place(event);
    const stroke = { size: Number(size.value), erase: sheet.erasing, points: [point] };
    sheet.strokes.push(stroke);
    dot(stroke, point, point);
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== sheet.pointer) return;
    const stroke = sheet.strokes.at(-1);
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const point = place(move);
      dot(stroke, stroke.points.at(-1), point);
      stroke.points.push(point);
    }
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId !== sheet.pointer) return;
    sheet.pointer = null;
    if (sheet.strokes.length > MOST_KEPT) bake();
    send();
  };
  // The oldest strokes become part of the paper: memory and redrawing stay bounded.
  const bake = () => {
    const rest = sheet.strokes.splice(MOST_KEPT / 2);
    redraw();
    const copy = document.createElement("canvas");
    copy.width = copy.height = SIDE;
    copy.getContext("2d").drawImage(canvas, 0, 0);
    sheet.base = copy;
    sheet.strokes = rest;
    redraw();
  };

  button("pen").onclick = () => { sheet.erasing = false; mark(); };
  button("eraser").onclick = () => { sheet.erasing = true; mark(); };
  // Not while a stroke is being drawn: a palm on the button must not take it away under the pen.
  const take = (back) => () => {
    if (sheet.pointer !== null) return;
    back();
    redraw();
    send();
  };
  button("undo").onclick = take(() => sheet.strokes.pop());
  button("clear").onclick = take(() => { sheet.strokes = []; sheet.base = null; });
}
