// A Plotly chart that is updated in place: a zoom made by the visitor stays while data arrives.

const NARROW = 400; // pixels; below, there is no room for the toolbar

const waiting = {};
const decoder = new TextDecoder();

// Where the app lies, also below a path that a proxy strips: Streamlit's own script comes from static/ in it.
function appRoot() {
  const own = [...document.scripts].map((script) => script.src).find((src) => src.includes("/static/"));
  return own ? own.slice(0, own.lastIndexOf("/static/") + 1) : new URL("/", location);
}

function loadPlotly(url) {
  // Once per browser tab, whatever number of charts and reruns there is.
  waiting[url] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(url, appRoot());
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      delete waiting[url]; // the next data try again
      script.remove();
      reject(new Error(`${url} could not be loaded`));
    };
    document.head.appendChild(script);
  });
  return waiting[url];
}

function themeOf(host) {
  const style = getComputedStyle(host);
  const colour = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: colour("text-color"),
    background: colour("background-color"),
    grid: colour("border-color-light") || colour("border-color"),
    label: colour("secondary-background-color"),
    font: colour("font") || "sans-serif",
  };
}

function themed(layout, { text, background, grid, label, font }) {
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: text, family: font, size: 13 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: text },
    hoverlabel: { bgcolor: label, bordercolor: grid, font: { color: text } },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    ...(layout.yaxis2 && { yaxis2: { ...axis, ...layout.yaxis2 } }),
    shapes: (layout.shapes ?? []).map((shape) => ({ ...shape, line: { color: text, width: 1, dash: "dot" } })),
    annotations: (layout.annotations ?? []).map((note) => ({
      ...note,
      bgcolor: note.bgcolor ?? background,
      font: { size: 11, color: text, ...note.font },
    })),
  };
}

async function draw(chart) {
  const content = chart.newest;
  const theme = themeOf(chart);
  // A tab that nobody looks at, and a figure that is drawn already, cost nothing.
  const drawing = content + JSON.stringify(theme);
  if (document.hidden || drawing === chart.drawing) return;
  const { traces, layout, height, plotly_url, words, name, label, save_as } = JSON.parse(content);
  // A finger that moves over a chart scrolls the page: a zoom is made with a mouse.
  if (matchMedia("(pointer: coarse)").matches) layout.dragmode = false;
  chart.style.height = `${height}px`;
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  const Plotly = await loadPlotly(plotly_url);
  // The newest figure wins where several wait for Plotly's first arrival, and is drawn once.
  if (chart.newest !== content || chart.drawing === drawing || !chart.isConnected) return;
  chart.drawing = drawing;
  Plotly.register({ moduleType: "locale", name: "here", dictionary: words, format: {} });
  const config = {
    locale: "here",
    displaylogo: false,
    showSendToCloud: false,
    displayModeBar: chart.clientWidth < NARROW ? false : "hover",
    responsive: true,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"], // saving has its own line, also where no toolbar is
  };
  await Plotly.react(chart, traces, themed(layout, theme), config);
  offerFiles(chart, Plotly, name, save_as);
}

// The buttons under a chart: it is saved as it is seen, zoom and theme included, by the browser itself.
function offerFiles(chart, Plotly, name, words) {
  const line = chart.parentElement.querySelector(".chart-files");
  line.firstElementChild.textContent = words;
  for (const format of line.children.length > 1 ? [] : ["png", "svg"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = format.toUpperCase();
    button.onclick = () => save(chart, Plotly, format, name);
    line.append(button);
  }
  line.hidden = false;
}

function save(chart, Plotly, format, name) {
  // Fonts of the page are not there in a file: with one of the page's a text would not fit its place.
  const font = { ...chart.layout.font, family: "sans-serif" };
  const layout = { ...chart.layout, font, paper_bgcolor: themeOf(chart).background, autosize: false };
  const size = { width: Math.max(chart.clientWidth, 800), height: chart.clientHeight };
  Plotly.downloadImage({ data: chart.data, layout }, { format, filename: name, ...size, scale: format === "png" ? 2 : 1 });
}

export default function (component) {
  const { data, parentElement } = component;
  const chart = parentElement.querySelector(".live-chart");
  chart.newest = decoder.decode(data);
  draw(chart);
  // One listener a chart, however often data arrive: of all the clean-ups that updates return,
  // Streamlit calls only the last.
  chart.onSeen ??= () => (chart.isConnected ? draw(chart) : leave(chart));
  document.addEventListener("visibilitychange", chart.onSeen);
  return () => {
    if (!chart.isConnected) leave(chart);
  };
}

function leave(chart) {
  document.removeEventListener("visibilitychange", chart.onSeen);
  window.Plotly?.purge(chart); // which else listens for the window's size for ever
  chart.drawing = null;
}
