/* The hand on the map: drag, wheel, pinch, hover, click, keys. */

const fingers = new Map();
const tip = part("tip");
let dragged = false;

const reach = (event) => radius() + (event.pointerType === "touch" ? 16 : 5);

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  if (!fingers.size) dragged = false;
  fingers.set(event.pointerId, event);
});

canvas.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) {
    hover(event);
    return;
  }
  const others = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
  if (others.length) pinch(before, event, others[0]);
  else drag(before, event);
});

function drag(before, event) {
  const [x, y] = [event.offsetX - before.offsetX, event.offsetY - before.offsetY];
  if (!dragged && Math.hypot(x, y) < 4) return;
  dragged = true;
  canvas.classList.add("moving");
  tip.hidden = true;
  fingers.set(event.pointerId, event);
  pan(x, y);
}

function pinch(before, event, other) {
  dragged = true;
  const apart = (finger) => Math.max(Math.hypot(finger.offsetX - other.offsetX, finger.offsetY - other.offsetY), 1);
  fingers.set(event.pointerId, event);
  zoom(apart(event) / apart(before), (event.offsetX + other.offsetX) / 2, (event.offsetY + other.offsetY) / 2);
  pan((event.offsetX - before.offsetX) / 2, (event.offsetY - before.offsetY) / 2);
}

/* A click goes on to the next sensor where several stand at one place. */
canvas.addEventListener("pointerup", (event) => {
  if (!dragged && fingers.has(event.pointerId)) {
    const here = sensorsAt(event.offsetX, event.offsetY, reach(event));
    choose(here.length ? here[(here.indexOf(state.sensor) + 1) % here.length] : null);
  }
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    canvas.classList.remove("moving");
  });
}

canvas.addEventListener("pointerleave", () => {
  tip.hidden = true;
});

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode ? 30 : 1);
  zoom(Math.exp(-0.0016 * pixels), event.offsetX, event.offsetY);
}, { passive: false });

function hover(event) {
  const here = sensorsAt(event.offsetX, event.offsetY, reach(event));
  canvas.classList.toggle("on-sensor", here.length > 0);
  tip.hidden = !here.length;
  if (!here.length) return;
  const [n] = here;
  const more = here.length > 1 ? ` (and ${here.length - 1} more here)` : "";
  tip.firstChild.textContent = data.sensors[n] + more;
  tip.lastChild.textContent = said(n);
  const left = Math.min(Math.max(across[n] - tip.offsetWidth / 2, 4), size.width - tip.offsetWidth - 4);
  const above = down[n] - tip.offsetHeight - radius() - 8;
  tip.style.transform = `translate(${left}px, ${above > 4 ? above : down[n] + radius() + 8}px)`;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = {
  "+": () => zoom(1.5),
  "=": () => zoom(1.5),
  "-": () => zoom(1 / 1.5),
  "0": showWhole,
  "Escape": () => choose(null),
  "Enter": () => choose(state.sensor ?? middle()),
  " ": () => choose(state.sensor ?? middle()),
};

const middle = () => sensorsAt(size.width / 2, size.height / 2, Infinity)[0];

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const way = ARROWS[event.key];
  if (!way && !KEYS[event.key]) return;
  event.preventDefault();
  if (way) choose(state.sensor === null ? middle() : nextSensor(state.sensor, ...way));
  else KEYS[event.key]();
});

part("nearer").addEventListener("click", () => zoom(1.6));
part("farther").addEventListener("click", () => zoom(1 / 1.6));
part("whole").addEventListener("click", showWhole);
