// The latest pictures, kept by the browser: a click brings one back, and so does a reload the last.

const MOST = 12;
const MOST_CHARACTERS = 2_500_000; // browsers keep about twice that for a page

function fitting(cards) {
  let characters = 0;
  return cards.slice(0, MOST).filter(({ src }) => (characters += src.length) <= MOST_CHARACTERS);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".recent");
  const { cards, current, aside, isFresh, words } = data;
  const shelf = kept("recent") ?? { cards: [], current: null };
  const choose = (card) => setTriggerValue("chosen", card);
  if (isFresh) {
    // A session of the server that has just begun knows nothing of what was here before.
    const last = shelf.aside ?? shelf.cards.find(({ id }) => id === shelf.current);
    if (last && !root.isAsked) choose(last);
    root.isAsked = true;
  } else {
    for (const card of cards) {
      const place = shelf.cards.findIndex(({ id }) => id === card.id);
      if (place < 0) shelf.cards.unshift(card);
      else shelf.cards[place] = card;
    }
    shelf.cards = fitting(shelf.cards);
    shelf.current = current;
    shelf.aside = aside;
    while (!keep("recent", shelf) && shelf.cards.length > 1) shelf.cards.pop();
  }
  root.querySelector(".recent-title").textContent = shelf.cards.length ? words.title : words.none;
  const row = root.querySelector(".recent-row");
  while (row.children.length > shelf.cards.length) row.lastElementChild.remove();
  while (row.children.length < shelf.cards.length) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("img"));
    row.append(button);
  }
  shelf.cards.forEach((card, i) => {
    const button = row.children[i];
    const image = button.firstElementChild;
    if (image.src !== card.src) image.src = card.src;
    image.alt = "";
    const title = (words[card.source] ?? "").replace("{name}", () => card.name);
    button.title = title;
    button.setAttribute("aria-label", title);
    button.setAttribute("aria-pressed", !isFresh && card.id === current);
    button.dataset.source = card.source;
    button.onclick = () => choose(card);
  });
}
