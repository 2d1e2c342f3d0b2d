// A photo with the outline of what was found in it. A tap adds or takes away a part; a drag draws a
// box around the item. By finger a drag scrolls the page, so that a button turns it into drawing.

const FAR = 6; // CSS pixels from which on a tap is a drag

function place(event, photo) {
  const frame = photo.getBoundingClientRect();
  const within = (value, size) => Math.min(1, Math.max(0, value / size));
  return [
    within(event.clientX - frame.left, frame.width),
    within(event.clientY - frame.top, frame.height),
  ];
}

function show(box, [x, y], [u, v]) {
  box.hidden = false;
  box.style.left = `${100 * Math.min(x, u)}%`;
  box.style.top = `${100 * Math.min(y, v)}%`;
  box.style.width = `${100 * Math.abs(x - u)}%`;
  box.style.height = `${100 * Math.abs(y - v)}%`;
}

function listen(photo, box, button, report) {
  let start = null;
  const isFar = (event) => Math.hypot(event.clientX - start.x, event.clientY - start.y) > FAR;
  photo.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    start = { x: event.clientX, y: event.clientY, at: place(event, photo) };
    photo.setPointerCapture(event.pointerId);
  };
  photo.onpointermove = (event) => {
    if (start && isFar(event)) show(box, start.at, place(event, photo));
  };
  photo.onpointerup = (event) => {
    if (!start) return;
    const [end, dragged] = [place(event, photo), isFar(event)];
    const from = start.at;
    start = null;
    if (!dragged) report({ tap: end });
    else report({ box: [from, end] });
    draws(false);
  };
  photo.onpointercancel = () => {
    start = null; // the page scrolls instead
    box.hidden = true;
  };
  const draws = (on) => {
    photo.classList.toggle("draws", on);
    button.setAttribute("aria-pressed", on);
  };
  button.onclick = () => draws(!photo.classList.contains("draws"));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const photo = parentElement.querySelector(".photo");
  const [picture, outline] = photo.querySelectorAll("img");
  const box = photo.querySelector(".box");
  picture.src = data.picture;
  picture.alt = data.description;
  outline.hidden = !data.outline;
  if (data.outline) outline.src = data.outline;
  box.hidden = !data.box;
  if (data.box) show(box, data.box.slice(0, 2), data.box.slice(2));
  listen(photo, box, parentElement.querySelector("button"), (gesture) =>
    setTriggerValue("gesture", gesture),
  );
}
