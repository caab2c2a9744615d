// A picture with the things that were found in it as buttons; a frame is dragged with mouse, finger or pen.

const HEIGHT = 224; // pixels on the screen, less where the page is too narrow for the width that goes with it
const LEAST = 0.04; // of the picture: a shorter drag is a click that slipped

function place(element, [left, top, right, bottom]) {
  element.style.left = `${100 * left}%`;
  element.style.top = `${100 * top}%`;
  element.style.width = `${100 * (right - left)}%`;
  element.style.height = `${100 * (bottom - top)}%`;
}

const grown = ([left, top, right, bottom], by) =>
  [Math.max(0, left - by), Math.max(0, top - by), Math.min(1, right + by), Math.min(1, bottom + by)];

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".part");
  const find = (selector) => root.querySelector(selector);
  const { words, things, marks, frame } = data;
  const sheet = find(".part-sheet");
  const shown = find(".part-frame");
  const choose = (box) => setTriggerValue("frame", { box });
  const picture = find(".part-picture");
  picture.onload = () => sheet.style.setProperty("--part-width", `${(HEIGHT * picture.naturalWidth) / picture.naturalHeight}px`);
  picture.src = data.picture;
  picture.alt = words.part_picture;
  find(".part-hint").textContent = words.part_hint;
  const whole = find(".part-whole");
  whole.textContent = words.part_whole;
  whole.hidden = frame === null;
  whole.onclick = () => choose(null);

  const buttons = things.map((thing, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "part-thing";
    button.textContent = i + 1;
    button.setAttribute("aria-label", words.part_thing.replace("{number}", i + 1));
    place(button, grown(thing, data.margin));
    button.onclick = () => choose(grown(thing, data.margin));
    return button;
  });
  const doubts = marks.map((mark) => {
    const sign = document.createElement("span");
    sign.className = "part-mark";
    place(sign, grown(mark, 0.02));
    return sign;
  });
  find(".part-marks").replaceChildren(...buttons, ...doubts);
  const show = (box) => {
    shown.hidden = box === null;
    if (box !== null) place(shown, box);
  };
  show(frame);

  const at = (event) => {
    const box = sheet.getBoundingClientRect();
    const share = (value, low, length) => Math.min(1, Math.max(0, (value - low) / length));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  let start = null;
  let dragged = null;
  sheet.onpointerdown = (event) => {
    if (event.button !== 0) return;
    [start, dragged] = [at(event), null];
  };
  sheet.onpointermove = (event) => {
    if (start === null) return;
    const [x, y] = at(event);
    const box = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
    if (box[2] - box[0] < LEAST || box[3] - box[1] < LEAST) return;
    if (dragged === null) sheet.setPointerCapture(event.pointerId); // not before: a click on a thing stays one
    dragged = box;
    show(box);
  };
  sheet.onpointerup = () => {
    if (dragged !== null) choose(dragged);
    start = null;
  };
  sheet.onpointercancel = () => {
    start = null;
    show(frame);
  };
}
