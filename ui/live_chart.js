// A Plotly chart that is updated in place: a zoom made by the visitor stays while data arrives.

const waiting = {};

function loadPlotly(url) {
  // Once per browser tab, whatever number of charts and reruns there is.
  waiting[url] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    document.head.appendChild(script);
  });
  return waiting[url];
}

function themed(layout, host) {
  const style = getComputedStyle(host);
  const colour = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = colour("text-color");
  const grid = colour("border-color-light") || colour("border-color");
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: text, family: colour("font") || "sans-serif", size: 13 },
    hoverlabel: { bgcolor: colour("secondary-background-color"), bordercolor: grid, font: { color: text } },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    shapes: (layout.shapes ?? []).map((shape) => ({ ...shape, line: { color: text, width: 1, dash: "dot" } })),
    annotations: (layout.annotations ?? []).map((note) => ({ ...note, font: { size: 11, color: text } })),
  };
}

export default async function (component) {
  const { data, parentElement } = component;
  const chart = parentElement.querySelector(".live-chart");
  chart.style.height = `${data.height}px`;
  // The newest data wins where several ticks wait for Plotly's first arrival.
  chart.newest = data;
  const Plotly = await loadPlotly(data.plotly_url);
  if (chart.newest !== data || !chart.isConnected) return;
  const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };
  await Plotly.react(chart, data.traces, themed(data.layout, chart), config);
}
