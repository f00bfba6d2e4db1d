"use strict";

/* What the page holds, what of it is looked at, and how times, numbers and colours are spelled. */

const data = JSON.parse(document.getElementById("data").textContent);
const count = data.sensors.length;
const horizon = data.leads.length;
const past = data.times.length - horizon;
const state = { channel: 0, lead: Math.floor((horizon - 1) / 2), sensor: null };
const theme = {};
const LEVELS = 48;

const part = (id) => document.getElementById(id);
const channel = () => data.channels[state.channel];
const clock = (time) => time.slice(11);

function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function day(time) {
  const form = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  return new Date(`${time.slice(0, 10)}T00:00Z`).toLocaleDateString("en-GB", form);
}

function ahead(lead) {
  const seconds = Math.round(60 * data.leads[lead]);
  const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  return parts.filter(([many]) => many).map((words) => words.join(" ")).join(" ");
}

function number(value) {
  const { digits } = channel();
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/* The multiples of a step within an axis, and one of them with no more digits than the step has. */
function roundNumbers(low, high, step) {
  const first = Math.ceil(low / step - 1e-6), last = Math.floor(high / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

function short(value, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const quantity = (value) => `${number(value)} ${channel().unit}`.trim();

/* From 0, as usual, to LEVELS - 1, which calls for attention. */
function level(value) {
  const { low, high, attention } = channel();
  const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
  return Math.round((attention === "low" ? 1 - share : share) * (LEVELS - 1));
}

const STRENGTHS = [0.45, 0.7, 1];  /* how much of their colour weak, middling and strong edges have */

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  for (const name of ["paper", "ink", "grey"]) theme[name] = read(name);
  theme.edges = STRENGTHS.map((share) => mixed([theme.paper, read("edge")], share));
  const stops = read("ramp").split(" ");
  theme.levels = Array.from({ length: LEVELS }, (_, k) => mixed(stops, k / (LEVELS - 1)));
}

/* The colour at a place, 0 to 1, between #rrggbb stops. */
function mixed(stops, place) {
  const first = Math.min(Math.floor(place * (stops.length - 1)), stops.length - 2);
  const share = place * (stops.length - 1) - first;
  const [from, to] = [first, first + 1].map((k) => [1, 3, 5].map((c) => parseInt(stops[k].slice(c, c + 2), 16)));
  return `rgb(${from.map((one, c) => Math.round(one + share * (to[c] - one))).join(" ")})`;
}
