// The page on which people label. What models wrote reaches it as text alone (textContent), never as HTML.
"use strict";

const token = location.pathname.split("/")[1];
// A key that bounces, or is struck twice, must not label an answer that nobody has read.
const SETTLE_MS = 200;
const PATIENCE_MS = 15000;
const KEY_OF_LEVEL = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "x"];
const byId = (id) => document.getElementById(id);

let settings;
let annotator = "";
let shown = null; // the last answer of the server: the row, what was said of it, and the counts
const comments = new Map(); // what was typed and not sent yet, by item_id
const labelOfKey = new Map();

async function ask(path, body) {
  const request = { headers: { "X-Judge-Token": token }, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let response;
  let text;
  try {
    response = await fetch("/api/" + path, request);
    text = await response.text();
  } catch {
    throw new Error(
      "The server does not answer. Is judge annotate still running?\n" +
        "What it had confirmed is on its disk. Start it again and open the address that it prints: it goes on where you were.",
    );
  }
  if (response.status === 403) {
    throw new Error("The server was started again since this page was opened. Open the address that it printed then.");
  }
  let values;
  try {
    values = JSON.parse(text);
  } catch {
    throw new Error("The server failed: " + text.slice(0, 300));
  }
  if (!response.ok) {
    const failure = new Error(values.error);
    failure.status = response.status;
    throw failure;
  }
  return values;
}

function isBusy() {
  return byId("main").getAttribute("aria-busy") === "true";
}

// One request at a time: what is pressed meanwhile is not heard.
async function once(action) {
  if (isBusy()) {
    return;
  }
  byId("main").setAttribute("aria-busy", "true");
  try {
    await action();
    say("");
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  } catch (failure) {
    say(failure.message);
  } finally {
    byId("main").removeAttribute("aria-busy");
  }
}

function say(message) {
  byId("message").textContent = message;
  byId("message").hidden = message === "";
}

function show(id, visible) {
  byId(id).hidden = !visible;
}

function put(id, text, otherwise) {
  byId(id).textContent = text || otherwise;
  byId(id).classList.toggle("nothing", !text);
}

function render(values) {
  const before = shown;
  shown = values;
  const row = values.row;
  show("who", false);
  show("row", row !== null);
  show("done", row === null);
  show("progress", true);
  show("controls", true);
  byId("counts").textContent = `${values.labelled} of ${values.rows} labelled` + (values.skipped ? `, ${values.skipped} skipped` : "");
  byId("annotator").textContent = annotator;
  byId("bar").max = values.rows;
  byId("bar").value = values.labelled;
  byId("back").disabled = !values.can_go_back;
  show("forward", values.back > 0);
  for (const id of ["labels", "skip", "comment-button", "meaning"]) {
    show(id, row !== null);
  }
  renderSaid(values);
  if (row === null) {
    byId("done-text").textContent = `You labelled all ${values.rows} answers. Your labels are in ${settings.folder}/${annotator}.jsonl.`;
    openComment(false);
    byId("done-title").focus();
    return;
  }
  put("question", row.question, "");
  put("answer", row.answer, "Nothing: the answer is empty.");
  put("passage", row.context, "");
  show("passages", row.context !== null);
  byId("row").classList.toggle("without-passage", row.context === null);
  show("references", row.reference !== null);
  byId("reference-title").textContent = (row.reference || []).length > 1 ? "Reference answers, each right alone" : "Reference answer";
  byId("reference").replaceChildren(...(row.reference || []).map(listed));
  const comment = comments.has(row.item_id) ? comments.get(row.item_id) : values.comment || "";
  byId("comment").value = comment;
  openComment(comment !== "");
  if (!before || !before.row || before.row.item_id !== row.item_id) {
    window.scrollTo(0, 0);
  }
  byId("question").focus({ preventScroll: true });
}

function listed(text) {
  const item = document.createElement("li");
  item.className = "text";
  item.dir = "auto";
  item.textContent = text;
  return item;
}

function renderSaid(values) {
  const labelled = values.row !== null && values.label !== null;
  for (const button of byId("labels").children) {
    button.setAttribute("aria-pressed", String(labelled && Number(button.dataset.label) === values.label));
  }
  byId("skip-text").textContent = labelled ? "Take back" : "Skip";
  const said = labelled ? `You said ${inWords(values.label)}. Another label takes its place.` : "You skipped this one before.";
  byId("before").textContent = said;
  show("before", values.row !== null && (labelled || values.skipped_before));
}

function inWords(label) {
  return settings.levels || !Number.isInteger(label) ? label.toFixed(1) : label === 1 ? "acceptable" : "not acceptable";
}

function openComment(open) {
  show("comments", open);
  byId("comment-button").setAttribute("aria-expanded", String(open));
}

function go(back) {
  return once(async () => render(await ask(`row?annotator=${encodeURIComponent(annotator)}&back=${back}`)));
}

function give(label) {
  if (!shown || !shown.row) {
    return;
  }
  once(async () => {
    const item = shown.row.item_id;
    try {
      render(await ask("label", { annotator, item_id: item, label, comment: byId("comment").value.trim() || null }));
      comments.delete(item);
    } catch (failure) {
      if (failure.status === 410) {
        render(await ask(`row?annotator=${encodeURIComponent(annotator)}`));
      }
      throw failure;
    }
  });
}

function writeComment() {
  openComment(true);
  byId("comment").focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId("controls").hidden) {
    return;
  }
  if (event.target === byId("comment")) {
    if (event.key === "Escape") {
      openComment(byId("comment").value.trim() !== "");
      byId("question").focus({ preventScroll: true });
    }
    return;
  }
  // A key that is held down is one key.
  if (event.repeat) {
    return;
  }
  const key = event.key.toLowerCase();
  const actions = { b: () => byId("back").click(), f: () => byId("forward").click(), s: () => give(null), c: writeComment };
  if (settings.levels && key === "enter" && event.target.tagName !== "BUTTON") {
    give(1);
  } else if (labelOfKey.has(key)) {
    give(labelOfKey.get(key));
  } else if (Object.hasOwn(actions, key) && (shown.row || key === "b" || key === "f")) {
    actions[key]();
  } else {
    return;
  }
  event.preventDefault();
}

function makeLabels() {
  const labels = settings.levels
    ? KEY_OF_LEVEL.map((key, step) => [key, step / 10, (step / 10).toFixed(1)])
    : [["1", 1, "Acceptable"], ["0", 0, "Not acceptable"]];
  for (const [key, label, text] of labels) {
    const button = document.createElement("button");
    const hint = document.createElement("kbd");
    button.type = "button";
    button.dataset.label = String(label);
    hint.textContent = key;
    button.append(text + " ", hint);
    button.addEventListener("click", () => give(label));
    byId("labels").append(button);
    labelOfKey.set(key, label);
  }
  byId("labels").classList.toggle("levels", settings.levels);
  byId("meaning").textContent =
    "Acceptable: it answers the question, and the passage or the reference supports it." +
    (settings.levels ? ` A level above ${settings.threshold} counts as acceptable.` : "");
}

// The name stands in the address of the page, so that a reload is the same person, and two tabs can be two.
async function begin(name) {
  annotator = name;
  await go(0);
  if (shown) {
    history.replaceState(null, "", "#" + name);
  }
}

function askWho() {
  for (const name of settings.annotators) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Go on as " + name;
    button.addEventListener("click", () => begin(name));
    byId("known").append(button);
  }
  byId("who").addEventListener("submit", (event) => {
    event.preventDefault();
    begin(byId("name").value.trim());
  });
  show("who", true);
  byId("name").focus();
}

async function start() {
  try {
    settings = await ask("start");
  } catch (failure) {
    say(failure.message);
    return;
  }
  makeLabels();
  byId("back").addEventListener("click", () => go(shown.back + 1));
  byId("forward").addEventListener("click", () => go(shown.back - 1));
  byId("skip").addEventListener("click", () => give(null));
  byId("comment-button").addEventListener("click", writeComment);
  byId("comment").addEventListener("input", () => comments.set(shown.row.item_id, byId("comment").value));
  document.addEventListener("keydown", onKey);
  const named = settings.annotator || location.hash.slice(1);
  if (named) {
    await begin(named);
  }
  if (!shown) {
    askWho();
  }
}

start();
