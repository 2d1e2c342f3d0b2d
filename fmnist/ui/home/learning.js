// Plays ten pictures' answers over the epochs, again and again, until somebody pauses it. Who has
// asked their system for less motion sees the last epoch at rest, and may press Play.

const STEP = 650; // milliseconds an epoch stays
const REST = 2600; // and the last one
const TEN = 10;

function picture(strip, index, link) {
  const side = strip.height;
  const place = document.createElement("a");
  place.href = link;
  place.target = "_self";
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.getContext("2d").drawImage(strip, index * side, 0, side, side, 0, 0, side, side);
  const answer = document.createElement("span");
  answer.className = "answer";
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.append(document.createElement("span"));
  place.append(canvas, answer, bar);
  return place;
}

export default async function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".fmnist-learning");
  if (root.strip === data.strip) return; // the same again: it goes on playing
  root.strip = data.strip;
  root.stop?.();
  const bytes = Uint8Array.from(atob(data.strip), (character) => character.charCodeAt(0));
  const strip = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  if (root.strip !== data.strip) return;
  const { names, epochs, labels, links, answers, shares } = JSON.parse(data.content);
  const [grid, line] = [root.querySelector(".pictures"), root.querySelector(".line")];
  const play = line.querySelector(".play");
  const last = epochs.length - 1;
  let first = 0; // of the ten that are shown
  let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let now = playing ? 0 : last;
  let timer;

  function others() {
    const numbers = Array.from({ length: TEN }, (_, number) => first + number);
    grid.replaceChildren(...numbers.map((index) => picture(strip, index, links[index])));
    draw();
  }

  function draw() {
    let right = 0;
    [...grid.children].forEach((place, number) => {
      const index = first + number;
      const answer = answers[now][index];
      const isRight = answer === labels[index];
      right += isRight;
      place.className = isRight ? "is-right" : "is-wrong";
      place.querySelector(".answer").textContent = names[answer];
      place.querySelector(".bar span").style.width = `${shares[now][index]}%`;
      place.setAttribute("aria-label",
        `A picture of the class ${names[labels[index]]}, called ${names[answer]}: open it on Predict`);
    });
    line.querySelector(".epoch").textContent =
      now === 0 ? "Before training" : `After epoch ${epochs[now]} of ${epochs[last]}`;
    line.querySelector(".right").textContent = `${right} of ${TEN} right`;
    line.querySelector(".done").style.width = `${(100 * now) / last}%`;
    play.textContent = playing ? "Pause" : "Play";
    root.dataset.epoch = epochs[now];
  }

  function wait() {
    clearTimeout(timer);
    if (playing) timer = setTimeout(step, now === last ? REST : STEP);
  }

  function step() {
    if (!document.hidden) {
      now = now === last ? 0 : now + 1;
      draw();
    }
    wait();
  }

  play.onclick = () => {
    playing = !playing;
    if (playing && now === last) now = 0;
    draw();
    wait();
  };
  line.querySelector(".others").onclick = () => {
    first = (first + TEN) % labels.length;
    now = 0;
    others();
    wait();
  };
  root.stop = () => clearTimeout(timer);
  others();
  wait();
}
