// Five steps round the app, each beside the thing it is about. Offered once to each browser, which
// remembers it; a button brings it back.

const SEEN = "fmnist-tour-seen";
const GAP = 12; // CSS pixels between a thing and what is said of it

function seen() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return true; // a browser that keeps nothing would be asked at each visit
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "yes");
  } catch {
    // then it is offered again
  }
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export default function ({ data, parentElement }) {
  const steps = JSON.parse(data.steps);
  const begin = parentElement.querySelector(".fmnist-tour-begin");
  let box = null;
  let target = null;

  function end() {
    box?.remove();
    target?.classList.remove("fmnist-tour-target");
    removeEventListener("resize", place);
    removeEventListener("keydown", leave);
    box = target = null;
  }

  function skip() {
    remember();
    end();
    begin.focus();
  }

  function leave(event) {
    if (event.key === "Escape") skip();
  }

  // Under the thing if there is room, else above it; in a corner if it is not to be seen.
  function place() {
    const at = target?.getBoundingClientRect();
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const hidden = !at || at.width === 0 || at.right <= 0;
    const below = hidden || at.bottom + GAP + height <= innerHeight;
    const top = hidden ? innerHeight - height - GAP : below ? at.bottom + GAP : at.top - GAP - height;
    const left = hidden ? GAP : Math.min(at.left, innerWidth - width - GAP);
    box.style.top = `${Math.max(GAP, top)}px`;
    box.style.left = `${Math.max(GAP, left)}px`;
  }

  function show(number) {
    end();
    const step = steps[number];
    target = document.querySelector(step.selector);
    target?.classList.add("fmnist-tour-target");
    target?.scrollIntoView({ block: "center", behavior: "instant" });
    const last = number === steps.length - 1;
    const button = (text, onclick) => make("button", { type: "button", textContent: text, onclick });
    const next = button(last ? "Done" : "Next", () => (last ? skip() : show(number + 1)));
    box = make("div", { className: "fmnist-tour" },
      make("p", { id: "fmnist-tour-words", textContent: step.words }),
      make("p", { className: "count", textContent: `${number + 1} of ${steps.length}` }),
      ...(last ? [] : [button("Skip", skip)]),
      ...(number ? [button("Back", () => show(number - 1))] : []),
      next);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-labelledby", "fmnist-tour-words");
    document.body.append(box);
    addEventListener("resize", place);
    addEventListener("keydown", leave);
    place();
    next.focus({ preventScroll: true });
  }

  begin.onclick = () => show(0);
  begin.textContent = seen() ? "Show me round again" : "New here? Show me round, in five steps";
  return end;
}
