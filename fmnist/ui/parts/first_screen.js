// Tells the server once the browser has drawn the top of a page, its plots included.

const PATIENCE = 2000; // milliseconds; the rest of the page is not kept back for a plot that fails

// One that only loads Plotly ahead.
function isEmpty(plot) {
  return plot.wanted && !plot.wanted.figure;
}

export default function ({ setTriggerValue }) {
  const began = performance.now();
  let next = setTimeout(look);

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
    setTriggerValue("drawn", true);
  }

  return () => clearTimeout(next);
}
