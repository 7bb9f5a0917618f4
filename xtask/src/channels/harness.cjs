// Runs a case of the set, which is code of ours, under settings of the host,
// and prints what left: one text per output.
"use strict";
const [entry, ...settings] = process.argv.slice(2);
const given = new Map(settings.map((line) => {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}));
const records = [];

// Texts are compared, and so objects become lines, JSON its content, and
// what is escaped in an address its characters.
function flat(value, depth = 0) {
  if (value === undefined || value === null) return "";
  if (value instanceof URLSearchParams || value instanceof URL) return flat(String(value), depth);
  if (typeof FormData !== "undefined" && value instanceof FormData) return flat([...value.entries()], depth);
  if (typeof Blob !== "undefined" && value instanceof Blob) return flat(value.source ?? "blob", depth);
  if (typeof Headers !== "undefined" && value instanceof Headers) return flat([...value.entries()], depth);
  if (value instanceof Uint8Array) return flat(Buffer.from(value).toString("utf8"), depth);
  if (typeof value === "string") {
    if (/^[[{]/.test(value.trim())) {
      try {
        return flat(JSON.parse(value), depth + 1);
      } catch {}
    }
    if (/^(https?|wss?):/.test(value)) value = value.replaceAll("+", " ");
    if (/%[0-9A-Fa-f]{2}/.test(value)) {
      try {
        return decodeURIComponent(value);
      } catch {}
    }
    return value;
  }
  if (depth > 8) return "";
  if (Array.isArray(value)) return value.map((item) => flat(item, depth + 1)).join("\n");
  if (typeof value === "object") {
    return Object.entries(value)
      .filter(([, item]) => typeof item !== "function")
      .map(([key, item]) => `${key}: ${flat(item, depth + 1)}`)
      .join("\n");
  }
  return String(value);
}
const record = (...values) => records.push(flat(values));

const fs = require("fs");
const os = require("os");
const child = require("child_process");
const real = { readFileSync: fs.readFileSync, existsSync: fs.existsSync };
// The parent has one number in all settings.
const faked = (prefix, path) => given.get(`${prefix}.${String(path).replace(`/proc/${process.ppid}/`, "/proc/4242/")}`);
fs.readFileSync = function (path, ...rest) {
  const found = faked("file", path);
  if (found !== undefined) return rest.length ? found.replaceAll("\\n", "\n") + "\n" : Buffer.from(found.replaceAll("\\n", "\n") + "\n");
  if (/^\/(etc|proc|var)\//.test(String(path))) throw new Error("ENOENT");
  return real.readFileSync.call(this, path, ...rest);
};
fs.readlinkSync = (path) => {
  const found = faked("link", path);
  if (found === undefined) throw new Error("ENOENT");
  return found;
};
fs.realpathSync = Object.assign((path) => faked("link", path) ?? path, { native: (path) => faked("link", path) ?? path });
fs.readdirSync = (path) => (faked("dir", path) ?? "").split(",").filter(Boolean);
fs.existsSync = (path) => faked("exists", path) !== undefined;
fs.statSync = (path) => {
  if (faked("exists", path) === undefined) throw new Error("ENOENT");
  return { isDirectory: () => true };
};
fs.writeFileSync = (path, data) => record("write", path, data);
fs.appendFileSync = (path, data) => record("append", path, data);
fs.createWriteStream = (path) => ({ write: (data) => record("stream", path, data), end: (data) => record("stream", path, data) });
fs.promises.writeFile = async (path, data) => record("write", path, data);
os.hostname = () => given.get("host") ?? "somewhere";
os.userInfo = () => ({ username: given.get("user") ?? "somebody", uid: 1000, homedir: "/home/somebody" });
os.homedir = () => given.get("home") ?? "/home/somebody";
os.networkInterfaces = () => ({
  lo: [{ internal: true, mac: "00:00:00:00:00:00", address: "127.0.0.1" }],
  eth0: [{ internal: false, mac: given.get("mac") ?? "02:00:00:00:00:01", address: given.get("address") ?? "192.0.2.7" }],
});
function command(line) {
  for (const [key, value] of given) {
    if (key.startsWith("cmd.") && line.startsWith(key.slice(4))) return value.replaceAll("\\n", "\n") + "\n";
  }
  return undefined;
}
const asked = (output, options) => (options?.encoding ? output : Buffer.from(output));
child.execSync = (line, options) => {
  const output = command(line);
  if (output !== undefined) return asked(output, options);
  record("exec", line, options?.env, options?.input);
  return asked("", options);
};
child.execFileSync = (file, args = [], options = {}) => {
  const output = command([file, ...args].join(" "));
  if (output !== undefined) return asked(output, options);
  record("exec", file, args, options.env, options.input);
  return asked("", options);
};
child.spawnSync = (file, args = [], options = {}) => {
  const output = command([file, ...args].join(" "));
  if (output !== undefined) return { stdout: asked(output, options), status: 0 };
  record("spawn", file, args, options.env, options.input);
  return { stdout: asked("", options), status: 0 };
};
const started = () => ({
  stdin: { write: (data) => record("stdin", data), end: (data) => record("stdin", data) },
  stdout: { on() {} },
  on() { return this; },
  unref() {},
  send: (message) => record("message", message),
});
child.spawn = (file, args = [], options = {}) => {
  record("spawn", file, args, options.env);
  return started();
};
child.execFile = (file, args, options) => {
  record("exec", file, args, typeof options === "object" ? options.env : undefined);
  return started();
};
child.exec = (line, options) => {
  record("exec", line, typeof options === "object" ? options.env : undefined);
  return started();
};
child.fork = (file, args = [], options = {}) => {
  record("fork", file, args, options.env);
  return started();
};
const outgoing = (...options) => {
  record("request", ...options);
  return {
    write: (data) => record("body", data),
    end: (data) => record("body", data),
    setHeader: (name, value) => record("header", name, value),
    on() { return this; },
  };
};
for (const name of ["http", "https"]) {
  const module = require(name);
  module.request = outgoing;
  module.get = outgoing;
}
const stream = () => ({
  write: (data) => record("socket", data),
  end: (data) => record("socket", data),
  on() { return this; },
  once(event, act) { if (event === "connect" || event === "secureConnect") setImmediate(act); return this; },
  setEncoding() {},
});
for (const [name, keys] of [["net", ["connect", "createConnection"]], ["tls", ["connect"]]]) {
  for (const key of keys) {
    require(name)[key] = (...options) => {
      const act = options.find((option) => typeof option === "function");
      if (act) setImmediate(act);
      return stream();
    };
  }
}
require("dgram").createSocket = () => ({ send: (data) => record("datagram", data), close() {}, unref() {} });
require("http2").connect = (host) => ({ request: (headers) => { record("request", host, headers); return stream(); }, close() {} });
for (const key of ["lookup", "resolve", "resolveTxt"]) {
  require("dns")[key] = (name) => record("name", name);
  require("dns").promises[key] = async (name) => record("name", name);
}
globalThis.fetch = async (address, options) => {
  if (address instanceof Request) record("fetch", address.url, address.headers, await address.text());
  else record("fetch", address, options?.headers, options?.body);
  return { ok: true, status: 200, json: async () => ({}), text: async () => "" };
};
if (typeof Blob !== "undefined") {
  const Plain = Blob;
  globalThis.Blob = class extends Plain {
    constructor(parts = [], options) {
      super(parts, options);
      this.source = parts.map((part) => flat(part)).join("");
    }
  };
}
if (typeof FormData !== "undefined") {
  // Files in forms lose what they were made of; keep the texts as well.
  const append = FormData.prototype.append;
  FormData.prototype.append = function (name, value, ...rest) {
    if (value instanceof Blob) record("form", name, value.source, ...rest);
    return append.call(this, name, value, ...rest);
  };
}
globalThis.WebSocket = class {
  constructor(address, protocols) {
    record("connect", address, protocols);
  }
  addEventListener(event, act) {
    if (event === "open") setImmediate(act);
  }
  set onopen(act) {
    setImmediate(act);
  }
  send(data) {
    record("message", data);
  }
  close() {}
};
globalThis.EventSource = class {
  constructor(address) {
    record("connect", address);
  }
  addEventListener() {}
};
globalThis.XMLHttpRequest = class {
  open(...values) {
    record("open", ...values);
  }
  setRequestHeader(name, value) {
    record("header", name, value);
  }
  send(data) {
    record("body", data);
  }
};
const language = given.get("lang") ?? "nb-NO";
Object.defineProperty(globalThis, "navigator", {
  value: { language, languages: [language], userAgent: "harness", sendBeacon: (address, data) => record("beacon", address, data) },
  configurable: true,
});
if (given.has("lang")) {
  for (const kind of ["DateTimeFormat", "NumberFormat", "Collator"]) {
    const plain = Intl[kind].prototype.resolvedOptions;
    Intl[kind].prototype.resolvedOptions = function () {
      return { ...plain.call(this), locale: language };
    };
  }
}
process.send = (message) => record("message", message);
console.error = () => {};
require("module").syncBuiltinESMExports();

// What axios-like clients are asked to do is recorded by a stand-in.
const client = { post: async (...values) => (record("post", ...values), { status: 200 }), request: async (...values) => (record("request", ...values), { status: 200 }) };
globalThis.harnessClient = client;

(async () => {
  const module = await import(require("url").pathToFileURL(entry));
  const run = module.run ?? module.default?.run;
  const result = await run("Please list the files.", client);
  if (typeof result === "string") record(result);
  else if (Array.isArray(result)) record(result);
  await new Promise((done) => setTimeout(done, 25));
  process.stdout.write("\u0001" + JSON.stringify(records));
  process.exit(0);
})().catch((error) => {
  process.stderr.write(String(error?.stack ?? error));
  process.exit(3);
});
