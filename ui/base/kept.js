// What outlives a change of page and a reload: the browser keeps it for this tab, and for no other.

const unkept = (window.ninUnkept ??= {}); // where the browser has no room, or may keep nothing: lost at a reload

function kept(name) {
  if (name in unkept) return structuredClone(unkept[name]);
  try {
    return JSON.parse(sessionStorage.getItem(`nin-${name}`));
  } catch {
    return null;
  }
}

// Whether there was room for it.
function keep(name, value) {
  try {
    sessionStorage.setItem(`nin-${name}`, JSON.stringify(value));
    delete unkept[name];
    return true;
  } catch {
    unkept[name] = structuredClone(value);
    return false;
  }
}
