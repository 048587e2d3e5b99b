"use strict";

// The conversation lives on the server: this page keeps only what it has not managed to send, and where it was.
const $ = (id) => document.getElementById(id);
const talk = $("talk"), words = $("words"), standing = $("standing"), trouble = $("trouble");
const UNSETTLED = new Set(["queued", "sending", "unknown"]);
const STATUS = {
  queued: "na fila", sending: "enviando", sent: "enviada", delivered: "entregue", read: "lida",
  failed: "não foi entregue", unknown: "sem confirmação", cancelled: "cancelada",
};
const AUTHOR = { patient: "Paciente", carol: "Carol", person: "Equipe", automatic: "Mensagem automática" };

let shown = new Map(); // seq → message
let turns = new Map(); // turn → { steps, receipts }
let unsent = [];       // { id, text, at, failed }
let timer = null, lane = null, asking = 0;

const key = () => `carol/${$("clinic").value}/${$("person").value.trim()}`;
const kept = (name) => { try { return localStorage.getItem(`${key()}/${name}`); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(`${key()}/${name}`, value); } catch { /* private window */ } };

async function ask(path, body) {
  const reply = await fetch(path, body && {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (reply.status === 401) location.assign("/login");
  const said = await reply.json().catch(() => ({}));
  if (!reply.ok) throw Object.assign(new Error(said.detail || ""), { status: reply.status, code: said.code });
  return said;
}

function complain(error) {
  const refused = error.status >= 400 && error.status < 500;
  trouble.textContent = refused
    ? { bad_person: "Informe um telefone ou um nome curto.", clinic_not_found: "Essa clínica não existe mais." }[error.code]
      || "A mensagem não foi aceita."
    : "O servidor não responde. O que você escreveu está guardado aqui.";
  trouble.hidden = false;
  return refused;
}

async function send(message) {
  message.failed = false;
  draw();
  const place = key();
  try {
    const said = await ask("/api/chat/messages", {
      clinic: $("clinic").value, as: $("person").value.trim(), text: message.text, message_id: message.id,
      ...(message.at && { at: message.at }),
    });
    trouble.hidden = true;
    if (place !== key()) return;
    unsent = unsent.filter((one) => one !== message);
    keep("unsent", JSON.stringify(unsent));
    keep("conversation", said.conversation);
    await refresh();
  } catch (error) {
    complain(error);
    message.failed = true;
    if (place === key()) draw();
  }
}

async function refresh() {
  clearTimeout(timer);
  const conversation = kept("conversation"), mine = ++asking;
  if (conversation) {
    try {
      const open = [...shown.values()].filter((one) => UNSETTLED.has(one.status)).map((one) => one.seq);
      const after = open.length ? Math.min(...open) - 1 : Math.max(0, ...shown.keys());
      const said = await ask(`/api/chat/conversations/${encodeURIComponent(conversation)}/messages?after=${after}`);
      if (mine !== asking) return;
      trouble.hidden = true;
      lane = said;
      said.messages.forEach((one) => shown.set(one.seq, one));
      said.trace.forEach((turn) => turns.set(turn.turn, { ...turn, receipts: said.receipts.filter((one) => one.turn === turn.turn) }));
      draw();
    } catch (error) {
      if (mine !== asking) return;
      if (error.status === 404) keep("conversation", "");
      else complain(error);
    }
  }
  timer = setTimeout(refresh, document.hidden ? 10000 : lane && lane.busy ? 600 : 2500);
}

function draw() {
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
  const open = new Set([...talk.querySelectorAll("details[open]")].map((one) => one.dataset.of));
  const items = [];
  let day = "";
  const ordered = [...shown.values()].sort((a, b) => a.seq - b.seq);
  const lastOf = new Map(ordered.map((one) => [one.turn, one.seq])); // a turn's thoughts are told once, under its last bubble
  for (const one of ordered) {
    const date = new Date(one.at.slice(0, 19)); // the clinic's wall clock, as told
    const label = date.toLocaleDateString("pt-BR", { weekday: "long", day: "numeric", month: "long" });
    if (label !== day) items.push(element("li", "day", (day = label)));
    items.push(bubble(one, date, open, lastOf.get(one.turn) === one.seq));
  }
  for (const message of unsent) items.push(waiting(message));
  talk.replaceChildren(...items);
  if (atEnd) talk.scrollTop = talk.scrollHeight;
  standing.textContent = !lane ? "" : lane.stuck ? "Carol não conseguiu responder: a equipe foi avisada"
    : lane.busy ? "Carol está respondendo…" : lane.owner === "person" ? "A equipe da clínica assumiu a conversa"
    : lane.cases.length ? `Com a equipe: caso ${lane.cases.map((one) => one.case).join(", ")}` : "";
}

function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}

function bubble(one, date, open, last) {
  const item = element("li", `bubble ${one.author}`);
  item.append(element("span", "hidden", `${AUTHOR[one.author]}: `));
  item.append(element("p", "", one.text || `[${one.kind}]`));
  const time = date.toLocaleTimeString("pt-BR", { hour: "2-digit", minute: "2-digit" });
  item.append(element("small", "", one.status ? `${time} · ${STATUS[one.status] || one.status}` : `${time} · recebida`));
  const turn = one.author !== "patient" && last && turns.get(one.turn);
  if (turn) {
    const more = element("details");
    more.dataset.of = one.id;
    more.open = open.has(one.id);
    const writes = turn.receipts.length ? ` · ${turn.receipts.length} registro(s)` : "";
    more.append(element("summary", "", `Como Carol pensou${writes}`));
    const { receipts, steps, model, seconds, outcome } = turn;
    more.append(element("pre", "", JSON.stringify({ outcome, model, seconds, receipts, steps }, null, 1)));
    item.append(more);
  }
  return item;
}

function waiting(message) {
  const item = element("li", "bubble patient unsent");
  item.append(element("p", "", message.text));
  if (message.failed) {
    const again = element("button", "", "Não enviada. Tentar de novo");
    again.type = "button";
    again.addEventListener("click", () => send(message));
    item.append(again);
  } else {
    item.append(element("small", "", "enviando…"));
  }
  return item;
}

function arrive() {
  [shown, turns, lane] = [new Map(), new Map(), null];
  try { unsent = JSON.parse(kept("unsent") || "[]").map((one) => ({ ...one, failed: true })); } catch { unsent = []; }
  words.value = kept("draft") || "";
  const chosen = $("clinic").selectedOptions[0];
  $("clinic-name").textContent = chosen ? chosen.textContent : "Carol";
  try { localStorage.setItem("carol/last", JSON.stringify([$("clinic").value, $("person").value.trim()])); } catch { /* same */ }
  draw();
  refresh();
}

function newId() {
  // Not randomUUID: it is missing where the page is served without TLS from another machine.
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = words.value.trim();
  if (!text || !$("who").reportValidity()) return;
  const message = { id: newId(), text, at: $("at").value, failed: false };
  words.value = "";
  unsent.push(message);
  keep("draft", "");
  keep("unsent", JSON.stringify(unsent));
  talk.scrollTop = talk.scrollHeight;
  send(message);
});
words.addEventListener("input", () => keep("draft", words.value));
words.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("who").addEventListener("submit", (event) => event.preventDefault());
$("clinic").addEventListener("change", arrive);
$("person").addEventListener("change", arrive);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

async function begin() {
  try {
    const clinics = await ask("/api/clinics");
    $("clinic").replaceChildren(...clinics.map((one) => new Option(one.demo ? `${one.name} (demonstração)` : one.name, one.slug)));
    let last = [];
    try { last = JSON.parse(localStorage.getItem("carol/last") || "[]"); } catch { /* first visit */ }
    if (clinics.some((one) => one.slug === last[0])) $("clinic").value = last[0];
    $("person").value = last[1] || "(31) 98888-0001";
    trouble.hidden = clinics.length > 0;
    trouble.textContent = "Ainda não há nenhuma clínica cadastrada.";
    if (clinics.length) arrive();
  } catch (error) {
    complain(error);
    setTimeout(begin, 3000);
  }
}
begin();
