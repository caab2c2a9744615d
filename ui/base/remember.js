// A value that the browser keeps for this tab, and gives back to a session of the server that has just begun.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".remember");
  const { name, value } = data;
  if (value === null) {
    const before = kept(name);
    if (before !== null && !root.isAsked) setTriggerValue("kept", before);
    root.isAsked = true;
  } else {
    // Of a list that there is no room for the newest part.
    for (let rest = value; !keep(name, rest) && Array.isArray(rest) && rest.length > 1; ) rest = rest.slice(1);
  }
}
