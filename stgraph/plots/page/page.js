/* The page around the map: lead, channel, sensor, search, legend. */

const NOTABLE = 6, FOUND = 8, BARS = 24;
const quantifier = (many, one) => `${many.toLocaleString("en")} ${one}${many === 1 ? "" : "s"}`;
const named = ({ name, unit }) => (unit ? `${name} [${unit}]` : name);

/* What is said of a sensor in one line. */
function said(n) {
  const { values, silent } = channel();
  return `${quantity(values[n][state.lead])} in ${ahead(state.lead)}${silent[n] ? ", not measured" : ""}`;
}

function setLead(lead) {
  state.lead = lead;
  const slider = part("lead");
  slider.value = lead;
  const time = data.times[past + lead];
  part("ahead").textContent = `in ${ahead(lead)}`;
  part("moment").textContent = `${day(time)}, ${clock(time)}`;
  part("moment").dateTime = time.replace(" ", "T");
  slider.setAttribute("aria-valuetext", `in ${ahead(lead)}, ${clock(time)}`);
  showAll();
}

function setChannel(c) {
  state.channel = c;
  showAll();
}

function choose(n) {
  state.sensor = n;
  part("sensor").hidden = n === null;
  if (n !== null) {
    bringIntoView(n);
    part("said").textContent = `${data.sensors[n]}: ${said(n)}`;
  }
  showAll();
}

function showAll() {
  tip.hidden = true;
  showLegend();
  showNotable();
  if (state.sensor !== null) showSensor(state.sensor);
  redraw();
}

function showSensor(n) {
  const { measured, values, lower, upper, silent } = channel();
  part("sensor-id").textContent = data.sensors[n];
  const bounds = lower ? `, ${number(lower[n][state.lead])} to ${number(upper[n][state.lead])}` : "";
  part("sensor-now").replaceChildren(make("b", quantity(values[n][state.lead])), ` in ${ahead(state.lead)}${bounds}`);
  const share = data.coverage ? `${+(100 * data.coverage).toPrecision(4)} % bounds` : "";
  document.querySelector(".keys .bounds").textContent = share;
  const last = measured[n].findLastIndex((value) => value !== null);
  part("sensor-note").textContent = silent[n]
    ? `Nothing was measured here from ${clock(data.times[0])} to ${clock(data.issued)}.`
    : `Last measured: ${quantity(measured[n][last])} at ${clock(data.times[last])}.`;
  drawChart(n);
  fillTable(n);
}

function showLegend() {
  const { values, low, high, step, attention, silent } = channel();
  const colours = attention === "low" ? [...theme.levels].reverse() : theme.levels;
  part("legend-title").textContent = `${named(channel())} in ${ahead(state.lead)}`;
  part("ramp").style.background = `linear-gradient(to right, ${colours.join(",")})`;
  const bars = new Array(BARS).fill(0);
  for (const row of values) {
    bars[Math.min(Math.max(Math.floor(((row[state.lead] - low) / (high - low)) * BARS), 0), BARS - 1)] += 1;
  }
  part("shares").replaceChildren(...bars.map((many, k) => {
    const bar = make("i");
    bar.style.height = many ? `max(2px, ${(100 * many) / Math.max(...bars)}%)` : "0";
    bar.style.background = colours[Math.round(((k + 0.5) / BARS) * (LEVELS - 1))];
    return bar;
  }));
  part("ramp-ticks").replaceChildren(...roundNumbers(low, high, step).map((value) => {
    const tick = make("span", short(value, step));
    tick.style.left = `${(100 * (value - low)) / (high - low)}%`;
    return tick;
  }));
  const many = silent.filter(Boolean).length;
  part("silent").hidden = !many;
  part("silent").lastChild.textContent = `${quantifier(many, "sensor")} not measured since ${clock(data.times[0])}`;
}

function showNotable() {
  const { name, values, attention } = channel();
  const sign = attention === "low" ? 1 : -1;
  const order = [...values.keys()].sort((a, b) => sign * (values[a][state.lead] - values[b][state.lead]));
  part("notable-title").textContent = `${attention === "low" ? "Lowest" : "Highest"} ${name} in ${ahead(state.lead)}`;
  part("notable").querySelector("ol").replaceChildren(...order.slice(0, NOTABLE).map((n) => {
    const item = make("li"), button = make("button", "", { type: "button", "aria-pressed": n === state.sensor });
    const mark = make("i");
    mark.style.background = theme.levels[level(values[n][state.lead])];
    button.append(mark, make("span", data.sensors[n]), quantity(values[n][state.lead]));
    button.addEventListener("click", () => choose(n));
    item.append(button);
    return item;
  }));
}

/* Search: a list under the box, for hand and keys. */
const box = part("search"), list = part("found");
let active = 0;

function matches(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = (n) => data.sensors[n].toLowerCase().indexOf(wanted);
  return [...data.sensors.keys()].filter((n) => rank(n) >= 0).sort((a, b) => rank(a) - rank(b)).slice(0, FOUND);
}

function showFound() {
  const found = matches(box.value);
  active = Math.min(Math.max(active, 0), Math.max(found.length - 1, 0));
  list.replaceChildren(...found.map((n, k) => {
    const option = make("li", data.sensors[n], { id: `found-${k}`, role: "option", "aria-selected": k === active });
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(n);
    });
    return option;
  }));
  if (!found.length) list.append(make("li", `None of ${quantifier(count, "sensor")} has this in its id`));
  list.hidden = !box.value.trim();
  box.setAttribute("aria-expanded", !list.hidden);
  if (found.length) box.setAttribute("aria-activedescendant", `found-${active}`);
  else box.removeAttribute("aria-activedescendant");
  return found;
}

function take(n) {
  box.value = "";
  showFound();
  choose(n);
}

box.addEventListener("input", () => {
  active = 0;
  showFound();
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") box.value = "";
  active += { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
  const found = showFound();
  if (event.key === "Enter" && found.length) take(found[active]);
  if (["ArrowDown", "ArrowUp"].includes(event.key)) event.preventDefault();
});
box.addEventListener("blur", () => {
  list.hidden = true;
});
box.addEventListener("focus", showFound);
part("close").addEventListener("click", () => choose(null));

/* What stays the same as long as the page is open. */
function begin() {
  part("about").textContent =
    `Issued ${day(data.issued)} ${data.issued.slice(0, 4)}, ${clock(data.issued)}, ${data.clock}`;
  part("many").textContent = quantifier(count, "sensor");
  part("edge-key").lastChild.textContent = data.edges_left_out
    ? `direction of an edge; the weakest ${data.edges_left_out.toLocaleString("en")} are left out`
    : "direction of an edge";
  part("edge-key").hidden = !data.edges.some((pairs) => pairs.length);
  part("channels").hidden = data.channels.length < 2;
  part("channels").append(...data.channels.map((one, c) => {
    const label = make("label"), choice = make("input", "", { type: "radio", name: "channel", value: c });
    choice.checked = !c;
    choice.addEventListener("change", () => setChannel(c));
    label.append(choice, one.name);
    return label;
  }));
  for (const one of data.channels) one.silent = one.measured.map((row) => row.every((value) => value === null));
  const slider = part("lead");
  slider.max = horizon - 1;
  slider.addEventListener("input", () => setLead(Number(slider.value)));
  const every = Math.ceil(horizon / 6);
  const shown = [...data.leads.keys()].filter((h) => (h + 1) % every === 0);
  part("lead-ticks").append(...shown.map((h) => {
    const tick = make("span", ahead(h));
    tick.style.left = `${horizon > 1 ? (100 * h) / (horizon - 1) : 0}%`;
    return tick;
  }));
}

function repaint() {
  readTheme();
  showAll();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("print");
  repaint();
  drawMap();
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("print");
  repaint();
});

readTheme();
begin();
setLead(state.lead);
