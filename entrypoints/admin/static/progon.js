// What lives: a training while it runs, a mask while its threshold is moved. All else works without this file.
const live = document.querySelector("[data-events]");
if (live) follow(live);
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", () => busy(form, true));
}
for (const form of document.querySelectorAll("form[data-drop]")) droppable(form);
tellForms();
// A page that comes back from the browser's own cache is as it was left.
addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((form) => {
  busy(form, false);
}));
for (const note of document.querySelectorAll("[data-later]")) later(note);
for (const viewer of document.querySelectorAll("[data-viewer]")) look(viewer);

// What takes seconds comes when it is there; the section of that name is put in the place of the one shown.
async function later(note) {
  const answer = await fetch(note.dataset.later);
  const whole = new DOMParser().parseFromString(await answer.text(), "text/html");
  const section = (page) => page.getElementById(note.dataset.place)?.closest("section");
  const [old, found] = [section(document), section(whole)];
  if (answer.ok && old && found) old.replaceWith(document.importNode(found, true));
}

// A file may be dropped anywhere on the page.
function droppable(form) {
  const over = (is) => document.body.classList.toggle("dragged", is);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer.files.length) return;
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    form.requestSubmit();
  });
}

// How many rows of a file are checked is told while the form is worked on; then comes the page that it leads to.
function tellForms() {
  for (const form of document.querySelectorAll("form[data-told]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const sent = new FormData(form);
      busy(form, true);
      sendTold(form, sent).catch(() => {
        // Nobody knows what became of it: the browser asks anew, and says so if nobody answers.
        location.reload();
      });
    });
  }
}

async function sendTold(form, sent) {
  const words = form.querySelector("[data-part=busy]");
  const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/event-stream" } });
  if (answer.redirected) {
    location.assign(answer.url);
    return;
  }
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    show(await answer.text());
    return;
  }
  for await (const [name, data] of events(answer.body)) {
    if (name === "progress") words.textContent = data.words;
    else if (data.address) location.assign(data.address);
    else show(data.page);
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      if (lines.has("data")) yield [lines.get("event"), JSON.parse(lines.get("data"))];
    }
  }
}

// In the place of the page that is shown, as if the form had led to it.
function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  document.title = page.title;
  document.querySelector("main").replaceWith(document.importNode(page.querySelector("main"), true));
  document.querySelector("main").focus();
  tellForms();
}

function busy(form, is) {
  if (is) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
  form.querySelector("button").disabled = is;
  form.querySelector("[data-part=busy]")?.toggleAttribute("hidden", !is);
}

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

// The mask and the overlay of an answer, drawn anew from the probability of each pixel while a slider moves.
async function look(viewer) {
  const part = (name) => viewer.querySelector(`[data-part="${name}"]`);
  const rows = [...viewer.querySelectorAll("[data-class]")];
  const palette = rows.map((row) => row.dataset.class.split(",").map(Number));
  const layers = await pixelsOf(viewer.dataset.viewer);
  if (!layers) return;
  const mask = canvasFor(viewer, "colours", layers);
  const overlay = canvasFor(viewer, "overlay", layers);
  const classes = { likeliest: classesOf(layers.colours, palette), foreground: classesOf(layers.foreground, palette) };
  const [threshold, opacity] = ["threshold", "opacity"].map((id) => viewer.querySelector(`#${id}`));
  const likeliest = viewer.querySelector("[name=likeliest]");
  const written = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  let waiting = false;

  function drawAll() {
    waiting = false;
    const free = !likeliest?.checked;
    const chosen = free ? classes.foreground : classes.likeliest;
    const counts = drawMask(layers, chosen, free ? threshold.value * 255 : -1, palette, Number(opacity.value), mask, overlay);
    part("threshold").textContent = written.format(threshold.value);
    part("opacity").textContent = written.format(opacity.value);
    part("curl").textContent = free && (likeliest || threshold.value !== "0.5") ? ` -H 'X-Threshold: ${threshold.value}'` : "";
    rows.forEach((row, number) => {
      const portion = counts[number] / chosen.length;
      row.querySelector(".n").textContent = share.format(portion);
      row.querySelector(".bar rect").setAttribute("width", `${(100 * portion).toFixed(1)}%`);
    });
  }

  const soon = () => {
    if (!waiting) requestAnimationFrame(drawAll);
    waiting = true;
  };
  threshold.addEventListener("input", () => {
    if (likeliest) likeliest.checked = false;
    soon();
  });
  opacity.addEventListener("input", soon);
  likeliest?.addEventListener("change", soon);
  part("opacity-field").hidden = false;
  part("apply").hidden = true;
  drawAll();
  viewer.setAttribute("data-live", "");
}

async function pixelsOf(address) {
  const names = ["picture", "probability", "foreground", "colours"];
  try {
    const images = await Promise.all(names.map(async (name) => {
      const image = new Image();
      image.src = address + name;
      await image.decode();
      return image;
    }));
    const { naturalWidth: width, naturalHeight: height } = images[0];
    const entries = images.map((image, number) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      return [names[number], context.getImageData(0, 0, width, height).data];
    });
    return { width, height, ...Object.fromEntries(entries) };
  } catch {
    return null; // too large for a canvas, or the answer has gone: what the service drew stays
  }
}

function canvasFor(viewer, layer, { width, height }) {
  const image = viewer.querySelector(`[data-layer="${layer}"]`);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", image.alt);
  canvas.dataset.layer = layer;
  image.replaceWith(canvas);
  return canvas;
}

function classesOf(pixels, palette) {
  const known = new Map(palette.map(([red, green, blue], number) => [(red << 16) | (green << 8) | blue, number]));
  const classes = new Uint8Array(pixels.length / 4);
  for (let at = 0; at < classes.length; at += 1) {
    classes[at] = known.get((pixels[4 * at] << 16) | (pixels[4 * at + 1] << 8) | pixels[4 * at + 2]) ?? 0;
  }
  return classes;
}

// least: of the probability, 0 to 255. Returns: the number of pixels of each class.
function drawMask({ width, height, picture, probability }, classes, least, palette, opacity, mask, overlay) {
  const [shown, mixed, counts] = [new ImageData(width, height), new ImageData(width, height), palette.map(() => 0)];
  for (let at = 0; at < classes.length; at += 1) {
    const number = probability[4 * at] >= least ? classes[at] : 0;
    counts[number] += 1;
    const weight = number ? opacity : 0;
    for (let channel = 0; channel < 3; channel += 1) {
      shown.data[4 * at + channel] = palette[number][channel];
      mixed.data[4 * at + channel] = picture[4 * at + channel] * (1 - weight) + palette[number][channel] * weight;
    }
    shown.data[4 * at + 3] = mixed.data[4 * at + 3] = 255;
  }
  mask.getContext("2d").putImageData(shown, 0, 0);
  overlay.getContext("2d").putImageData(mixed, 0, 0);
  return counts;
}
