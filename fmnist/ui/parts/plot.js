// One Plotly figure that is updated in place. The Python side sends the figure as JSON text; this
// side calls Plotly.react with a constant uirevision, so that zoom, hover and hidden traces stay.

let library = null; // promise of the Plotly that the server serves, shared by all plots
let turn = Promise.resolve(); // settled once every plot that was begun stands

// New plots are drawn one by one, in the order of the page, and each is shown before the next is
// begun: drawn in one go, the first would not appear before the last is finished.
function inTurn(work) {
  const mine = turn.then(work);
  turn = mine.catch(() => {}).then(shown);
  return mine;
}

function shown() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve)); // the frame is painted in between
    setTimeout(resolve, 100); // a page in the background gets no frames
  });
}

function loadPlotly(path) {
  // The page's own scripts tell where the app is served, whatever proxy or base path is in front.
  const own = document.querySelector('script[src*="static/js/"]');
  const root = own ? new URL("../../", own.src) : new URL("/", document.baseURI);
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(path, root);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = null;
      reject(new Error("Plotly could not be loaded."));
    };
    document.head.appendChild(script);
  });
  return library;
}

function withPageColors(text, element) {
  const style = getComputedStyle(element);
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}

function count(element, name) {
  element.dataset[name] = Number(element.dataset[name] ?? 0) + 1;
  const total = (window.fmnistPlots ??= { plotsCreated: 0, updates: 0 });
  total[name] += 1;
}

function describeClick(event) {
  const point = event.points[0];
  return {
    curve_number: point.curveNumber,
    point_number: point.pointNumber ?? point.pointIndex,
    x: point.x ?? null,
    y: point.y ?? null,
    z: point.z ?? null,
    customdata: point.customdata ?? null,
  };
}

// Plotly keeps a zoom over Plotly.react only as long as the figure's own range stays the same, and
// the range of a running curve does not. So what a person zoomed is remembered here.
function rememberZoom(element, change) {
  for (const key of Object.keys(change)) {
    const axis = key.match(/^([xy]axis\d*)\.(?:auto)?range/)?.[1];
    if (!axis) continue;
    if (element.resetting || key.endsWith("autorange")) delete element.zoomed[axis];
    else element.zoomed[axis] = [...element.layout[axis].range];
  }
  element.resetting = false;
}

async function draw(Plotly, element, component) {
  const { data, parentElement } = component;
  if (element.wanted !== data || !element.isConnected || !data.figure) return;

  const text = withPageColors(data.figure, parentElement);
  if (element.shown === text) return;
  element.shown = text;
  element.setAttribute("role", "group"); // no image: entries of a legend can be pressed
  element.setAttribute("aria-label", data.words || "A chart");
  const figure = JSON.parse(text);
  figure.layout.uirevision ??= data.key;
  figure.layout.autosize = true;
  figure.layout.height = data.height;
  figure.layout.font.family = getComputedStyle(parentElement).fontFamily;
  const config = { displaylogo: false, displayModeBar: data.modebar ? "hover" : false,
    scrollZoom: false, doubleClick: "reset+autosize",
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d"] };

  if (!element.cleanUp) {
    count(element, "plotsCreated");
    await inTurn(() => Plotly.newPlot(element, figure.data, figure.layout, config));
    if (!element.isConnected) {
      element.shown = null; // gone while it waited
      return Plotly.purge(element);
    }
    element.zoomed = {};
    element.on("plotly_doubleclick", () => (element.resetting = true)); // comes before its relayout
    element.on("plotly_relayout", (change) => rememberZoom(element, change));
    if (data.clickable) element.on("plotly_click", (event) => element.report(event));
    const observer = new ResizeObserver(() => {
      if (element.isConnected && element.clientWidth > 0) Plotly.Plots.resize(element);
    });
    observer.observe(element);
    element.cleanUp = () => {
      observer.disconnect();
      Plotly.purge(element);
      element.cleanUp = element.shown = null;
    };
  } else {
    count(element, "updates");
    for (const [axis, range] of Object.entries(element.zoomed))
      Object.assign((figure.layout[axis] ??= {}), { range: [...range], autorange: false });
    await Plotly.react(element, figure.data, figure.layout, config);
  }
}

export default async function (component) {
  const { data, parentElement } = component;
  const element = parentElement.querySelector(".fmnist-plot");
  element.style.height = `${data.height}px`;
  element.wanted = data; // a later call may overtake this one while the library loads
  element.report = (event) => component.setTriggerValue("click", describeClick(event));
  const Plotly = await loadPlotly(data.library);
  // One drawing at a time: on a busy computer the next figure comes before the last one stands.
  const before = element.drawing?.catch(() => {});
  element.drawing = Promise.resolve(before).then(() => draw(Plotly, element, component));
  await element.drawing;
  // Streamlit also cleans up after a call that a later one has overtaken, once it is over: what the
  // later call has drawn by then must stay. Only an element that has left the page is cleaned up.
  return () => element.isConnected || element.cleanUp?.();
}
