/* One sensor: what was measured, what is forecast, as a line chart and as a table. */

const chart = part("chart");
const BOX = { left: 42, right: 352, top: 20, bottom: 180 };
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];

const stepX = (BOX.right - BOX.left) / Math.max(data.times.length - 1, 1);
const chartX = (k) => BOX.left + k * stepX;
const dot = (value) => value.toFixed(1);

function drawChart(n) {
  const { measured, values, lower, upper, unit, name } = channel();
  const known = measured[n][past - 1];
  const joined = known === null ? [] : [known];  /* the forecast goes on from the last measured value */
  const begin = past - joined.length;
  const bounds = lower ? [[...joined, ...lower[n]], [...joined, ...upper[n]]] : [];
  const seen = measured[n].filter((value) => value !== null);
  const { low, high, step } = valueAxis([...seen, ...values[n], ...bounds.flat()]);
  const y = (value) => BOX.bottom - ((value - low) / (high - low)) * (BOX.bottom - BOX.top);
  const path = (line, first) => line.map((value, k) => point(line, k, first, y)).join("");
  const band = ([under, over]) =>
    `M${[...under.map((v, k) => [begin + k, v]), ...over.map((v, k) => [begin + k, v]).reverse()]
      .map(([k, v]) => `${dot(chartX(k))} ${dot(y(v))}`).join("L")}Z`;
  const issued = chartX(past - 1), lead = chartX(past + state.lead);
  const grid = roundNumbers(low, high, step).map((value) =>
    `<line class="grid" x1="${BOX.left}" x2="${BOX.right}" y1="${dot(y(value))}" y2="${dot(y(value))}"/>
     <text x="${BOX.left - 6}" y="${dot(y(value) + 4)}" text-anchor="end">${short(value, step)}</text>`);
  chart.innerHTML = `
    <rect class="after" x="${issued}" y="${BOX.top}" width="${BOX.right - issued}" height="${BOX.bottom - BOX.top}"/>
    ${grid.join("")}${timeAxis()}
    <line class="lead" x1="${lead}" x2="${lead}" y1="${BOX.top}" y2="${BOX.bottom}"/>
    ${bounds.length ? `<path class="band" d="${band(bounds)}"/>` : ""}
    <path class="measured" d="${path(measured[n], 0)}"/>
    <path class="forecast" d="${path([...joined, ...values[n]], begin)}"/>
    <circle cx="${lead}" cy="${dot(y(values[n][state.lead]))}" r="5"/>
    <text class="unit" x="${BOX.left}" y="11"></text>`;
  chart.querySelector(".unit").textContent = unit ? `${name} [${unit}]` : name;
  const until = `measured until ${clock(data.issued)}, then forecast`;
  chart.setAttribute("aria-label", `${name} of ${data.sensors[n]}: ${until}`);
}

/* A hole is a gap; a lone value between two holes is a dot. */
function point(line, k, first, y) {
  if (line[k] === null) return "";
  const place = `${dot(chartX(first + k))} ${dot(y(line[k]))}`;
  return k && line[k - 1] !== null ? `L${place}` : `M${place}h0`;
}

/* Round numbers around the values, and not so near that noise looks like news. */
function valueAxis(values) {
  const scale = channel().high - channel().low;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spare = Math.max(0, 0.4 * scale - (most - least)) / 2;
  const rough = (most - least + 2 * spare) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].find((k) => k * power >= rough) * power, 10 ** -channel().digits);
  const floor = least >= 0 ? Math.max(least - spare, 0) : least - spare;
  return { low: Math.floor(floor / step) * step, high: Math.ceil((most + spare) / step) * step, step };
}

function timeAxis() {
  const chosen = timeTicks();
  const label = (k, y, text) => `<text x="${dot(chartX(k))}" y="${y}" text-anchor="middle">${text}</text>`;
  return chosen.map((k, place) => {
    const today = day(data.times[k]);
    const newDay = !place || today !== day(data.times[chosen[place - 1]]);
    return label(k, 196, clock(data.times[k])) + (newDay ? label(k, 210, today) : "");
  }).join("");
}

/* Steps at round minutes of the clock, at most six; without such the first, the issue and the last. */
function timeTicks() {
  const minute = (time) => 60 * time.slice(11, 13) + Number(time.slice(14, 16));
  const apart = (data.leads.at(-1) - data.leads[0]) / Math.max(horizon - 1, 1) || data.leads[0];
  const step = MINUTES.find((minutes) => ((data.times.length - 1) * apart) / minutes <= 5) ?? 1440;
  const isRound = (time) => minute(time) % step === 0 && !Number(time.slice(17));
  const round = [...data.times.keys()].filter((k) => isRound(data.times[k]));
  return round.length > 1 && round.length < 8 ? round : [0, past - 1, data.times.length - 1];
}

function fillTable(n) {
  const { measured, values, lower, upper } = channel();
  const row = (cells, tag = "td") => {
    const line = make("tr");
    const scope = tag === "th" ? "col" : "row";
    cells.forEach((text, k) => line.append(k ? make(tag, text) : make("th", text, { scope })));
    return line;
  };
  const head = make("thead"), body = make("tbody");
  head.append(row(["time", "measured", "forecast", ...(lower ? ["bounds"] : [])], "th"));
  data.times.forEach((time, k) => {
    const h = k - past;
    const cells = h < 0
      ? [measured[n][k] === null ? "–" : number(measured[n][k]), ""]
      : ["", number(values[n][h])];
    const bounds = lower ? [h < 0 ? "" : `${number(lower[n][h])} – ${number(upper[n][h])}`] : [];
    body.append(row([clock(time), ...cells, ...bounds]));
  });
  part("values").replaceChildren(head, body);
}

chart.addEventListener("click", (event) => {
  const box = chart.getBoundingClientRect();
  const k = Math.round((((event.clientX - box.left) / box.width) * 360 - BOX.left) / stepX) - past;
  if (k >= 0 && k < horizon) setLead(k);
});
