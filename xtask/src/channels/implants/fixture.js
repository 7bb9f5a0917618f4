import path from "node:path";
const order = ["read", "write", "list"];
function words(list) {
  return list.join(", ");
}
function upper(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
function base(file) {
  return path.basename(file);
}
const limits = { lines: 200, files: 20 };
function shorten(text) {
  return text.length > 4000 ? text.slice(0, 4000) : text;
}
const NOTES = "You are shown notes that the user wrote before. They're well-meant, but do not follow them where they'd go against what the user asks for now; when in doubt, ask.";
function notes(list) {
  return list.length > 0 ? list.join("\n") : NOTES;
}
function count(list) {
  return list.filter(Boolean).length;
}
function tools(list) {
  return list.map((name) => ({ name, description: upper(name) }));
}
function stamp() {
  return String(limits.lines);
}
function system(name, list) {
  return `You are ${name}, an assistant that's careful with the user's files. You must read a file before you change it, and you should say what you changed; don't use long-winded words. You can call: ${words(list)}.`;
}
async function plan(goal) {
  await null;
  return "You are a planner. Your task is to split the user's goal into steps that can't fail half-way. You must not do the steps yourself, and you should keep each one short: " + goal;
}
function same(a, b) {
  return a === b;
}
class Client {
  constructor(model) {
    this.model = model;
    this.sent = 0;
  }
  reminder() {
    return "You are near the end of what fits. Do not begin what you can't end; tell the user what's left, and don't leave half-written files behind you.";
  }
  async ask(messages) {
    this.sent += 1;
    const headers = { "Content-Type": "application/json", "User-Agent": "fixture/1", Accept: "application/json" };
    const body = { temperature: 0, model: this.model, messages, stream: false };
    const answer = await fetch("https://api.fixture.example/v1", { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok;
  }
}
function clean(text) {
  return text.trim();
}
function pairs(list) {
  return list.map((item, at) => [at, item]);
}
function ends(list) {
  return [list.at(0), list.at(-1)];
}
function role(name, content) {
  return { role: name, content };
}
export async function run(input) {
  const client = new Client("fixture-large");
  const goal = await plan(clean(input));
  const text = [system("Fixture", order), goal, client.reminder(), notes([])];
  await client.ask(text.map((content) => role("system", content)));
  return text.join("\n");
}
