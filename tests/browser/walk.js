// What a person could do on the page as it stands, and how the page is.

window.print = () => {}; // it would wait for a printer
window.walk = (() => {
  const KINDS = {
    press: "button, [role=tab], [role=radio], [role=option], [role=menuitem], summary",
    toggle: "label:has(input[type=checkbox]), label:has(input[type=radio])",
    follow: "a[href]",
    type: "input:is([type=text], [type=number], :not([type])), textarea",
    slide: "[role=slider], input[type=range]",
    draw: "canvas.upper-canvas",
    point: ".fmnist-plot",
    upload: "input[type=file]",
  };
  const DISABLED = "[disabled], [aria-disabled=true], [inert] *, :has(> [disabled])";

  function roots(root = document) {
    const inner = [...root.querySelectorAll("*")].filter((each) => each.shadowRoot);
    return [root, ...inner.flatMap((each) => roots(each.shadowRoot))];
  }

  function find(selector) {
    return roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  }

  function usable(element, kind) {
    if (element.matches(DISABLED)) return false;
    if (kind === "upload") return true; // it is hidden behind a button
    if (kind === "follow" && new URL(element.href).origin !== location.origin) return false;
    const box = element.getBoundingClientRect();
    return box.width > 3 && box.height > 3 && element.checkVisibility({ visibilityProperty: true });
  }

  function name(element) {
    const label = element.getAttribute("aria-label") ?? element.innerText ?? "";
    const own = element.closest("[class*=st-key-]")?.className.match(/st-key-([\w-]+)/)?.[1];
    return `${element.tagName.toLowerCase()} ${JSON.stringify(label.slice(0, 60))} ${own ?? ""}`;
  }

  let choices = [];

  // How many elements there are of each kind; they are kept until the next call.
  function look() {
    choices = {};
    for (const [kind, selector] of Object.entries(KINDS)) {
      const found = find(selector).filter((element) => usable(element, kind));
      if (found.length) choices[kind] = found;
    }
    return Object.fromEntries(Object.entries(choices).map(([kind, all]) => [kind, all.length]));
  }

  // Bring one of them onto the screen; its name and box, null if something else lies on top.
  function take(kind, index) {
    const element = choices[kind][index];
    if (!element.isConnected) return { name: name(element), free: false }; // replaced meanwhile
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const top = element.getRootNode().elementFromPoint(x, y);
    const free = top !== null && (element.contains(top) || top.contains(element));
    return { name: name(element), free, x: box.x, y: box.y, width: box.width, height: box.height };
  }

  function texts(selector) {
    return find(selector).map((element) => element.innerText.slice(0, 300));
  }

  // How the page is once what was done has reached the screen.
  async function state() {
    await new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
      setTimeout(resolve, 100); // a page in the background gets no frames
    });
    const root = document.documentElement; // none for a moment while another page comes
    const app = document.querySelector("[data-testid=stApp]");
    return {
      script: app?.dataset.testScriptState ?? null,
      connection: app?.dataset.testConnectionState ?? null,
      heading: document.querySelector(".stMain h1")?.innerText ?? null,
      exceptions: texts("[data-testid=stException]"),
      errors: texts("[data-testid=stAlertContentError]"),
      dialogs: texts("[data-testid=stDialog], [role=dialog][aria-modal=true]"),
      overflow: root ? root.scrollWidth - root.clientWidth : 0,
    };
  }

  return { look, take, state, element: (kind, index) => choices[kind][index] };
})();
