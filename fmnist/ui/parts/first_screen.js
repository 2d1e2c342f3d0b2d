// Tells the server once the browser has drawn the top of a page, its plots included.

const PATIENCE = 2000; // milliseconds; the rest of the page is not kept back for a plot that fails

// While a script runs: the end of this one, or a click's, which takes this element off the page.
// To tell then would have the page run once more, in the way of what is pressed next.
function isRunning() {
  const app = document.querySelector("[data-test-script-state]");
  return app !== null && app.dataset.testScriptState !== "notRunning";
}

// One that only loads Plotly ahead.
function isEmpty(plot) {
  return plot.wanted && !plot.wanted.figure;
}

export default function ({ setTriggerValue }) {
  const began = performance.now();
  let next = setTimeout(look);
  let over = false; // told, or taken away: of the two timers at the end one may still go off

  function look() {
    const plots = [...document.querySelectorAll(".fmnist-plot")];
    const drawn = plots.every((plot) => plot.querySelector(".main-svg") || isEmpty(plot));
    if (!drawn && performance.now() - began < PATIENCE) {
      next = setTimeout(look, 20);
      return;
    }
    requestAnimationFrame(() => (next = setTimeout(tell))); // the frame is painted in between
    next = setTimeout(tell, 100); // a page in the background gets no frames
  }

  function tell() {
    clearTimeout(next);
    if (over) return;
    over = !isRunning();
    if (over) setTriggerValue("drawn", true);
    else next = setTimeout(tell, 30);
  }

  return () => {
    over = true;
    clearTimeout(next);
  };
}
