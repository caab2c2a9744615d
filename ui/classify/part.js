// A picture with the things that were found in it as buttons, and a frame for whatever else is meant. A mouse
// drags it at once; finger and pen do once the button for it is pressed, since until then a swipe scrolls the
// page; and arrow keys move it.

const HEIGHT = 224; // pixels on the screen, less where the page is too narrow for the width that goes with it
const LEAST = 0.04; // of the picture: a shorter drag is a click that slipped
const STEP = 0.02; // of the picture: how far an arrow key goes
const SETTLE_MS = 250; // keys move the frame at once; the answer follows when they rest
const MIDDLE = [0.25, 0.25, 0.75, 0.75];
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

const within = (value, low, high) => Math.min(high, Math.max(low, value));

function place(element, [left, top, right, bottom]) {
  element.style.left = `${100 * left}%`;
  element.style.top = `${100 * top}%`;
  element.style.width = `${100 * (right - left)}%`;
  element.style.height = `${100 * (bottom - top)}%`;
}

function moved([left, top, right, bottom], [x, y], resizes) {
  if (resizes) return [left, top, within(right + x, left + LEAST, 1), within(bottom + y, top + LEAST, 1)];
  const [across, down] = [within(x, -left, 1 - right), within(y, -top, 1 - bottom)];
  return [left + across, top + down, right + across, bottom + down];
}

// As many children as there are boxes, each on its own: who moves by keyboard stays where they were.
function match(host, boxes, make) {
  while (host.children.length > boxes.length) host.lastElementChild.remove();
  while (host.children.length < boxes.length) host.append(make());
  boxes.forEach((box, i) => place(host.children[i], box));
  return [...host.children];
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".part");
  const find = (selector) => root.querySelector(selector);
  const { words, things, taken, marks, frame } = data;
  const [sheet, shown, toggle, whole] = [".part-sheet", ".part-frame", ".part-toggle", ".part-whole"].map(find);
  if (root.view?.picture !== data.picture) {
    clearTimeout(root.view?.timer); // a frame of the picture before
    // A drag goes on when the page is drawn anew under it.
    root.view = { picture: data.picture, framing: false, box: null, timer: null, start: null, dragged: null };
  }
  const view = root.view;
  const picture = find(".part-picture");
  picture.onload = () => sheet.style.setProperty("--part-width", `${(HEIGHT * picture.naturalWidth) / picture.naturalHeight}px`);
  if (picture.src !== data.picture) picture.src = data.picture;
  picture.alt = words.part_picture;
  find(".part-hint").textContent = words.part_hint;

  const choose = (box) => {
    clearTimeout(view.timer);
    view.timer = null;
    setTriggerValue("frame", { box });
  };
  const show = (box) => {
    view.box = box;
    shown.hidden = box === null;
    if (box !== null) place(shown, box);
  };
  const setFraming = (framing) => {
    view.framing = framing;
    root.classList.toggle("framing", framing);
    toggle.setAttribute("aria-pressed", framing);
  };
  if (view.timer === null && view.start === null && !view.framing) show(frame); // else a frame that is on its way is not taken back
  setFraming(view.framing);

  match(find(".part-things"), things, () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "part-thing";
    return button;
  }).forEach((button, i) => {
    button.textContent = i + 1;
    button.setAttribute("aria-label", words.part_thing.replace("{number}", i + 1));
    button.setAttribute("aria-pressed", i === taken);
    button.onclick = () => choose(things[i]);
  });
  match(find(".part-marks"), marks, () => {
    const sign = document.createElement("span");
    sign.className = "part-mark";
    return sign;
  });
  whole.textContent = words.part_whole;
  whole.hidden = data.is_whole;
  whole.onclick = () => choose(data.whole);
  toggle.textContent = words.part_frame;
  toggle.onclick = () => {
    setFraming(!view.framing);
    show(view.framing ? (view.box ?? MIDDLE) : frame);
    if (view.framing) shown.focus({ preventScroll: true });
  };

  shown.setAttribute("aria-label", words.part_frame_keys);
  shown.onkeydown = (event) => {
    if (event.key in ARROWS) {
      show(moved(view.box, ARROWS[event.key], event.shiftKey));
      clearTimeout(view.timer);
      view.timer = setTimeout(() => choose(view.box), SETTLE_MS);
    } else if (event.key === "Enter" || event.key === " ") {
      choose(view.box);
    } else if (event.key === "Escape" && view.framing) {
      setFraming(false);
      show(frame);
      toggle.focus();
    } else return;
    event.preventDefault();
  };

  const at = (event) => {
    const box = sheet.getBoundingClientRect();
    return [within((event.clientX - box.left) / box.width, 0, 1), within((event.clientY - box.top) / box.height, 0, 1)];
  };
  sheet.onpointerdown = (event) => {
    if (event.button !== 0 || !(view.framing || event.pointerType === "mouse")) return;
    [view.start, view.dragged] = [at(event), null];
  };
  sheet.onpointermove = (event) => {
    if (view.start === null) return;
    const [x, y] = at(event);
    const box = [Math.min(x, view.start[0]), Math.min(y, view.start[1]), Math.max(x, view.start[0]), Math.max(y, view.start[1])];
    if (box[2] - box[0] < LEAST || box[3] - box[1] < LEAST) return;
    if (view.dragged === null) sheet.setPointerCapture(event.pointerId); // not before: a click on a thing stays one
    view.dragged = box;
    show(box);
  };
  sheet.onpointerup = () => {
    if (view.dragged !== null) {
      setFraming(false); // swipes scroll again
      choose(view.dragged);
    }
    view.start = null;
  };
  sheet.onpointercancel = () => {
    view.start = null;
    show(frame);
  };
}
