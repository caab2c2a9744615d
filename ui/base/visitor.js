// By this cookie the server knows the browser again whose runs are its own to change. It is of no use to anybody else.
export default function ({ data }) {
  if (document.cookie.split("; ").some((part) => part.startsWith(`${data.name}=`))) return; // of another tab
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.token}; Path=/; Max-Age=${30 * 24 * 3600}; SameSite=Strict${secure}`;
}
