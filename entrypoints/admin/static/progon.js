// What lives: a training while it runs. All else works without this file.
const live = document.querySelector("[data-events]");
if (live) follow(live);
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", () => { form.querySelector("button").disabled = true; form.setAttribute("aria-busy", "true"); });
}
// A page that comes back from the browser's own cache is as it was left.
addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((form) => {
  form.removeAttribute("aria-busy");
  form.querySelector("button").disabled = false;
}));

function follow(section) {
  const part = (name) => section.querySelector(`[data-part="${name}"]`);
  const curve = new Map();
  const words = JSON.parse(part("stage").dataset.words);
  const began = Date.parse(section.dataset.started) || Date.now();
  const source = new EventSource(section.dataset.events);
  source.addEventListener("open", () => { part("log").textContent = ""; });
  source.addEventListener("progress", ({ data }) => progressed(part, JSON.parse(data), words, began));
  source.addEventListener("metric", ({ data }) => {
    const { iteration, loss } = JSON.parse(data);
    curve.set(iteration, loss);
    draw(part, curve);
  });
  source.addEventListener("log", ({ data }) => {
    const log = part("log");
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    const { line } = JSON.parse(data);
    log.append(`${line}\n`);
    // The log comes from its beginning each time, so the curve so far is there after a reload too.
    const told = / (\d+) of \d+, loss (\S+)$/.exec(line);
    if (told) {
      curve.set(Number(told[1]), Number(told[2]));
      draw(part, curve);
    }
    if (atEnd) log.scrollTop = log.scrollHeight;
  });
  source.addEventListener("done", () => {
    source.close();
    location.reload();
  });
}

function progressed(part, now, words, began) {
  part("bar").value = now.progress;
  part("stage").textContent = words[now.stage] ?? now.stage;
  part("iteration").textContent = now.iterations > 1
    ? part("iteration").dataset.text.replace("{iteration}", now.iteration).replace("{iterations}", now.iterations) : "";
  const left = now.progress > 0.05 ? ((Date.now() - began) / 1000) * (1 / now.progress - 1) : NaN;
  part("left").textContent = left > 0 && now.progress < 1 ? part("left").dataset.text.replace("{time}", clock(left)) : "";
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function draw(part, curve) {
  const points = [...curve].sort(([a], [b]) => a - b);
  if (points.length < 2) return;
  const losses = points.map(([, loss]) => loss);
  const [low, high, first, last] = [Math.min(...losses), Math.max(...losses), points[0][0], points.at(-1)[0]];
  const x = (iteration) => 48 + (362 * (iteration - first)) / (last - first || 1);
  const y = (loss) => 136 - (124 * (loss - low)) / (high - low || 1);
  const chart = part("curve");
  chart.removeAttribute("hidden");
  chart.querySelector(".line").setAttribute("d", `M${points.map(([i, l]) => `${x(i).toFixed(1)} ${y(l).toFixed(1)}`).join("L")}`);
  const written = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 4 });
  part("high").textContent = written(high);
  part("low").textContent = written(low);
  part("last").textContent = written(last);
}
