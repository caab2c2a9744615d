// Writes its own parts of the address and leaves the others.
export default function ({ data }) {
  const address = new URL(window.location.href);
  for (const [name, part] of Object.entries(data)) {
    if (part === null) address.searchParams.delete(name);
    else address.searchParams.set(name, part);
  }
  if (address.href !== window.location.href) window.history.replaceState(window.history.state, "", address);
}
