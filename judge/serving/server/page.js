// The page on which the judge is tried. What the server says reaches it as text alone (textContent), never as HTML.
"use strict";

// From these strengths on a word is marked: judge/tables/spans.py.
const STRENGTHS = [0.3, 0.5, 0.8];
const PATIENCE_MS = 60000;
const byId = (id) => document.getElementById(id);

let student = null;

function show(id, visible) {
  byId(id).hidden = !visible;
}

function say(message) {
  byId("message").textContent = message;
  show("message", message !== "");
}

async function ask(path, body) {
  const request = { headers: {}, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
    const token = byId("token").value.trim();
    if (token) {
      request.headers["Authorization"] = `Bearer ${token}`;
    }
  }
  let response;
  let values;
  try {
    response = await fetch(path, request);
    values = await response.json();
  } catch {
    throw new Error("The server does not answer. Is judge serve still running?");
  }
  if (response.status === 401) {
    show("tokens", true);
    byId("token").focus();
  }
  if (!response.ok) {
    throw new Error(values.error || values.detail.map((fault) => fault.msg).join("\n"));
  }
  return values;
}

async function meet() {
  try {
    student = await ask("/ready");
  } catch {
    // It is being loaded.
    byId("student").textContent = "The student is not ready yet.";
    setTimeout(meet, 500);
    return;
  }
  const needs = student.evidence.toLowerCase();
  show("contexts", needs !== "reference");
  show("references", needs !== "context");
  byId("student").textContent = `A ${student.kind} student; acceptable is a score above ${student.threshold}`;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function bar(share, index) {
  const line = element("li", "", "");
  const track = element("span", "track", "");
  const filled = element("span", "bar", "");
  filled.style.width = `${100 * share}%`;
  track.append(filled);
  line.append(element("span", "", (index / 10).toFixed(1)), track, element("span", "share", `${(100 * share).toFixed(1)}%`));
  return line;
}

// The answer with its unsupported words marked. The server counts characters as Python does, by code points.
function marked(answer, spans) {
  const characters = Array.from(answer);
  const pieces = [];
  let done = 0;
  for (const span of spans) {
    const strength = STRENGTHS.filter((least) => span.unsupported >= least).length;
    if (span.unit === "word" && strength > 0) {
      const word = element("mark", `unsupported-${strength}`, characters.slice(span.start, span.end).join(""));
      word.title = `unsupported: ${span.unsupported.toFixed(2)}`;
      pieces.push(characters.slice(done, span.start).join(""), word);
      done = span.end;
    }
  }
  return [...pieces, characters.slice(done).join("")];
}

function render(answer, judgment) {
  show("nothing", false);
  show("found", true);
  const failed = judgment.levels === null;
  byId("class").textContent = failed ? "No verdict" : judgment.class;
  byId("score").textContent = failed ? judgment.reason : `score ${judgment.score.toFixed(2)}`;
  byId("probability").textContent = failed ? "" : `Acceptable with a probability of ${(100 * judgment.acceptable).toFixed(0)}%`;
  byId("levels").replaceChildren(...(judgment.levels || []).map(bar));
  show("explained", Boolean(judgment.spans));
  byId("marked").replaceChildren(...marked(answer, judgment.spans || []));
}

async function judge(event) {
  event.preventDefault();
  const button = byId("row").querySelector("button");
  if (button.disabled || student === null) {
    return;
  }
  const row = { question: byId("question").value, answer: byId("answer").value };
  for (const name of ["context", "reference"]) {
    if (byId(name).value.trim()) {
      row[name] = byId(name).value;
    }
  }
  button.disabled = true;
  byId("judgment").setAttribute("aria-busy", "true");
  try {
    const reply = await ask("/v1/judge", { rows: [row], explain: student.explains });
    render(row.answer, reply.judgments[0]);
    say("");
  } catch (failure) {
    say(failure.message);
  } finally {
    button.disabled = false;
    byId("judgment").removeAttribute("aria-busy");
  }
}

byId("row").addEventListener("submit", judge);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    byId("row").requestSubmit();
  }
});
meet();
