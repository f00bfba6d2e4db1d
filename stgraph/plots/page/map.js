/* The map: sensors and edges on a canvas, which pans and zooms ten thousand of them without a stutter. */

const canvas = part("map");
const pen = canvas.getContext("2d");
const size = { width: 0, height: 0 };
const view = { scale: 1, left: 0, top: 0, least: 1 };  /* pixels = left + scale * x, top - scale * y */
const across = new Float32Array(count);  /* where each sensor is on the screen */
const down = new Float32Array(count);
const BEND = 0.1;  /* of its length */
const PAIRS = 40;  /* ends of edges in a path */
let asked = 0;

function redraw() {
  asked ||= requestAnimationFrame(drawMap);
}

function radius() {
  const apart = Math.sqrt((size.width * size.height) / count);
  return Math.min(Math.max(0.13 * apart, 2), 6) * Math.min((view.scale / view.least) ** 0.35, 2);
}

function drawMap() {
  asked = 0;
  const fine = document.documentElement.classList.contains("print") ? 3 : window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(size.width * fine), Math.round(size.height * fine)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  pen.setTransform(fine, 0, 0, fine, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  for (let n = 0; n < count; n++) {
    across[n] = view.left + view.scale * data.x[n];
    down[n] = view.top - view.scale * data.y[n];
  }
  const r = radius();
  drawEdges(r);
  drawSensors(r);
  if (state.sensor !== null) drawChosen(state.sensor, r);
  drawScaleBar();
}

/* An edge bends to its right, so that two ways between two sensors are both seen, and ends in an arrow where there is
   room for one. */
function drawEdges(r) {
  data.edges.forEach((pairs, strength) => drawPairs(pairs, r, theme.edges[strength], 1.1));
  if (state.sensor === null) return;
  const own = [];
  for (const pairs of data.edges) {
    for (let k = 0; k < pairs.length; k += 2) {
      if (pairs[k] === state.sensor || pairs[k + 1] === state.sensor) own.push(pairs[k], pairs[k + 1]);
    }
  }
  drawPairs(own, r, theme.ink, 1.6);
}

/* One path of many lines that cross each other takes minutes, and each its own takes long: a few at a time. */
function drawPairs(pairs, r, colour, width) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = width;
  for (let first = 0; first < pairs.length; first += PAIRS) {
    const lines = new Path2D(), arrows = new Path2D();
    const last = Math.min(first + PAIRS, pairs.length);
    for (let k = first; k < last; k += 2) addEdge(lines, arrows, pairs[k], pairs[k + 1], r);
    pen.stroke(lines);
    pen.fill(arrows);
  }
}

function addEdge(lines, arrows, from, to, r) {
  const x = across[from], y = down[from], u = across[to], v = down[to];
  if (Math.max(x, u) < 0 || Math.min(x, u) > size.width || Math.max(y, v) < 0 || Math.min(y, v) > size.height) return;
  const length = Math.hypot(u - x, v - y);
  if (length < 2) return;
  const bendX = (x + u) / 2 - BEND * (v - y), bendY = (y + v) / 2 + BEND * (u - x);
  lines.moveTo(x, y);
  lines.quadraticCurveTo(bendX, bendY, u, v);
  const room = length - 2 * r;
  if (room < 12) return;
  const head = Math.min(room / 3, 7), way = Math.hypot(u - bendX, v - bendY);
  const dx = (u - bendX) / way, dy = (v - bendY) / way;
  const tipX = u - dx * (r + 1), tipY = v - dy * (r + 1), endX = tipX - dx * head, endY = tipY - dy * head;
  arrows.moveTo(tipX, tipY);
  arrows.lineTo(endX - dy * head * 0.36, endY + dx * head * 0.36);
  arrows.lineTo(endX + dy * head * 0.36, endY - dx * head * 0.36);
}

/* One path a colour, the usual ones first, so that what calls for attention lies on top. */
function drawSensors(r) {
  const { values, silent } = channel();
  const levels = Array.from({ length: LEVELS }, () => []);
  for (let n = 0; n < count; n++) {
    const inside = across[n] > -r && across[n] < size.width + r && down[n] > -r && down[n] < size.height + r;
    if (inside) levels[level(values[n][state.lead])].push(n);
  }
  levels.forEach((sensors, k) => {
    drawDots(sensors.filter((n) => !silent[n]), r, theme.levels[k], theme.paper, Math.min(1, r / 4));
    drawDots(sensors.filter((n) => silent[n]), r - 0.5, theme.paper, theme.levels[k], Math.max(1.5, r / 3));
  });
}

function drawDots(sensors, r, fill, line, width) {
  if (!sensors.length) return;
  pen.beginPath();
  for (const n of sensors) {
    pen.moveTo(across[n] + r, down[n]);
    pen.arc(across[n], down[n], r, 0, 7);
  }
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = line;
  pen.lineWidth = width;
  pen.stroke();
}

function drawChosen(n, r) {
  const fill = theme.levels[level(channel().values[n][state.lead])];
  if (channel().silent[n]) drawDots([n], r + 1, theme.paper, fill, Math.max(2, r / 3));
  else drawDots([n], r + 1, fill, theme.paper, 1.5);
  drawDots([n], r + 4.5, "transparent", theme.ink, 2);
  const room = across[n] < size.width - 160;
  const [beside, align] = room ? [r + 10, "left"] : [-r - 10, "right"];
  write(data.sensors[n], across[n] + beside, down[n] + 4.5, theme.ink, "600 13px", align);
}

function drawScaleBar() {
  if (!data.metres) return;
  const most = (110 / view.scale) * data.metres;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = Math.max(...[1, 2, 5].map((k) => k * power).filter((metres) => metres <= most));
  const right = size.width - 16, bottom = size.height - 18, long = (length / data.metres) * view.scale;
  pen.fillStyle = theme.grey;
  pen.fillRect(right - long, bottom, long, 2);
  const text = length < 1000 ? `${length} m` : `${(length / 1000).toLocaleString("en")} km`;
  write(text, right - long / 2, bottom - 7, theme.grey, "12px", "center");
}

function write(text, x, y, colour, font, align) {
  pen.font = `${font} system-ui, sans-serif`;
  pen.textAlign = align;
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = theme.paper;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

/* All sensors, in the larger of the two places that the legend leaves free: beside it or above it. */
function showWhole() {
  const { offsetLeft, offsetTop, offsetWidth } = document.querySelector(".legend");
  const edge = 28, buttons = 64;
  const beside = { left: offsetLeft + offsetWidth + edge, bottom: size.height - edge };
  const above = { left: edge, bottom: Math.min(offsetTop, size.height) - edge };
  const [east, north] = [data.x, data.y].map((all) => all.reduce((most, one) => Math.max(most, one), 1));
  const fit = ({ left, bottom }) => Math.min((size.width - buttons - left) / east, (bottom - edge) / north);
  const best = fit(beside) > fit(above) ? beside : above;
  view.scale = view.least = Math.max(fit(best), 1e-4);
  view.left = (best.left + size.width - buttons - view.scale * east) / 2;
  view.top = (edge + best.bottom + view.scale * north) / 2;
  redraw();
}

function zoom(factor, x = size.width / 2, y = size.height / 2) {
  const bounded = Math.min(Math.max(view.scale * factor, view.least / 2), view.least * 400) / view.scale;
  view.scale *= bounded;
  view.left = x + (view.left - x) * bounded;
  view.top = y + (view.top - y) * bounded;
  redraw();
}

function pan(x, y) {
  view.left += x;
  view.top += y;
  redraw();
}

/* All sensors at the place that is nearest to a point of the screen, if it is within reach. */
function sensorsAt(x, y, reach) {
  let nearest = -1, least = reach * reach;
  for (let n = 0; n < count; n++) {
    const apart = (across[n] - x) ** 2 + (down[n] - y) ** 2;
    if (apart < least) [nearest, least] = [n, apart];
  }
  if (nearest < 0) return [];
  const here = (n) => Math.hypot(across[n] - across[nearest], down[n] - down[nearest]) < 1;
  return Array.from(across.keys()).filter(here);
}

/* The nearest sensor in a direction, where sideways counts twice; the same one where there is none. */
function nextSensor(from, right, downward) {
  let nearest = from, least = Infinity;
  for (let n = 0; n < count; n++) {
    const x = across[n] - across[from], y = down[n] - down[from];
    const along = x * right + y * downward, aside = Math.abs(x * downward - y * right);
    if (along > 0 && along + 2 * aside < least) [nearest, least] = [n, along + 2 * aside];
  }
  return nearest;
}

function bringIntoView(n) {
  const x = view.left + view.scale * data.x[n], y = view.top - view.scale * data.y[n];
  if (x < 0 || y < 0 || x > size.width || y > size.height) pan(size.width / 2 - x, size.height / 2 - y);
}

new ResizeObserver(() => {
  const { clientWidth, clientHeight } = canvas;
  const first = !size.width;
  view.left += (clientWidth - size.width) / 2;
  view.top += (clientHeight - size.height) / 2;
  [size.width, size.height] = [clientWidth, clientHeight];
  if (first) showWhole();
  drawMap();
}).observe(canvas);
