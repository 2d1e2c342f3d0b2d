// Small square pictures in a grid that wraps. All come in one PNG strip; each is drawn into a
// canvas of its own once the strip is decoded, so that an update never flickers.

function tile(label, side) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.setAttribute("role", "img");
  const caption = document.createElement("figcaption");
  figure.append(canvas, caption);
  return figure;
}

export default async function (component) {
  const { data, parentElement } = component;
  const grid = parentElement.querySelector(".fmnist-tiles");
  const labels = JSON.parse(data.labels);
  grid.wanted = data;
  const bytes = Uint8Array.from(atob(data.png), (character) => character.charCodeAt(0));
  const strip = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  if (grid.wanted !== data) return;

  while (grid.children.length > labels.length) grid.lastChild.remove();
  while (grid.children.length < labels.length) grid.append(tile("", data.side));
  labels.forEach((label, index) => {
    const [canvas, caption] = grid.children[index].children;
    canvas.setAttribute("aria-label", label);
    caption.textContent = data.captions ? label : "";
    const context = canvas.getContext("2d");
    context.drawImage(strip, index * data.side, 0, data.side, data.side, 0, 0, data.side, data.side);
  });
  grid.style.setProperty("--columns", data.columns);
  grid.style.setProperty("--narrow-columns", data.narrow_columns);
  grid.dataset.updates = Number(grid.dataset.updates ?? 0) + 1;
}
