// Stands beside the drawing canvas and helps it in three ways: a stroke is reported when the pen is
// lifted, without the canvas's own delay, the toolbar stays in sight, also where nothing hovers, and
// Ctrl+Z takes a stroke back.

const STYLE = `
  .dc-root > .dc-toolbar { opacity: 1 !important; top: -2.65rem !important; transition: none; }
  .dc-icon-button { padding: 0.4rem; }
  .dc-icon-button svg { width: 1.1rem; height: 1.1rem; }
  .dc-toolbar-card > button:first-child { display: none; }
  .dc-root { touch-action: none; }
`;

function findCanvas() {
  for (const element of document.querySelectorAll(".st-key-canvas-frame *")) {
    const root = element.shadowRoot?.querySelector(".dc-root");
    if (root) return root;
  }
  return null;
}

function isField(element) {
  return element.isContentEditable || ["INPUT", "TEXTAREA"].includes(element.tagName);
}

function attach(root, state) {
  const style = document.createElement("style");
  style.textContent = STYLE;
  root.prepend(style);

  let drawing = false;
  const down = (event) => {
    drawing = event.target.closest("canvas") !== null;
  };
  const up = () => {
    if (!drawing || state.polygon) return;
    drawing = false;
    // The first button of the toolbar sends the drawing at once. The canvas itself has to note the
    // stroke first, which it does when this event is over.
    setTimeout(() => root.querySelector(".dc-toolbar-card > button")?.click(), 0);
  };
  root.addEventListener("mousedown", down, true);
  root.addEventListener("touchstart", down, true);
  window.addEventListener("mouseup", up);
  window.addEventListener("touchend", up);
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isField(event.target)) return;
    if (!root.getClientRects().length) return; // out of sight
    const letter = event.key.toLowerCase();
    const back = letter === "z" && !event.shiftKey;
    if (!back && letter !== "y" && letter !== "z") return;
    event.preventDefault();
    root.querySelector(`[title="${back ? "Undo" : "Redo"}"]`)?.click();
  };
  window.addEventListener("keydown", keys);
  return () => {
    window.removeEventListener("keydown", keys);
    window.removeEventListener("mouseup", up);
    window.removeEventListener("touchend", up);
    root.removeEventListener("mousedown", down, true);
    root.removeEventListener("touchstart", down, true);
    style.remove();
  };
}

export default function (component) {
  const { data, parentElement } = component;
  const state = (parentElement.penState ??= { root: null, detach: null, timer: null });
  state.polygon = data.polygon;
  const look = () => {
    const root = findCanvas();
    if (root !== state.root) {
      state.detach?.();
      state.root = root;
      state.detach = root ? attach(root, state) : null;
    }
  };
  look();
  state.timer ??= setInterval(look, 250); // the canvas may come later, or be built anew
  return () => {
    if (parentElement.isConnected) return; // a call that a later one has overtaken
    clearInterval(state.timer);
    state.detach?.();
    Object.assign(state, { root: null, detach: null, timer: null });
  };
}
