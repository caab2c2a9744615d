// The language of the page, for screen readers and fonts; and Streamlit's own words in it.

// Where Streamlit says something that no page can set: tools of tables, the uploader, the camera.
const PLACES = [
  "stFileUploader", "stCameraInput", "stElementToolbar", "stDataFrameColumnMenu", "stDataFrameColumnFormattingMenu",
  "stDataFrameColumnVisibilityMenu", "stTooltipContent", "stStatusWidget",
].map((name) => `[data-testid^=${name}]`).join();
const ATTRIBUTES = ["aria-label", "title", "placeholder"];

const state = (window.ninLanguage ??= { words: {}, said: new Map() });

function translate(text) {
  const trimmed = text.trim();
  for (const [english, here] of Object.entries(state.words)) {
    if (english === trimmed) return text.replace(english, () => here);
    // A number stands in some of them: "Limit {n}MB per file".
    const [before, after] = english.split("{n}");
    if (after !== undefined && trimmed.startsWith(before) && trimmed.endsWith(after) && trimmed.length > before.length + after.length) {
      return here.replace("{n}", trimmed.slice(before.length, trimmed.length - after.length));
    }
  }
  return null;
}

function say(node, read, write) {
  const now = read();
  const known = state.said.get(node);
  if (known && known.here === now && known.words === state.words) return;
  const english = known && known.here === now ? known.english : now;
  const here = translate(english) ?? english;
  if (here !== now) write(here);
  if (here !== english) state.said.set(node, { english, here, words: state.words });
  else state.said.delete(node);
}

function sweep(root) {
  for (const place of root.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      say(node, () => node.nodeValue, (text) => { node.nodeValue = text; });
    }
    for (const element of [place, ...place.querySelectorAll("[aria-label], [title], [placeholder]")]) {
      for (const name of ATTRIBUTES) {
        const attribute = element.getAttributeNode(name);
        if (attribute) say(attribute, () => attribute.value, (text) => { attribute.value = text; });
      }
    }
  }
}

export default function ({ data }) {
  document.documentElement.lang = data.language;
  state.words = data.words;
  for (const node of state.said.keys()) if (!(node.ownerElement ?? node).isConnected) state.said.delete(node);
  sweep(document);
  if (state.observer) return;
  let waiting = false;
  state.observer = new MutationObserver(() => {
    if (waiting || !Object.keys(state.words).length) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      sweep(document);
    });
  });
  state.observer.observe(document.body, { childList: true, subtree: true, characterData: true });
}
