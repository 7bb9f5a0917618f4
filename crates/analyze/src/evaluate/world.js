// A host that is not there, for a program that is tried: what it tells of
// itself is given by a table, what is sent away is kept, nothing happens.
(function (host, given, spec) {
  "use strict";
  const { tools } = given;
  const facts = spec.facts;
  const reads = [];
  const sent = [];
  const seen = [];
  const told = [];
  let clock = false;
  const known = new Set();
  const NOW = 1767323045678;
  const LONGEST = 1 << 16;

  // Where the subject's code was when it came here.
  let placed;
  const place = () => {
    if (placed) return placed();
    const lines = String(new Error().stack).split("\n");
    for (const line of lines) {
      const at = /subject:(\d+):(\d+)/.exec(line);
      if (at) return [Number(at[1]), Number(at[2])];
    }
    return [0, 0];
  };
  const fact = (key, base) => quietly(factual)(key, base);
  // Facts that the host itself came by, as it looked at what it was given.
  const nowhere = new Map();
  const factual = (key, base) => {
    const first = nowhere.get(key);
    if (first) {
      host.restore?.();
      const at = place();
      if (at[0]) {
        first[2] = at[0];
        first[3] = at[1];
        nowhere.delete(key);
      }
    }
    if (!known.has(key)) {
      host.restore?.();
      known.add(key);
      if (spec.watch) bases[key] = String(Object.hasOwn(facts, key) ? facts[key] : base ?? "");
      if (reads.length < 400) {
        const read = [key, typeof base === "string" ? base : JSON.stringify(base) ?? "", ...place()];
        if (!read[2]) nowhere.set(key, read);
        reads.push(read);
      }
    }
    return Object.hasOwn(facts, key) ? facts[key] : base;
  };
  const note = (value) => noteAll([value]);
  // What is compared with at each place of the subject.
  const lists = new Map();
  // What this host says of itself is of no list.
  const OWN = /^(\/|~|[A-Z]:)|\b(some|someone|given|secret|more|project|machine|text|input)\b/;
  const noteAll = (list) => {
    if (list.unwatched) return;
    let count = 0;
    let kept;
    for (const item of list) {
      if (++count > 400) return;
      const value = typeof item === "string" ? item : Array.isArray(item) ? item[0] : undefined;
      if (typeof value !== "string" || value.length === 0 || value.length > 80 || seen.length >= 3000) continue;
      seen.push(value);
      if (kept === undefined) {
        const at = place().join();
        kept = lists.get(at);
        if (kept === undefined && lists.size < 200) lists.set(at, (kept = new Set()));
      }
      if (kept !== undefined && kept.size < 600 && !OWN.test(value)) kept.add(value);
    }
  };
  // What may be compared with, sign by sign: tried last.
  const late = new Set();
  const noteLate = (list) => {
    for (const item of list) if (typeof item === "string" && late.size < 200) late.add(item);
  };
  // A text in which a fact is looked for holds what it may be.
  const noteParts = (text, value) => {
    if (text.length < 8 || text.length > 16000 || typeof value !== "string" || value.length < 2) return;
    const told = Object.values(bases);
    if (!told.some((base) => base === value || base.toLowerCase() === value.toLowerCase())) return;
    const parts = text.split(/[^\p{L}\p{N}_.:\/+-]+/u).filter(Boolean);
    if (parts.length > 1) noteAll(parts);
  };
  // What facts are, on this host.
  const bases = { __proto__: null };

  // ---- what is decided ----

  // What comes of a comparison, by where it is: what was compared, and what
  // came of it first.
  const decisions = new Map();
  const sign = (value) => {
    if (typeof value === "string") return value.slice(0, 120);
    if (value === null || value === undefined) return String(value);
    if (typeof value === "object") {
      if (dummies.has(value)) return "some";
      if (Array.isArray(value)) return `[${value.length}:${typeof value[0] === "string" ? value[0].slice(0, 40) : ""}`;
      if (isView(value)) return textOf(new Uint8Array(value.buffer, value.byteOffset, Math.min(value.byteLength, 64)));
      return "{}";
    }
    return typeof value === "function" ? "()" : String(value);
  };
  const forces = spec.force && new Map(spec.force.map(([site, value, times]) => [site, { value, times, come: 0 }]));
  const decide = (site, text, came) => {
    if (spec.decide) {
      let known = decisions.get(site);
      if (known === undefined && decisions.size < 600) decisions.set(site, (known = { text: "", came: Boolean(came), at: quietly(place)(), times: 0 }));
      if (known !== undefined && known.times++ < 24) known.text += `${text}\u0001`;
    }
    // Where the fact is what was compared, and nothing else.
    const forced = forces?.get(site);
    return forced !== undefined && forced.times.includes(forced.come++) ? forced.value : undefined;
  };
  const blank = (value) => value === "" || value === null || value === undefined;
  // Which way it goes at all its comparisons and tests, as one number.
  let ways = 0;
  const way = (one, came) => {
    ways = (Math.imul(ways, 33) + one * 2 + (came ? 1 : 0)) | 0;
    return came;
  };
  const compared = (one, op, a, b) => {
    let came;
    switch (op) {
      case 0: came = a === b; break;
      case 1: came = a !== b; break;
      case 2: came = a == b; break;
      case 3: came = a != b; break;
      case 4: came = a < b; break;
      case 5: came = a <= b; break;
      case 6: came = a > b; break;
      case 7: came = a >= b; break;
    }
    way(one, came);
    if (spec.watch && op < 4 && !busy && typeof a === "string" && typeof b === "string") quietly(noteAll)([a, b]);
    // Whether something is there at all is another question.
    return deciding && !blank(a) && !blank(b) ? decide(`=${one}`, `${sign(a)}\u0002${sign(b)}`, came) ?? came : came;
  };
  const tested = (one, value) => {
    way(one, value);
    if (!deciding) return value;
    const forced = decide(`?${one}`, typeof value === "boolean" || typeof value === "string" ? "" : sign(value), value);
    return forced === undefined || forced === Boolean(value) ? value : forced;
  };
  const switches = [];
  const switched = (one, value) => (switches[one] = value);
  const cased = (one, at, value) => {
    if (spec.watch && !busy && typeof value === "string") quietly(noteAll)([value]);
    if (!deciding) return value;
    const forced = decide(`:${at}`, `${sign(switches[one])}\u0002${sign(value)}`, switches[one] === value);
    return forced === undefined ? value : forced ? switches[one] : {};
  };
  const deciding = Boolean(spec.decide || spec.force);

  // ---- what leaves ----

  const isView = ArrayBuffer.isView;
  // Whether some of it is too much to be compared.
  let short = false;
  const textOf = (bytes) => {
    let out = "";
    short ||= bytes.length > LONGEST;
    for (let i = 0; i < bytes.length && i < LONGEST; i++) out += String.fromCharCode(bytes[i]);
    return host.encode(out, "utf8");
  };
  // A value as text: the same for the same, whatever it is.
  const plain = (value, depth, open) => {
    if (typeof value === "string") {
      short ||= value.length > LONGEST;
      return value.slice(0, LONGEST);
    }
    if (value === undefined || typeof value === "function" || typeof value === "symbol") {
      return value && value[RAW] ? value[RAW]() : undefined;
    }
    if (value === null || typeof value !== "object") return typeof value === "bigint" ? String(value) : value;
    if (value[RAW]) return value[RAW]();
    if (isView(value)) return textOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof ArrayBuffer) return textOf(new Uint8Array(value));
    if (depth <= 0 || open.includes(value)) {
      short ||= depth <= 0;
      return "...";
    }
    short ||= (value.length ?? value.size ?? 0) > 400;
    const inside = [...open, value];
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (Array.isArray(value)) return value.slice(0, 400).map((item) => plain(item, depth - 1, inside) ?? null);
    if (value instanceof Map || value instanceof Set) return [...value].slice(0, 400).map((item) => plain(item, depth - 1, inside));
    if (typeof value.toJSON === "function") return plain(value.toJSON(), depth - 1, inside);
    if (typeof value.pipe === "function" && value.held) return textOf(Buffer.concat(value.held.map((part) => bytes(part))));
    const out = {};
    for (const key of Object.keys(value).slice(0, 400)) {
      const inner = plain(value[key], depth - 1, inside);
      if (inner !== undefined) out[key] = inner;
    }
    // What it becomes where a text is wanted.
    const own = [value[Symbol.toPrimitive], value.toString];
    if (own.some((made) => typeof made === "function" && made !== Object.prototype.toString)) out["toString()"] = String(value).slice(0, LONGEST);
    return out;
  };
  const RAW = Symbol("raw");
  // How often something surely left.
  let leaving = 0;
  const send = (name, args) => quietly(sending)(name, args);
  const sending = (name, args) => {
    // With the language as it was, whatever the subject made of it.
    host.restore?.();
    if (sent.length >= 60) {
      short = true;
      return;
    }
    const parts = [];
    for (const arg of args) {
      let part;
      try {
        part = plain(arg, 24, []);
      } catch {
        part = "?";
      }
      if (part !== undefined) parts.push(part);
    }
    // Whether it is known to leave.
    const sure = KNOWN.test(name) || /\.(headers|body)=$/.test(name) || (name === "process" && /\bhttps?:\/\//.test(String(args))) || args.some((arg) => isRequest(arg)) || (!/^(command|process|file|console)\b/.test(name) && args.some((arg) => isRequest(told_in(arg))));
    const whole = JSON.stringify(parts);
    short ||= whole.length > LONGEST * 2;
    if (!/^(command|file|returned by )/.test(name)) leaving++;
    sent.push([name, whole.slice(0, LONGEST * 2), ...place(), sure]);
  };
  // What is given back: sentences, and requests that somebody else sends.
  const returned = (name, value, depth = 3) => {
    if (typeof value === "string") {
      if ((value.match(/\p{L}{2,}/gu) ?? []).length >= 4) send(`returned by ${name}`, [value]);
      return;
    }
    if (!value || typeof value !== "object" || depth === 0 || dummies.has(value) || isView(value)) return;
    if (typeof value.then === "function") {
      value.then((inner) => returned(name, inner, depth - 1), () => undefined);
    } else if (Array.isArray(value) ? value.some((one) => isRequest(one)) : Object.getPrototypeOf(value) === Object.prototype && isRequest(value)) {
      send(`returned by ${name}`, [value]);
    }
  };
  const bytes = (value) => (isView(value) ? value : Buffer.from(String(value)));

  // ---- what nobody knows ----

  const KNOWN = /^(fetch|request|connection|beacon|dns|stdout)$/;
  const LEAVES =
    /^(send|post|put|patch|request|fetch|write|publish|emit|create|generate|complet|chat|stream|invoke|call|query|mutat|track|capture|report|upload|submit|execut|ask|message|set|append|add|log$|end$|push|produce|notify|predict|prompt|run|exec|spawn|lookup|resolve|connect|open|insert|save|record|identify|page|event|count|gauge|histogram|incr|timing|draft|commit|index|embed|translate|render|get$|head$|delete$|del$|on$)/i;
  const LOCAL = /^(console|chalk|debug|logger|log|path|kleur|picocolors|ora|commander|yargs|winston|pino|signale|consola|boxen|figlet|enquirer|inquirer|prompts|zod|z|ansis|colors|cli-table|marked)(?![\w-])/i;
  const dummies = new WeakSet();
  const COPIED = 4;
  // What lists do with what is in them.
  const LISTED = new Set(["map", "filter", "slice", "concat", "forEach", "reduce", "reduceRight", "flatMap", "flat", "entries", "toSorted", "toReversed", "sort", "reverse", "at", "find", "findLast", "keys", "values"]);
  const dummy = (name, depth = 0) => {
    const target = function () {};
    const held = new Map();
    const pair = () => (depth > 12 ? [] : [inner("0"), inner("1")]);
    const inner = (key) => {
      if (!held.has(key)) held.set(key, depth > 24 ? undefined : dummy(`${name}.${key}`, depth + 1));
      return held.get(key);
    };
    const proxy = new Proxy(target, {
      get(_, key) {
        if (key === RAW || key === "toJSON") return () => "some";
        if (key === Symbol.toPrimitive) return (hint) => (hint === "number" ? 1 : "some");
        if (key === Symbol.iterator) return function* () { yield* pair(); };
        if (key === Symbol.asyncIterator) return async function* () { yield* pair(); };
        if (key === Symbol.hasInstance) return () => false;
        if (typeof key === "symbol") return undefined;
        if (held.has(key)) return held.get(key);
        if (key === "then") return undefined;
        if (key === "prototype") return target.prototype;
        if (key === "length" || key === "size") return 2;
        if (key === "toString" || key === "valueOf" || key === "trim" || key === "toLowerCase") return () => "some";
        if (key === "name") return "some";
        if (LISTED.has(key)) return (...args) => pair()[key](...args);
        if (key === "split") return () => ["some", "more"];
        if (key === "some" || key === "includes" || key === "startsWith" || key === "endsWith") return () => false;
        if (key === "join") return (mark = ",") => `some${mark}more`;
        return inner(key);
      },
      set(_, key, value) {
        held.set(key, value);
        if (typeof value === "function") callbacks.push(value);
        else if (!LOCAL.test(name)) send(`${name}.${String(key)}=`, [value]);
        return true;
      },
      has: () => true,
      apply(_, self, args) {
        const last = name.split(".").pop();
        if (!LOCAL.test(name) && (LEAVES.test(last) || args.some((arg) => isRequest(arg)))) {
          send(`${name}()`, args);
        }
        for (const arg of args) {
          if (typeof arg === "function" && !dummies.has(arg)) callbacks.push(arg);
          else hooks(arg, 3);
        }
        return /^(use|on|once|set\w*|with\w*|add\w*)$/.test(last) && self && dummies.has(self) ? self : inner("()");
      },
      construct(_, args) {
        if (!LOCAL.test(name)) send(`new ${name}()`, args);
        for (const arg of args) {
          if (typeof arg === "function" && !dummies.has(arg)) callbacks.push(arg);
          hooks(arg, 3);
        }
        return dummy(`new ${name}`, depth + 1);
      },
      // What is copied has something in it, as deep as settings are.
      ownKeys: () => [...Reflect.ownKeys(target), ...(depth < COPIED ? ["some", "more"] : [])],
      getOwnPropertyDescriptor: (_, key) =>
        Reflect.getOwnPropertyDescriptor(target, key) ??
        (depth < COPIED && (key === "some" || key === "more") ? { value: inner(key), writable: true, enumerable: true, configurable: true } : undefined),
    });
    dummies.add(proxy);
    return proxy;
  };
  const REQUEST = /^(model|messages|prompt|input|system|body|data|contents|url|content|text|payload|json|.*headers|.*instructions?)$/i;
  const isRequest = (arg) => {
    if (!arg || typeof arg !== "object" || dummies.has(arg)) return false;
    for (const key in arg) if (REQUEST.test(key)) return true;
    return false;
  };
  // The data that a text holds.
  const told_in = (arg) => {
    if (typeof arg !== "string" && !isView(arg)) return arg;
    const text = typeof arg === "string" ? arg : textOf(arg);
    if (!/^\s*\{/.test(text)) return arg;
    try {
      return parse(text);
    } catch {
      return arg;
    }
  };
  // Functions that are handed over may be called later.
  const callbacks = [];
  const hooks = (arg, depth) => {
    if (!arg || typeof arg !== "object" || depth === 0 || dummies.has(arg) || isView(arg)) return;
    for (const key of Object.keys(arg).slice(0, 50)) {
      let inner;
      try {
        inner = arg[key];
      } catch {
        continue;
      }
      if (typeof inner === "function" && !dummies.has(inner)) callbacks.push(inner);
      else hooks(inner, depth - 1);
    }
  };

  // ---- the host ----

  const OFFSETS = {
    UTC: 0, "Etc/UTC": 0, GMT: 0, "America/New_York": 300, "America/Chicago": 360, "America/Denver": 420,
    "America/Los_Angeles": 480, "America/Havana": 300, "America/Caracas": 240, "America/Sao_Paulo": 180,
    "Europe/London": 0, "Europe/Berlin": -60, "Europe/Paris": -60, "Europe/Kyiv": -120, "Europe/Kiev": -120,
    "Europe/Moscow": -180, "Europe/Minsk": -180, "Europe/Istanbul": -180, "Asia/Damascus": -180, "Asia/Riyadh": -180,
    "Asia/Baghdad": -180, "Asia/Tehran": -210, "Asia/Dubai": -240, "Asia/Karachi": -300, "Asia/Kolkata": -330,
    "Asia/Calcutta": -330, "Asia/Urumqi": -360, "Asia/Kashgar": -360, "Asia/Dhaka": -360, "Asia/Yangon": -390,
    "Asia/Bangkok": -420, "Asia/Ho_Chi_Minh": -420, "Asia/Jakarta": -420, "Asia/Shanghai": -480, "Asia/Chongqing": -480,
    "Asia/Harbin": -480, "Asia/Beijing": -480, "Asia/Hong_Kong": -480, "Asia/Macau": -480, "Asia/Taipei": -480,
    "Asia/Singapore": -480, "Asia/Manila": -480, "Asia/Tokyo": -540, "Asia/Seoul": -540, "Asia/Pyongyang": -540,
    "Australia/Sydney": -600, "Asia/Vladivostok": -600, PRC: -480, ROK: -540, "W-SU": -180, Iran: -210,
  };
  // What was put into the form of the place.
  const tell = (text) => {
    if (told.length < 200) told.push(text);
    return text;
  };
  const NAMES = {
    0: ["GMT", "Greenwich Mean Time"], 300: ["EST", "Eastern Standard Time"], 480: ["PST", "Pacific Standard Time"],
    "-480": ["CST", "China Standard Time"], "-540": ["JST", "Japan Standard Time"], "-180": ["MSK", "Moscow Standard Time"],
    "-210": ["IRST", "Iran Standard Time"], "-60": ["CET", "Central European Standard Time"], "-330": ["IST", "India Standard Time"],
  };
  const zone = () => String(fact("zone", "America/New_York"));
  const offset = () => (Object.hasOwn(facts, "offset") ? facts.offset : OFFSETS[zone()] ?? (zone().startsWith("Asia/") ? -480 : 0));
  const zoneNames = () => NAMES[offset()] ?? ["LMT", zone()];
  const locale = () => String(fact("locale", "en-US"));
  const user = () => String(fact("user", "someone"));
  const home = () => (Object.hasOwn(facts, "home") ? `/home/${fact("home", "")}` : fact("home", HOME));
  // The same where the subject does not get to see it.
  const HOME = `/home/${Object.hasOwn(facts, "home") ? facts.home : Object.hasOwn(facts, "user") ? facts.user : "someone"}`;
  const hostname = () => String(fact("hostname", "machine"));
  const BASE = { PATH: "/usr/bin:/bin", TERM: "xterm-256color", SHELL: "/bin/bash", LANG: "en_US.UTF-8" };
  const environment = /^([^=]*)(?:=(.*))?$/s.exec(String(facts.environment ?? "=")).slice(1);
  const variable = (name) => {
    const upper = name.toUpperCase();
    if (name === environment[0]) return environment[1] ?? "1";
    if (upper === "HOME" || upper === "USERPROFILE") return home();
    if (upper === "USER" || upper === "LOGNAME" || upper === "USERNAME") return user();
    if (upper === "HOSTNAME" || upper === "COMPUTERNAME") return hostname();
    if (upper === "LANG") return fact("lang", `${locale().replace("-", "_")}.UTF-8`);
    if (upper === "PWD") return cwd();
    if (upper === "TZ") return fact("env:TZ", undefined);
    if (host.variable(name)) return fact(`env:${name}`, BASE[name]);
    // What only the tool itself asks for is a setting.
    return Object.hasOwn(facts, `env:${name}`) ? facts[`env:${name}`] : /KEY|TOKEN|SECRET/i.test(name) ? "secret" : undefined;
  };
  const USUAL = ["PATH", "HOME", "USER", "SHELL", "LANG", "TERM", "PWD", "HOSTNAME", "LOGNAME"];
  const settable = { __proto__: null };
  const env = new Proxy(settable, {
    get: (own, name) => (typeof name === "symbol" ? undefined : name in own ? own[name] : variable(name)),
    has: (own, name) => typeof name === "string" && (name in own || variable(name) !== undefined),
    ownKeys: (own) => {
      fact("environment", "");
      const names = new Set([...USUAL, ...Object.keys(own)]);
      if (facts.environment) names.add(environment[0]);
      for (const key of Object.keys(facts)) if (key.startsWith("env:") && facts[key] !== undefined) names.add(key.slice(4));
      return [...names];
    },
    getOwnPropertyDescriptor: (own, name) => {
      const value = name in own ? own[name] : variable(name);
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
  });
  const cwd = () => fact("cwd", `${HOME}/work/project`);
  const interfaces = () => {
    const base = { lo: [{ address: "127.0.0.1", family: "IPv4", mac: "00:00:00:00:00:00", internal: true, netmask: "255.0.0.0", cidr: "127.0.0.1/8" }] };
    const own = fact("interfaces", "");
    const [name, address, mac] = own === "" ? ["eth0", "192.168.7.20", "52:54:00:12:34:56"] : String(own).split(" ");
    base[name || "eth0"] = [
      { address: address || "192.168.7.20", family: "IPv4", mac: mac || "52:54:00:12:34:56", internal: false, netmask: "255.255.255.0", cidr: `${address || "192.168.7.20"}/24` },
    ];
    return base;
  };
  const PROJECT = /(^|\/)(\.git\/|\.npmrc$|package(-lock)?\.json$|yarn\.lock$|pnpm-lock\.yaml$|go\.mod$|requirements\.txt$|pom\.xml$|Cargo\.toml$)/;
  const tells = (path) =>
    /^\/(etc|proc|sys|run|var|usr|dev|\.dockerenv|Library|Applications|System|snap|opt|mnt)\b/.test(path) ||
    /\/\.[a-z]/i.test(path) ||
    /^[A-Z]:\\/.test(path) ||
    /\/home\/[^/]*\/(\.|Library|AppData|Documents|Desktop|Downloads)/.test(path) ||
    PROJECT.test(path);
  const written = new Map();
  // Which file a text is the whole of.
  const wholes = new Map();
  const filed = (path, base) => {
    const key = `file:${named(path)}`;
    const text = fact(key, base);
    if (typeof text === "string" && text.length > 1 && wholes.size < 400) wholes.set(text, key);
    return text;
  };
  // What is set in a file: what it holds, and what else is asked for.
  const settings = (key, held, path = "#") =>
    new Proxy(held, {
      get: (own, name) => {
        if (typeof name === "symbol" || name === "then" || name === "toJSON" || (name in own && !Object.hasOwn(own, name)) || Array.isArray(own)) return own[name];
        const value = Object.hasOwn(own, name) ? own[name] : fact(`${key}${path}${name}`, undefined);
        return value && typeof value === "object" ? settings(key, value, `${path}${name}.`) : value;
      },
      has: (own, name) => name in own || (typeof name === "string" && fact(`${key}${path}${name}`, undefined) !== undefined),
    });
  // The language's own, below what an earlier host put in its place.
  const ownJSON = Object.getPrototypeOf(JSON) === Object.prototype ? JSON : Object.getPrototypeOf(JSON);
  const { parse } = ownJSON;
  const parsed = (text, change) => {
    const value = parse(text, change);
    const key = value && typeof value === "object" ? wholes.get(String(text)) : undefined;
    return key === undefined ? value : settings(key, value);
  };
  const missing = (path) => Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT", errno: -2, path });
  // The same name whoever it belongs to.
  const here = () => (Object.hasOwn(facts, "cwd") ? String(facts.cwd) : `${HOME}/work/project`);
  const named = (path) => path.startsWith(`${here()}/`) ? path.slice(here().length + 1) : path.startsWith(`${HOME}/`) || path === HOME ? `~${path.slice(HOME.length)}` : path;
  const absolute = (path) => {
    const text = String(path instanceof URL ? path.pathname : path);
    if (text.startsWith("~")) return HOME + text.slice(1);
    return text.startsWith("/") || /^[A-Z]:/.test(text) ? text : `${HOME}/work/project/${text.replace(/^\.\//, "")}`;
  };
  // What a file holds; undefined where it is not there.
  const content = (path) => {
    path = absolute(path);
    if (written.has(path)) return written.get(path);
    if (/\/etc\/timezone$/.test(path)) return `${zone()}\n`;
    if (/\/(etc|proc\/sys\/kernel)\/hostname$/.test(path)) return `${hostname()}\n`;
    if (/\/etc\/(locale\.conf|default\/locale)$/.test(path)) return `LANG=${variable("LANG")}\n`;
    if (/\/etc\/localtime$/.test(path)) return `TZif2\n${zone()}\n`;
    if (/package\.json$/.test(path)) return filed(path, '{"name":"project","version":"1.0.0"}');
    const usual = [
      [/\/etc\/hosts$/, "127.0.0.1 localhost\n"], [/\/os-release$/, 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n'], [/machine-id$/, "0123456789abcdef0123456789abcdef\n"],
      [/\/proc\/cpuinfo$/, "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Core(TM)\n"], [/\/resolv\.conf$/, "nameserver 192.0.2.53\n"], [/\/proc\/[^/]+\/(comm|cmdline)$/, "bash\n"],
      [/\/proc\/version$/, "Linux version 6.1.0\n"], [/\/dmi\/id\//, "Standard PC\n"], [/\/etc\/passwd$/, "someone:x:1000:1000::/home/someone:/bin/bash\n"], [/\/proc\/(meminfo|uptime|1\/cgroup|self\/\w+|net\/\w+)$/, "0\n"],
    ].find(([pattern]) => pattern.test(path));
    if (tells(path)) return filed(path, usual?.[1]);
    return /\.json$/.test(path) ? '{"name":"some"}' : "some text\n";
  };
  const there = (path) => {
    path = absolute(path);
    if (written.has(path)) return true;
    if (/\/etc\/(timezone|hostname|localtime|passwd|hosts)$/.test(path)) return true;
    if (tells(path)) return fact(`file:${named(path)}`, undefined) !== undefined;
    return !/\.(lock|pid)$/.test(path);
  };
  const stat = (path) => {
    if (!there(path)) throw missing(path);
    return {
      isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false, size: String(content(path) ?? "").length,
      mtime: new globalThis.Date(NOW), mtimeMs: NOW, birthtime: new globalThis.Date(NOW), ino: 1, mode: 0o644, uid: 1000, gid: 1000,
    };
  };
  const readFile = (path, how) => {
    const text = path === 0 || path === "/dev/stdin" ? "some input" : content(path);
    if (text === undefined) throw missing(path);
    const encoding = typeof how === "string" ? how : how?.encoding;
    return encoding ? String(text) : Buffer.from(String(text));
  };
  const writeFile = (path, data) => {
    written.set(absolute(path), isView(data) ? textOf(data) : String(data));
    send("file", [named(absolute(path)), data]);
  };
  const entries = (path, how) => {
    const at = absolute(path);
    const listed = fact(`dir:${named(at)}`, "");
    // Some processes run everywhere.
    const names = listed === "" ? (/^\/proc\/?$/.test(at) ? ["1", "700", "self"] : []) : String(listed).split("\n");
    return how?.withFileTypes ? names.map((name) => ({ name, isDirectory: () => true, isFile: () => false, isSymbolicLink: () => false })) : names;
  };
  const link = (path) => {
    if (/localtime$/.test(String(path))) return `/usr/share/zoneinfo/${zone()}`;
    const target = fact(`file:${named(absolute(path))}`, undefined);
    if (target === undefined) throw missing(path);
    return target;
  };
  const fsSync = {
    readFileSync: readFile, writeFileSync: writeFile,
    appendFileSync: (path, data) => writeFile(path, (written.get(absolute(path)) ?? "") + String(data)),
    existsSync: there, statSync: stat, lstatSync: stat, readdirSync: entries, readlinkSync: link,
    realpathSync: (path) => (/localtime$/.test(String(path)) ? link(path) : absolute(path)),
    accessSync: (path) => void stat(path), mkdirSync: () => undefined, rmSync: () => undefined, unlinkSync: (path) => void written.delete(absolute(path)),
    mkdtempSync: (prefix) => `${prefix}AAAAAA`, copyFileSync: (from, to) => writeFile(to, readFile(from, "utf8")), renameSync: (from, to) => writeFile(to, readFile(from, "utf8")),
    openSync: (path) => path, closeSync: () => undefined, writeSync: (path, data) => writeFile(path, data), chmodSync: () => undefined,
    statfsSync: () => ({ bsize: 4096, blocks: Number(fact("disk", 60000000)), bfree: 10000000, bavail: 10000000, type: 61267 }),
  };
  fsSync.realpathSync.native = fsSync.realpathSync;
  const promised = (call) => async (...args) => call(...args);
  const called = (call) => (...args) => {
    const done = args.pop();
    let result;
    try {
      result = call(...args);
    } catch (error) {
      later(() => done(error));
      return;
    }
    later(() => done(null, result));
  };
  const promises = {};
  const fs = { ...fsSync, promises, constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 } };
  for (const [name, call] of Object.entries(fsSync)) {
    const short = name.replace(/Sync$/, "");
    promises[short] = promised(call);
    fs[short] = called(call);
  }
  promises.open = async (path) => ({
    readFile: async (how) => readFile(path, how), writeFile: async (data) => writeFile(path, data), close: async () => undefined,
    read: async () => ({ bytesRead: 0 }), stat: async () => stat(path),
  });
  fs.createReadStream = (path) => stream([readFile(path)]);
  fs.createWriteStream = (path) => Object.assign(stream([]), { sink: (data) => writeFile(path, (written.get(absolute(path)) ?? "") + data) });

  const COMMANDS = [
    [/\b(tzutil|get-timezone)\b/i, () => zoneNames()[1]],
    [/\b(timedatectl|tzutil|systemsetup|get-timezone|readlink.*localtime|\/etc\/timezone|\/etc\/localtime)\b|localtime|TimeZone/i, () => zone()],
    [/\bdate\b.*%Z/, () => zoneNames()[0]],
    [/\bdate\b.*%z/, () => `${offset() > 0 ? "-" : "+"}${String(Math.abs(offset() / 60) | 0).padStart(2, "0")}00`],
    [/\b(hostname|uname -n|scutil --get)\b/, () => hostname()],
    [/\b(whoami|logname|id -un|USERNAME)\b/, () => user()],
    [/\b(locale|AppleLocale|AppleLanguages|get-culture|get-winsystemlocale|CurrentCulture|UICulture)\b/i, () => ["LANG", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "LC_ALL"].map((name) => `${name}=${variable("LANG")}`).join("\n")],
  ];
  const output = (command, args = []) => {
    const line = [command, ...(Array.isArray(args) ? args : [])].join(" ");
    if (/\bcurl\b|\bwget\b|Invoke-(WebRequest|RestMethod)|\bgh\b|\bgit\b.*(push|commit|tag|notes)|\bnpm publish\b|\bmail\b|\bnc\b|\bssh\b|\bscp\b|\brsync\b|\baz\b|\baws\b|\bopen\b|xdg-open|\bnslookup\b|\bdig\b|osascript/.test(line)) {
      send("process", [line]);
      return "{}";
    }
    const found = COMMANDS.find(([pattern]) => pattern.test(line));
    if (found && /AppleLanguages/.test(line)) return `(\n    "${locale().replace("zh-CN", "zh-Hans-CN")}",\n    en\n)\n`;
    if (found) return /culture|AppleLocale/i.test(line) ? locale() : `${found[1]()}\n`;
    // What shows files and changes has something to show.
    const base = /\bgit\b.*\b(diff|log|show|status|ls-files|blame)\b|^(cat|ls|find|grep|rg|head|tail)\b/.test(line) ? "some changes\n" : "";
    send("command", [command, Array.isArray(args) ? args : []]);
    // The same command, whatever it is given to do.
    return String(fact(`command:${line.split("\n")[0].slice(0, 60)}`, base));
  };
  const stdin = (line, args) => ({ write: (data) => send("process", [line, args, data]), end: (data) => data !== undefined && send("process", [line, args, data]), on() {} });
  const child = (command, args, done, out) => {
    const made = emitter({ stdin: stdin(command, Array.isArray(args) ? args : []), pid: 4242, kill: () => true, unref() {}, ref() {} });
    let text = out ?? "";
    made.stdout = stream([text]);
    made.stderr = stream([]);
    later(() => {
      made.emit("spawn");
      made.emit("exit", 0, null);
      made.emit("close", 0, null);
    });
    return made;
  };
  const options = (args) => args.find((arg) => arg && typeof arg === "object" && !Array.isArray(arg));
  const given_to = (command, args) => {
    const how = options(args);
    const list = Array.isArray(args[0]) ? args[0] : [];
    const text = output(command, list);
    if (how?.input !== undefined) send("process", [command, list, how.input]);
    if (how?.env) send("process", [command, list, spread(how.env)]);
    return text;
  };
  // What a process is given beyond the environment as it is.
  const spread = (own) => {
    const out = {};
    for (const key of Object.keys(own)) if (!USUAL.includes(key) && !host.variable(key)) out[key] = own[key];
    return out;
  };
  const asked = (text, how) => (how?.encoding && how.encoding !== "buffer" ? text : Buffer.from(text));
  const child_process = {
    execSync: (command, ...args) => asked(given_to(command, args), args[0]),
    execFileSync: (command, ...args) => asked(given_to(command, args), options(args)),
    spawnSync: (command, ...args) => {
      const text = given_to(command, args);
      return { status: 0, signal: null, pid: 4242, stdout: asked(text, options(args)), stderr: asked("", options(args)), output: [null, text, ""], error: undefined };
    },
    spawn: (command, ...args) => child(command, args[0], undefined, given_to(command, args)),
    fork: (command, ...args) => Object.assign(child(command, args[0], undefined, given_to(command, args)), { send: (data) => send("process.send", [data]) }),
    exec: (command, ...args) => {
      const text = given_to(command, args);
      const done = args.find((arg) => typeof arg === "function");
      if (done) later(() => done(null, text, ""));
      return child(command, [], undefined, text);
    },
  };
  child_process.execFile = (command, ...args) => child_process.exec(command, ...args);
  const promisified = (call) => async (command, ...args) => ({ stdout: given_to(command, args), stderr: "" });
  child_process.exec[Symbol.for("promisify")] = promisified();
  child_process.execFile[Symbol.for("promisify")] = promisified();

  const os = {
    hostname, homedir: home, tmpdir: () => "/tmp", EOL: "\n", platform: () => fact("platform", "linux"), type: () => "Linux",
    arch: () => fact("arch", "x64"), release: () => String(fact("release", "6.1.0")), version: () => String(fact("version", "#1 SMP")),
    machine: () => "x86_64", endianness: () => "LE", uptime: () => Number(fact("uptime", 5000)), loadavg: () => [Number(fact("load", 0.1)), 0.1, 0.1],
    totalmem: () => Number(fact("memory", 16e9)), freemem: () => 8e9, networkInterfaces: interfaces, devNull: "/dev/null",
    cpus: () => {
      const model = fact("cpu", "Intel(R) Core(TM) i7");
      return Array.from({ length: Number(fact("cores", 8)) }, () => ({ model, speed: 2400, times: {} }));
    },
    userInfo: () => ({ username: user(), uid: Number(fact("uid", 1000)), gid: 1000, shell: "/bin/bash", homedir: home() }), constants: { signals: {} },
    availableParallelism: () => Number(fact("cores", 8)),
  };

  // ---- time ----

  const Native = globalThis.Date;
  const two = (number) => String(number).padStart(2, "0");
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const shifted = (date, at) => new Native(date.getTime() - (at ?? offset()) * 60000);
  let ticks = 0;
  class WorldDate extends Native {
    constructor(...args) {
      if (args.length === 0) super(NOW + ticks++);
      else if (args.length >= 2) super(Native.UTC(...args) + offset() * 60000);
      else if (typeof args[0] === "string" && /\d\d:\d\d/.test(args[0]) && !/(Z|GMT|UTC|[+-]\d\d:?\d\d)\s*(\(.*\))?$/.test(args[0])) {
        super(Native.parse(args[0].replace(" ", "T") + "Z") + offset() * 60000);
      } else super(args[0]);
    }
    static now() {
      return NOW + ticks++;
    }
    static parse(text) {
      return new WorldDate(String(text)).getTime();
    }
    getTimezoneOffset() {
      return offset();
    }
    toString() {
      const local = shifted(this);
      const at = offset();
      return tell(`${DAYS[local.getUTCDay()]} ${MONTHS[local.getUTCMonth()]} ${two(local.getUTCDate())} ${local.getUTCFullYear()} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} GMT${at > 0 ? "-" : "+"}${two((Math.abs(at) / 60) | 0)}${two(Math.abs(at) % 60)} (${zoneNames()[1]})`);
    }
    toTimeString() {
      return this.toString().slice(16);
    }
    toDateString() {
      return this.toString().slice(0, 15);
    }
    toLocaleString(which, how) {
      return formatted(this, which, how, true, true);
    }
    toLocaleDateString(which, how) {
      return formatted(this, which, how, true, false);
    }
    toLocaleTimeString(which, how) {
      return formatted(this, which, how, false, true);
    }
  }
  for (const part of ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds", "Day"]) {
    WorldDate.prototype[`get${part}`] = function () {
      clock = true;
      return shifted(this)[`getUTC${part}`]();
    };
    if (part !== "Day") {
      WorldDate.prototype[`set${part}`] = function (...args) {
        const local = shifted(this);
        local[`setUTC${part}`](...args);
        return this.setTime(local.getTime() + offset() * 60000);
      };
    }
  }
  const chosen = (which) => (Array.isArray(which) ? which[0] : which) ?? locale();
  const formatted = (date, which, how = {}, day, time) => {
    const at = how?.timeZone ? OFFSETS[how.timeZone] ?? 0 : offset();
    const local = shifted(date, at);
    const language = String(chosen(which));
    const [y, m, d] = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()];
    const [h, min, s] = [local.getUTCHours(), two(local.getUTCMinutes()), two(local.getUTCSeconds())];
    const days = /^en-US/.test(language) ? `${m}/${d}/${y}` : /^(zh|ja|ko)/.test(language) ? `${y}/${m}/${d}` : /^de|^ru/.test(language) ? `${d}.${m}.${y}` : `${two(d)}/${two(m)}/${y}`;
    const hours = /^en-US/.test(language) ? `${h % 12 || 12}:${min}:${s} ${h < 12 ? "AM" : "PM"}` : `${two(h)}:${min}:${s}`;
    const named = how?.timeZoneName ? ` ${how.timeZoneName === "long" ? zoneNames()[1] : how.timeZoneName.includes("ffset") ? `GMT${at > 0 ? "-" : "+"}${Math.abs(at / 60)}` : zoneNames()[0]}` : "";
    return tell([day && days, time && hours].filter(Boolean).join(", ") + named);
  };
  const resolved = (which, how, more) => ({
    get locale() {
      return which === undefined || (Array.isArray(which) && !which.length) ? locale() : String(chosen(which));
    },
    get timeZone() {
      return how?.timeZone ?? zone();
    },
    get calendar() {
      return String(fact("calendar", "gregory"));
    },
    get numberingSystem() {
      return String(fact("numbering", "latn"));
    },
    get hourCycle() {
      return String(fact("cycle", "h12"));
    },
    ...more,
  });
  const number = (value, which) => {
    const [whole, rest] = String(Math.abs(Number(value))).split(".");
    const language = String(chosen(which));
    const mark = /^(de|es|it|pt|id|tr)/.test(language) ? "." : /^(fr|ru|uk|pl)/.test(language) ? "\u202f" : ",";
    const point = mark === "," ? "." : ",";
    return tell((value < 0 ? "-" : "") + whole.replace(/\B(?=(\d{3})+$)/g, mark) + (rest ? point + rest.slice(0, 3) : ""));
  };
  const maker = (parts) => {
    const Made = function (which, how) {
      const self = Object.create(Made.prototype);
      self.resolvedOptions = () => resolved(which, how);
      return Object.assign(self, parts(which, how));
    };
    Made.supportedLocalesOf = (list) => (Array.isArray(list) ? list : [list]);
    return Made;
  };
  const Intl = {
    DateTimeFormat: maker((which, how) => ({
      format: (date) => formatted(date instanceof Native ? date : new WorldDate(date ?? NOW), which, how, !how || !("timeStyle" in how) || "dateStyle" in how, !!how && ("timeStyle" in how || "hour" in how)),
      formatToParts: () => [
        { type: "month", value: "1" }, { type: "literal", value: "/" }, { type: "day", value: "2" }, { type: "literal", value: "/" }, { type: "year", value: "2026" },
        { type: "hour", value: String(shifted(new Native(NOW), how?.timeZone ? OFFSETS[how.timeZone] ?? 0 : offset()).getUTCHours()) },
        { type: "timeZoneName", value: how?.timeZoneName === "long" ? zoneNames()[1] : zoneNames()[0] },
      ],
    })),
    NumberFormat: maker((which) => ({
      format: (value) => number(value, which),
      formatToParts: (value) => {
        const text = number(value, which);
        return [{ type: "integer", value: text }, { type: "group", value: (/\D/.exec(text) ?? [","])[0] }, { type: "decimal", value: number(1.5, which)[1] }];
      },
    })),
    Collator: maker(() => ({ compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0) })),
    PluralRules: maker(() => ({ select: (count) => (count === 1 ? "one" : "other") })),
    ListFormat: maker(() => ({ format: (list) => [...list].join(", ") })),
    RelativeTimeFormat: maker(() => ({ format: (count, unit) => `${count} ${unit}` })),
    DisplayNames: maker(() => ({ of: (code) => code })),
    Segmenter: maker(() => ({ segment: (text) => [...text].map((segment) => ({ segment })) })),
    Locale: function (tag) {
      const [language, region] = String(tag).split("-");
      return { language, region, baseName: String(tag), maximize: () => ({ language, region, script: "Latn" }), toString: () => String(tag), getTimeZones: () => [] };
    },
    getCanonicalLocales: (list) => (Array.isArray(list) ? list : [list]),
    supportedValuesOf: () => Object.keys(OFFSETS),
  };
  Number.prototype.toLocaleString = function (which) {
    return number(this, which);
  };
  String.prototype.toLocaleUpperCase = function (which) {
    const turkish = /^(tr|az)/.test(String(chosen(which)));
    return turkish ? this.replace(/i/g, "\u0130").toUpperCase() : this.toUpperCase();
  };
  String.prototype.toLocaleLowerCase = function (which) {
    const turkish = /^(tr|az)/.test(String(chosen(which)));
    return turkish ? this.replace(/I/g, "\u0131").toLowerCase() : this.toLowerCase();
  };

  // ---- events, streams, timers ----

  const timers = [];
  let timed = 0;
  const later = (call, ...args) => {
    if (typeof call === "function" && timers.length < 2000 && timed++ < 3000) timers.push(() => call(...args));
    return { ref() {}, unref() {}, hasRef: () => true, refresh() {}, [Symbol.toPrimitive]: () => 1 };
  };
  class EventEmitter {
    on(name, call) {
      ((this.listeners_ ??= {})[name] ??= []).push(call);
      this.added?.(name);
      return this;
    }
    once(name, call) {
      return this.on(name, call);
    }
    addListener(name, call) {
      return this.on(name, call);
    }
    prependListener(name, call) {
      return this.on(name, call);
    }
    off() {
      return this;
    }
    removeListener() {
      return this;
    }
    removeAllListeners() {
      return this;
    }
    setMaxListeners() {
      return this;
    }
    listenerCount(name) {
      return this.listeners_?.[name]?.length ?? 0;
    }
    emit(name, ...args) {
      const list = this.listeners_?.[name];
      if (!list) return false;
      for (const call of [...list]) call.apply(this, args);
      return true;
    }
    addEventListener(name, call) {
      this.on(name, typeof call === "function" ? call : (event) => call.handleEvent(event));
    }
    removeEventListener() {}
    dispatchEvent(event) {
      this[`on${event.type}`]?.(event);
      return this.emit(event.type, event);
    }
  }
  const emitter = (more) => Object.assign(new EventEmitter(), more);
  class Stream extends EventEmitter {
    constructor(how = {}) {
      super();
      this.held = [];
      for (const name of ["read", "write", "transform", "flush", "final"]) if (typeof how?.[name] === "function") this[`_${name}`] = how[name];
      this.writable = this.readable = true;
    }
    static from(list) {
      const out = new Stream();
      for (const item of list) out.held.push(item);
      out.over = true;
      return out;
    }
    added(name) {
      if (name === "data" || name === "readable" || name === "end" || name === "close") {
        later(() => {
          if (name === "data") for (const part of this.held.splice(0)) this.emit("data", typeof part === "string" && !this.as ? Buffer.from(part) : part);
          if (this.over && name !== "data") this.emit(name);
        });
      }
    }
    push(part) {
      if (part === null) {
        this.over = true;
        later(() => {
          this.emit("end");
          this.emit("close");
        });
      } else {
        this.held.push(part);
        if (this.to) this.flow();
        if (this.listenerCount("data")) for (const one of this.held.splice(0)) this.emit("data", one);
      }
      return true;
    }
    write(part, encoding, done) {
      if (this.sink) this.sink(part);
      else if (this._transform) this._transform(typeof part === "string" ? Buffer.from(part) : part, "utf8", (error, out) => out !== undefined && out !== null && this.push(out));
      else if (this._write) this._write(part, "utf8", () => undefined);
      else this.push(part);
      if (typeof encoding === "function") encoding();
      if (typeof done === "function") done();
      return true;
    }
    end(part, encoding) {
      if (part !== undefined && typeof part !== "function") this.write(part);
      this._flush?.((error, out) => out !== undefined && out !== null && this.push(out));
      this._final?.(() => undefined);
      this.over = true;
      if (this.to) this.flow();
      later(() => {
        this.emit("finish");
        this.emit("end");
        this.emit("close");
      });
      if (typeof part === "function") part();
      return this;
    }
    flow() {
      for (const one of this.held.splice(0)) this.to.write(one);
      if (this.over && this.to.end && !this.ended) {
        this.ended = true;
        this.to.end();
      }
    }
    pipe(to) {
      this.to = to;
      if (this._read && !this.over) this._read();
      later(() => this.flow());
      return to;
    }
    pipeThrough(to) {
      return to.readable ?? to;
    }
    setEncoding(as) {
      this.as = as;
      return this;
    }
    read() {
      const part = this.held.shift();
      return part === undefined ? null : part;
    }
    resume() {
      return this;
    }
    pause() {
      return this;
    }
    destroy() {
      return this;
    }
    unref() {
      return this;
    }
    setTimeout() {
      return this;
    }
    cork() {}
    uncork() {}
    async *[Symbol.asyncIterator]() {
      if (this._read && !this.over) this._read();
      for (let i = 0; i < 100 && this.held.length; i++) {
        const part = this.held.shift();
        yield typeof part === "string" && this.raw && !this.as ? Buffer.from(part) : part;
      }
    }
  }
  const stream = (parts) => {
    const made = Stream.from(parts.filter((part) => part !== "" && part !== undefined));
    return made;
  };
  const kinds = { Readable: Stream, Writable: Stream, Duplex: Stream, Transform: Stream, PassThrough: Stream, Stream };
  const pipeline = (...parts) => {
    const done = typeof parts.at(-1) === "function" && !dummies.has(parts.at(-1)) ? parts.pop() : undefined;
    for (let i = 0; i + 1 < parts.length; i++) {
      const from = typeof parts[i].pipe === "function" ? parts[i] : Stream.from(parts[i]);
      from.pipe(parts[i + 1]);
    }
    if (done) later(done);
    return parts.at(-1);
  };

  // ---- the web ----

  class URLSearchParams {
    constructor(from = "") {
      this.list = [];
      if (typeof from === "string") {
        for (const part of from.replace(/^\?/, "").split("&").filter(Boolean)) {
          const [name, ...rest] = part.split("=");
          this.list.push([decode(name), decode(rest.join("="))]);
        }
      } else if (from instanceof URLSearchParams) this.list = from.list.map((pair) => [...pair]);
      else if (typeof from?.[Symbol.iterator] === "function") for (const [name, value] of from) this.append(name, value);
      else for (const name of Object.keys(from)) this.append(name, from[name]);
    }
    append(name, value) {
      this.list.push([String(name), String(value)]);
    }
    set(name, value) {
      const known = this.list.find((pair) => pair[0] === name);
      if (known) known[1] = String(value);
      else this.append(name, value);
    }
    get(name) {
      return this.list.find((pair) => pair[0] === name)?.[1] ?? null;
    }
    getAll(name) {
      return this.list.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    }
    has(name) {
      return this.list.some((pair) => pair[0] === name);
    }
    delete(name) {
      this.list = this.list.filter((pair) => pair[0] !== name);
    }
    sort() {
      this.list.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    }
    forEach(call) {
      for (const [name, value] of this.list) call(value, name, this);
    }
    keys() {
      return this.list.map((pair) => pair[0])[Symbol.iterator]();
    }
    values() {
      return this.list.map((pair) => pair[1])[Symbol.iterator]();
    }
    entries() {
      return this.list[Symbol.iterator]();
    }
    get size() {
      return this.list.length;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return this.list.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    }
    [RAW]() {
      return this.toString();
    }
  }
  const decode = (text) => {
    try {
      return decodeURIComponent(text.replace(/\+/g, " "));
    } catch {
      return text;
    }
  };
  const encode = (text) => encodeURIComponent(text).replace(/%20/g, "+").replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  class URL {
    constructor(text, base) {
      let whole = String(text);
      if (!/^[a-z][a-z0-9+.-]*:/i.test(whole)) {
        if (base === undefined) throw new TypeError("Invalid URL");
        const from = new URL(String(base));
        if (whole.startsWith("//")) whole = from.protocol + whole;
        else if (whole.startsWith("/")) whole = from.origin + whole;
        else whole = from.origin + from.pathname.replace(/[^/]*$/, "") + whole;
      }
      const at = /^([a-z][a-z0-9+.-]*:)(?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:/?#]*)(?::(\d+))?)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(whole);
      if (!at) throw new TypeError("Invalid URL");
      this.protocol = at[1].toLowerCase();
      this.username = at[2] ?? "";
      this.password = at[3] ?? "";
      this.hostname = (at[4] ?? "").toLowerCase();
      const usual = { "https:": "443", "http:": "80" }[this.protocol];
      this.port = at[5] === usual ? "" : at[5] ?? "";
      this.pathname = at[6] || (this.hostname ? "/" : "");
      this.searchParams = new URLSearchParams(at[7] ?? "");
      this.query = at[7] ?? "";
      this.before = this.searchParams.toString();
      this.hash = at[8] ?? "";
    }
    get host() {
      return this.port ? `${this.hostname}:${this.port}` : this.hostname;
    }
    set host(value) {
      [this.hostname, this.port = ""] = String(value).split(":");
    }
    get origin() {
      return `${this.protocol}//${this.host}`;
    }
    get search() {
      const now = this.searchParams.toString();
      return now === this.before ? this.query : now && `?${now}`;
    }
    set search(text) {
      this.searchParams = new URLSearchParams(String(text));
      this.query = text && !String(text).startsWith("?") ? `?${text}` : String(text);
      this.before = this.searchParams.toString();
    }
    get href() {
      const who = this.username ? `${this.username}${this.password ? `:${this.password}` : ""}@` : "";
      return `${this.protocol}//${who}${this.host}${this.pathname}${this.search}${this.hash}`;
    }
    static canParse(text) {
      try {
        return !!new URL(text);
      } catch {
        return false;
      }
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
    [RAW]() {
      return this.href;
    }
  }
  class Headers {
    constructor(from) {
      this.map = new Map();
      if (from) for (const [name, value] of typeof from[Symbol.iterator] === "function" ? from : Object.entries(from)) this.append(name, value);
    }
    append(name, value) {
      const key = String(name).toLowerCase();
      this.map.set(key, this.map.has(key) ? `${this.map.get(key)}, ${value}` : String(value));
    }
    set(name, value) {
      this.map.set(String(name).toLowerCase(), String(value));
    }
    get(name) {
      return this.map.get(String(name).toLowerCase()) ?? null;
    }
    has(name) {
      return this.map.has(String(name).toLowerCase());
    }
    delete(name) {
      this.map.delete(String(name).toLowerCase());
    }
    forEach(call) {
      for (const [name, value] of this.map) call(value, name, this);
    }
    entries() {
      return this.map.entries();
    }
    keys() {
      return this.map.keys();
    }
    values() {
      return this.map.values();
    }
    getSetCookie() {
      return [];
    }
    [Symbol.iterator]() {
      return this.map.entries();
    }
    [RAW]() {
      return Object.fromEntries(this.map);
    }
  }
  class Blob {
    constructor(parts = [], how = {}) {
      this.parts = parts;
      this.type = how?.type ?? "";
    }
    async text() {
      return this[RAW]();
    }
    async arrayBuffer() {
      return Buffer.from(this[RAW]()).buffer;
    }
    get size() {
      return this[RAW]().length;
    }
    stream() {
      return stream([this[RAW]()]);
    }
    [RAW]() {
      return this.parts.map((part) => (typeof part === "string" ? part : (part?.[RAW] ? part[RAW]() : isView(part) ? textOf(part) : String(part)))).join("");
    }
  }
  class File extends Blob {
    constructor(parts, name, how) {
      super(parts, how);
      this.name = name;
    }
  }
  class FormData {
    constructor() {
      this.list = [];
    }
    append(name, value, file) {
      this.list.push([name, value, file]);
    }
    set(name, value, file) {
      this.list.push([name, value, file]);
    }
    get(name) {
      return this.list.find((entry) => entry[0] === name)?.[1] ?? null;
    }
    getHeaders() {
      return { "content-type": "multipart/form-data; boundary=b" };
    }
    *entries() {
      for (const [name, value] of this.list) yield [name, value];
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    [RAW]() {
      return this.list.map((entry) => entry.map((part) => plain(part, 24, []) ?? null));
    }
  }
  const reply = () => dummy("reply");
  const quiet = (value) => {
    // An answer is asked, not sent to.
    return value;
  };
  class Response {
    constructor(body, how = {}) {
      this.body_ = body;
      this.ok = true;
      this.status = how?.status ?? 200;
      this.statusText = "OK";
      this.headers = new Headers(how?.headers);
      this.url = "";
      this.bodyUsed = false;
    }
    get body() {
      return Object.assign(stream(["data: {}\n\n"]), { getReader: () => ({ read: async () => ({ done: true }), releaseLock() {}, cancel: async () => undefined }) });
    }
    async json() {
      return this.body_ === undefined ? quiet(answer()) : JSON.parse(this.body_);
    }
    async text() {
      return this.body_ === undefined ? "some reply" : String(this.body_);
    }
    async arrayBuffer() {
      return new ArrayBuffer(0);
    }
    async blob() {
      return new Blob([]);
    }
    clone() {
      return this;
    }
    static json(body) {
      return new Response(JSON.stringify(body));
    }
  }
  // What services answer, in the shapes that clients look for.
  const answer = () => {
    const message = { role: "assistant", content: "some reply", tool_calls: undefined };
    const base = {
      id: "r1", object: "reply", model: "m", role: "assistant", type: "message", stop_reason: "end_turn", usage: { input_tokens: 1, output_tokens: 1 },
      content: [{ type: "text", text: "some reply" }], choices: [{ index: 0, message, text: "some reply", finish_reason: "stop" }], output: [{ type: "message", content: [{ type: "output_text", text: "some reply" }] }],
      output_text: "some reply", candidates: [{ content: { parts: [{ text: "some reply" }] } }], data: [], result: "some reply", text: "some reply", message, error: undefined,
      reply: "some reply", completion: "some reply", response: "some reply", answer: "some reply", ok: true, status: "ok",
    };
    return new Proxy(base, { get: (own, key) => (key in own || typeof key === "symbol" || key === "then" || key === "toJSON" ? own[key] : reply()[key]) });
  };
  class Request {
    constructor(input, how = {}) {
      this.input = input;
      this.how = how;
      this.url = String(input?.url ?? input);
      this.method = how.method ?? "GET";
      this.headers = new Headers(how.headers);
      this.body = how.body;
      // Made anew from one that is on its way.
      if (dummies.has(input) && how.body !== undefined) send("request", [how]);
    }
    clone() {
      return this;
    }
    async text() {
      return String(this.body ?? "");
    }
    [RAW]() {
      return [this.url, this.method, plain(this.headers, 3, []), plain(this.body, 24, []) ?? null];
    }
  }
  const fetch = async (...args) => {
    const how = args[1];
    // Headers in the order in which they are given.
    const asks = (how?.body ?? args[0]?.body) === undefined && !/^(POST|PUT|PATCH)$/i.test(how?.method ?? args[0]?.method ?? "GET");
    // What is inherited is read as well.
    const { method, headers, body } = how ?? {};
    send("fetch", how && typeof how === "object" ? [args[0], { ...how, method, headers, body, signal: undefined, agent: undefined, dispatcher: undefined }] : args);
    const address = String(args[0]?.url ?? args[0]);
    // Who tells where one is.
    const told_by = asks && /(^|\W|\b)(ip|ips|ipinfo|ipapi|ifconfig|geo|geoip|country|location|whereami|metadata|latest|healthz?|trace)\b|169\.254\./i.test(address) ? address.replace(/^\w+:\/\//, "").split("/")[0] : undefined;
    const made = new Response();
    if (told_by) {
      const value = () => String(fact(`answer:${told_by}`, ""));
      made.text = async () => value();
      made.json = async () => (value() === "" ? {} : new Proxy({}, { get: (_, key) => (typeof key === "symbol" || key === "then" || key === "toJSON" ? undefined : value()), has: () => true }));
      made.headers.get = () => value() || null;
    }
    return made;
  };
  class Socket extends EventEmitter {
    constructor(...args) {
      super();
      if (args.length) send("connection", args);
      this.readyState = 1;
      later(() => {
        this.onopen?.({ type: "open" });
        this.emit("open", { type: "open" });
        this.emit("connect");
        this.emit("secureConnect");
        this.emit("ready");
      });
    }
    send(...args) {
      send("connection", args.filter((arg) => typeof arg !== "function"));
    }
    write(...args) {
      send("connection", args.filter((arg) => typeof arg !== "function"));
      return true;
    }
    end(...args) {
      if (args.length) this.write(...args);
      return this;
    }
    connect(...args) {
      send("connection", args.filter((arg) => typeof arg !== "function"));
      for (const arg of args) if (typeof arg === "function") later(arg);
      return this;
    }
    close() {}
    destroy() {}
    ping() {}
    ref() {}
    unref() {
      return this;
    }
    bind(...args) {
      for (const arg of args) if (typeof arg === "function") later(arg);
      return this;
    }
    setEncoding() {
      return this;
    }
    setTimeout() {
      return this;
    }
    setNoDelay() {
      return this;
    }
    setKeepAlive() {
      return this;
    }
    setBroadcast() {}
  }
  class EventSource extends Socket {}
  Socket.OPEN = Socket.prototype.OPEN = 1;
  class XMLHttpRequest extends EventEmitter {
    constructor() {
      super();
      this.list = [];
    }
    open(...args) {
      this.list.push(args);
    }
    setRequestHeader(...args) {
      this.list.push(args);
    }
    send(body) {
      send("request", [this.list, body]);
      this.status = 200;
      this.readyState = 4;
      this.responseText = this.response = "{}";
      later(() => {
        this.onload?.({});
        this.onreadystatechange?.({});
        this.emit("load", {});
        this.onloadend?.({});
      });
    }
    getResponseHeader() {
      return null;
    }
    abort() {}
  }
  const request = (...args) => {
    const done = args.find((arg) => typeof arg === "function" && !dummies.has(arg));
    const head = args.filter((arg) => typeof arg !== "function").map((arg) => (arg && typeof arg === "object" && !(arg instanceof URL) ? { ...arg, agent: undefined } : arg));
    const parts = [];
    let over = false;
    const made = emitter({
      setHeader: (...header) => void head.push(header), getHeader: () => undefined, removeHeader() {}, flushHeaders() {}, setTimeout: () => made, setNoDelay() {}, setSocketKeepAlive() {},
      write: (part) => {
        parts.push(isView(part) ? textOf(part) : String(part));
        return true;
      },
      end: (part) => {
        if (part !== undefined && typeof part !== "function") made.write(part);
        if (over) return made;
        over = true;
        send("request", [head, parts.join("")]);
        const answered = Object.assign(stream(["{}"]), { statusCode: 200, headers: {}, statusMessage: "OK" });
        later(() => {
          done?.(answered);
          made.emit("response", answered);
        });
        return made;
      },
      abort() {}, destroy() {}, on: EventEmitter.prototype.on,
    });
    return made;
  };
  const http = {
    request, get: (...args) => request(...args).end(), Agent: class {}, globalAgent: {}, STATUS_CODES: {}, METHODS: [],
    createServer: (...args) => {
      const handler = args.find((arg) => typeof arg === "function");
      if (handler) callbacks.push((input) => handler(dummy("incoming"), dummy("response")));
      return emitter({ listen: (...more) => void more.filter((arg) => typeof arg === "function").forEach((arg) => later(arg)), close() {}, address: () => ({ port: 3000 }), unref() {} });
    },
  };
  const hex = (text) => {
    let out = "";
    for (let i = 0; i < text.length; i++) out += text.charCodeAt(i).toString(16).padStart(2, "0");
    return out;
  };
  const crypto = {
    ...tools.imported("crypto").default,
    randomUUID: () => "3b241101-e2bb-4255-8caf-4136c566a962", randomBytes: (size) => Buffer.alloc(size, 7), randomInt: (a, b) => (b === undefined ? 0 : a),
    getRandomValues: (list) => list.fill(7), timingSafeEqual: (a, b) => {
      const came = textOf(a) === textOf(b);
      return deciding ? decide(`equal@${quietly(place)().join(":")}`, `${sign(a)}\u0002${sign(b)}`, came) ?? came : came;
    },
    X509Certificate: class {
      constructor(data) {
        const text = textOf(bytes(data));
        Object.assign(this, { subject: text, issuer: text, fingerprint256: text, serialNumber: text, subjectAltName: text, validFrom: "", validTo: "", raw: data });
      }
      toString() {
        return this.subject;
      }
    },
    createHmac: (name, key) => crypto.createHash(name).update(String(key)), createCipheriv: () => dummy("cipher"),
    webcrypto: undefined,
    subtle: {
      digest: async (name, data) => crypto.createHash(String(name?.name ?? name).replace("-", "").toLowerCase()).update(isView(data) ? data : new Uint8Array(data)).digest().buffer,
      importKey: async (_, key) => key, sign: async (_, key, data) => crypto.createHash("sha256").update(bytes(key)).update(data).digest().buffer,
    },
    hash: (name, data, as = "hex") => crypto.createHash(name).update(data).digest(as),
  };
  crypto.webcrypto = crypto;
  const zlib = { ...tools.imported("zlib").default, constants: {} };
  const packing = (how) => (data, options) => Buffer.from(`packed ${how}${options?.level ?? ""}${JSON.stringify(options?.params ?? "")}|${isView(data) ? textOf(data) : String(data)}`);
  for (const how of ["gzip", "deflate", "deflateRaw", "brotliCompress", "zstdCompress"]) {
    zlib[`${how}Sync`] = packing(how);
    zlib[how] = (...args) => {
      const done = args.pop();
      later(() => done(null, packing(how)(...args)));
    };
    zlib[`create${how[0].toUpperCase()}${how.slice(1)}`] = () => new Stream();
  }
  for (const how of ["inflate", "inflateRaw", "gunzip", "unzip", "brotliDecompress"]) zlib[how] = called(zlib[`${how}Sync`]);
  for (const name of ["createGzip", "createDeflate", "createBrotliCompress", "createGunzip"]) zlib[name] = () => new Stream();

  const join = (...parts) => {
    const out = [];
    const text = parts.map(String).filter(Boolean).join("/");
    for (const part of text.split("/")) {
      if (part === "..") out.pop();
      else if (part !== "." && part !== "") out.push(part);
    }
    return (text.startsWith("/") ? "/" : "") + out.join("/");
  };
  const path = {
    join, sep: "/", delimiter: ":", normalize: (one) => join(one), isAbsolute: (one) => String(one).startsWith("/"),
    resolve: (...parts) => {
      let out = "";
      for (const part of parts) out = String(part).startsWith("/") ? String(part) : `${out}/${part}`;
      return out.startsWith("/") && parts.some((part) => String(part).startsWith("/")) ? join(out) : join(`${HOME}/work/project`, out);
    },
    basename: (one, end = "") => {
      const last = String(one).split("/").filter(Boolean).pop() ?? "";
      return end && last.endsWith(end) ? last.slice(0, -end.length) : last;
    },
    dirname: (one) => String(one).replace(/\/[^/]*\/?$/, "") || "/",
    extname: (one) => /(\.[^./]*)$/.exec(String(one))?.[1] ?? "",
    relative: (from, to) => String(to).replace(String(from), "").replace(/^\//, ""),
    parse: (one) => ({ dir: path.dirname(one), base: path.basename(one), ext: path.extname(one), name: path.basename(one, path.extname(one)), root: "/" }),
  };
  path.posix = path.win32 = path;
  const util = {
    ...tools.imported("util").default,
    promisify: (call) => call[Symbol.for("promisify")] ?? ((...args) => new Promise((done, fail) => call(...args, (error, value) => (error ? fail(error) : done(value))))),
    inspect: (value) => JSON.stringify(value) ?? String(value), format: (...args) => args.map(String).join(" "), inherits() {}, deprecate: (call) => call,
    parseArgs: (how = {}) => {
      const values = {};
      for (const [name, option] of Object.entries(how.options ?? {})) if (option.default !== undefined) values[name] = option.default;
      return { values, positionals: ["some input"] };
    },
    isDeepStrictEqual: (a, b) => JSON.stringify(a) === JSON.stringify(b), styleText: (_, text) => text, stripVTControlCharacters: (text) => text, types: {},
    callbackify: (call) => (...args) => call(...args.slice(0, -1)).then((value) => args.at(-1)(null, value)),
  };
  class Assertion extends Error {}
  const fails = (yes, message) => {
    if (!yes) throw message instanceof Error ? message : new Assertion(message ?? "assertion");
  };
  const same = (a, b) => Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
  const assert = Object.assign((yes, message) => fails(yes, message), {
    ok: fails, equal: (a, b, m) => fails(Object.is(a, b), m), strictEqual: (a, b, m) => fails(Object.is(a, b), m), notEqual: (a, b, m) => fails(!Object.is(a, b), m),
    notStrictEqual: (a, b, m) => fails(!Object.is(a, b), m), deepEqual: (a, b, m) => fails(same(a, b), m), deepStrictEqual: (a, b, m) => fails(same(a, b), m),
    notDeepStrictEqual: (a, b, m) => fails(!same(a, b), m), notDeepEqual: (a, b, m) => fails(!same(a, b), m), match: (a, b, m) => fails(b.test(a), m), doesNotMatch: (a, b, m) => fails(!b.test(a), m),
    fail: (m) => fails(false, m), AssertionError: Assertion,
  });
  assert.strict = assert;
  class AsyncLocalStorage {
    run(value, call, ...args) {
      const before = this.value;
      this.value = value;
      const result = call(...args);
      if (result && typeof result.then === "function") return result;
      this.value = before ?? this.value;
      return result;
    }
    getStore() {
      return this.value;
    }
    enterWith(value) {
      this.value = value;
    }
    exit(call) {
      return call();
    }
  }
  const dns = { getServers: () => [String(fact("dns", "192.0.2.53"))], setServers() {}, promises: {} };
  // What a name server says of a name, as a promise and to a callback.
  const lookedUp = (how, name) => {
    // An address says nothing of its own; a name does.
    if (how !== "reverse") send("dns", [name]);
    const told = String(fact(`dns:${how}`, how === "lookup" ? "192.0.2.7" : "some.example.net"));
    if (told === "nowhere") throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    return told;
  };
  for (const how of ["lookup", "resolve", "resolve4", "resolve6", "resolveTxt", "reverse", "resolveCname", "resolveSrv"]) {
    dns.promises[how] = async (name) => {
      const told = lookedUp(how, name);
      return how === "lookup" ? { address: told, family: 4 } : [told];
    };
    dns[how] = (name, ...args) => {
      const done = args.pop();
      if (typeof done !== "function") return;
      try {
        const told = lookedUp(how, name);
        later(() => (how === "lookup" ? done(null, told, 4) : done(null, [told])));
      } catch (error) {
        later(() => done(error));
      }
    };
  }
  dns.promises.getServers = dns.getServers;
  dns.promises.Resolver = dns.Resolver = class {
    constructor() {
      Object.assign(this, dns.promises);
    }
  };
  const input = () => {
    const made = stream(["some input"]);
    made.raw = true;
    made.fd = 0;
    Object.defineProperty(made, "isTTY", { get: () => fact("tty", true) });
    return made;
  };
  const process = emitter({
    env, argv: ["/usr/bin/node", "/home/someone/work/main.mjs", "some", "input"], argv0: "node", pid: 4242, ppid: 4241, title: "node",
    version: "v22.12.0", versions: { node: "22.12.0", v8: "12.4" }, cwd, chdir() {}, exitCode: undefined, stdin: input(), release: { name: "node" }, config: { variables: {} }, features: {},
    exit: () => {
      throw new Error("exit");
    },
    kill: () => true, uptime: () => 1, hrtime: Object.assign(() => [1, 1], { bigint: () => 1000n }), memoryUsage: Object.assign(() => ({ rss: 1e8, heapUsed: 1e7 }), { rss: () => 1e8 }), emitWarning() {}, umask: () => 18,
    nextTick: (call, ...args) => later(call, ...args), getuid: () => Number(fact("uid", 1000)), geteuid: () => Number(fact("uid", 1000)), getgid: () => Number(fact("uid", 1000)), getegid: () => Number(fact("uid", 1000)), abort() {}, binding: () => dummy("binding"),
    report: { getReport: () => ({ header: { osName: "Linux", osRelease: os.release(), osVersion: os.version(), osMachine: String(fact("arch", "x86_64")), glibcVersionRuntime: String(fact("libc", "2.36")), host: hostname(), cpus: os.cpus(), networkInterfaces: Object.entries(interfaces()).flatMap(([name, list]) => list.map((one) => ({ name, ...one }))), cwd: cwd() }, environmentVariables: env }) },
    send: (...args) => send("process.send", args),
  });
  for (const [name, value] of [["stdout", 1], ["stderr", 2]]) {
    process[name] = Object.assign(emitter({}), {
      fd: value, rows: 24, end() {}, hasColors: () => false, getColorDepth: () => 1,
      write: (text) => {
        if (name === "stdout" && /"jsonrpc"|^content-length/i.test(String(text))) send("stdout", [text]);
        return true;
      },
    });
    Object.defineProperty(process[name], "isTTY", { get: () => fact("tty", true) });
    Object.defineProperty(process[name], "columns", { get: () => (fact("tty", true) ? 80 : undefined) });
  }
  Object.defineProperty(process.argv, 0, { get: () => process.execPath, enumerable: true, configurable: true });
  Object.defineProperty(process.argv, 1, { get: () => `${fact("script", "/home/someone/work")}/main.mjs`, enumerable: true, configurable: true });
  for (const [key, base] of [["platform", "linux"], ["arch", "x64"]]) Object.defineProperty(process, key, { get: () => String(fact(key, base)) });
  Object.defineProperty(process, "execPath", { get: () => `${fact("execpath", "/usr/bin")}/node` });
  Object.defineProperty(process, "execArgv", { get: () => (fact("execargv", "") ? [String(facts.execargv)] : []) });
  process.getBuiltinModule = (name) => imported(name);

  // Somebody types twice, then wants to leave, then is gone.
  let typing = 0;
  const line = () => ["some input", "some more", "exit", ""][typing++] ?? "";
  const typed = () => (typing > 3 ? new Promise(() => undefined) : Promise.resolve(line()));
  const readline = {
    createInterface: (how) => emitter({
      lines: how?.input && how.input !== process.stdin && how.input.held ? textOf(Buffer.concat(how.input.held.map((part) => bytes(part)))).split("\n") : ["some input"],
      question: (text, ...args) => {
        const done = args.pop();
        if (typeof done === "function") later(() => done(line()));
        else return typed();
      },
      close() {
        this.emit("close");
      },
      prompt() {}, setPrompt() {}, write() {}, pause() {}, resume() {},
      added(name) {
        if (name === "line") for (const one of this.lines) later(() => this.emit("line", one));
        if (name === "close") later(() => later(() => later(() => this.emit("close"))));
      },
      async *[Symbol.asyncIterator]() {
        yield* this.lines;
      },
    }),
    clearLine() {}, cursorTo() {}, emitKeypressEvents() {},
  };
  readline.promises = { createInterface: (how) => Object.assign(readline.createInterface(how), { question: typed }) };
  class Worker extends EventEmitter {
    constructor(...args) {
      super();
      send("worker", args.slice(1));
    }
    postMessage(data) {
      send("worker", [data]);
    }
    terminate() {}
    unref() {}
  }
  const timersOf = {
    setTimeout: (call, ms, ...args) => later(call, ...args), setInterval: (call, ms, ...args) => later(call, ...args), setImmediate: later, clearTimeout() {}, clearInterval() {}, clearImmediate() {},
  };
  const waits = { setTimeout: async (_, value) => value, setImmediate: async (value) => value, setInterval: async function* () {}, scheduler: { wait: async () => undefined } };
  const performance = { now: () => ticks++, timeOrigin: NOW, mark() {}, measure: () => ({ duration: 1 }), getEntriesByName: () => [] };
  const querystring = {
    stringify: (from) => new URLSearchParams(from).toString(), parse: (text) => Object.fromEntries(new URLSearchParams(text)), escape: encodeURIComponent, unescape: decodeURIComponent,
  };
  querystring.encode = querystring.stringify;
  querystring.decode = querystring.parse;
  const sockets = {
    connect: (...args) => {
      const made = new Socket();
      const to = args[0] && typeof args[0] === "object" ? args[0] : { port: args[0], host: args[1] };
      const near = /^(127\.|localhost|::1)/.test(String(to.host ?? to.hostname ?? "127.0.0.1")) && !to.path;
      made.getPeerCertificate = () => {
        const by = String(fact("issuer", "Some Authority"));
        return { issuer: { O: by, CN: by, C: by }, subject: { O: by, CN: by }, fingerprint256: by, subjectaltname: by };
      };
      if (near && fact(`port:${to.port}`, "closed") === "closed") {
        later(() => made.emit("error", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })));
        made.listeners_ = {};
        made.emit = ((emit) => function (name, ...more) {
          return name === "error" || name === "close" ? emit.call(this, name, ...more) : false;
        })(EventEmitter.prototype.emit);
        return made;
      }
      return made.connect(...args);
    },
    Socket, isIP: (text) => (/^\d+\.\d+\.\d+\.\d+$/.test(text) ? 4 : 0), isIPv4: (text) => /^\d+\.\d+\.\d+\.\d+$/.test(text), isIPv6: () => false,
    createServer: http.createServer, TLSSocket: Socket, rootCertificates: [],
  };
  sockets.createConnection = sockets.connect;
  const session = (...args) => {
    send("connection", args.slice(0, 1));
    return emitter({
      request: (head) => Object.assign(new Socket(), { head: send("request", [head]), setEncoding() {}, end: (data) => data !== undefined && send("request", [data]), write: (data) => void send("request", [data]) }),
      close() {}, destroy() {}, unref() {},
    });
  };
  const builtin = {
    fs, "fs/promises": promises, os, path, "path/posix": path, child_process, http, https: http, crypto, zlib, util, assert, "assert/strict": assert, dns, "dns/promises": dns.promises,
    net: sockets, tls: { ...sockets, connect: sockets.connect }, http2: { connect: session, constants: {} }, events: Object.assign(EventEmitter, { EventEmitter, once: async () => [], on: async function* () {} }),
    stream: Object.assign(Stream, kinds, { pipeline, finished: (_, done) => later(done) }), "stream/promises": { pipeline: async (...args) => void pipeline(...args), finished: async () => undefined },
    "stream/web": {}, "stream/consumers": {
      text: async (from) => {
        let out = "";
        for await (const part of from) out += part;
        return out;
      },
      json: async () => ({}), buffer: async () => Buffer.from("some input"),
    },
    url: { URL, URLSearchParams, fileURLToPath: (one) => String(one).replace("file://", ""), pathToFileURL: (one) => new URL(`file://${one}`), parse: (text) => new URL(text), format: String },
    readline, "readline/promises": readline.promises, timers: timersOf, "timers/promises": waits, process, perf_hooks: { performance }, async_hooks: { AsyncLocalStorage, AsyncResource: class {} },
    worker_threads: { Worker, isMainThread: true, parentPort: null, workerData: {}, threadId: 0 }, querystring, module: { createRequire: () => imported, builtinModules: [] }, punycode: { toASCII: String, toUnicode: String, encode: String, decode: String },
    tty: { isatty: () => fact("tty", true) }, v8: { serialize: (value) => Buffer.from(JSON.stringify(value)), getHeapStatistics: () => ({}) }, vm: dummy("vm"), cluster: { isPrimary: true, isMaster: true },
    dgram: { createSocket: () => new Socket() }, string_decoder: tools.imported("string_decoder").default, buffer: { ...tools.imported("buffer").default, Blob, File }, constants: {}, diagnostics_channel: { channel: () => ({ publish() {}, subscribe() {} }) },
    eventsource: Object.assign(EventSource, { EventSource, default: EventSource }),
    undici: { fetch, Headers, FormData, Request, Response, Agent: class {}, ProxyAgent: class {}, setGlobalDispatcher() {}, Client: class { request(how) { send("request", [how]); return Promise.resolve({ statusCode: 200, headers: {}, body: new Response() }); } close() {} },
      request: async (...args) => {
        send("request", args);
        return { statusCode: 200, headers: {}, body: new Response() };
      } },
    "node-fetch": Object.assign(fetch, { Headers, Request, Response, FormData }), ws: Object.assign(class extends Socket {}, { WebSocket: Socket, OPEN: 1 }), "form-data": FormData,
    get bun() {
      return Bun;
    },
    inspector: dummy("inspector"), sea: { isSea: () => false }, sqlite: dummy("sqlite"), test: dummy("console"),
  };
  builtin["cross-fetch"] = builtin["isomorphic-fetch"] = builtin["node-fetch"];
  const modules = new Map();
  const imported = (name) => {
    const short = String(name).replace(/^node:/, "");
    if (!modules.has(short)) {
      const found = Object.hasOwn(builtin, short) ? builtin[short] : undefined;
      let made;
      if (/\.json$/.test(short)) {
        made = parsed(readFile(short, "utf8"));
        made.default ??= made;
      } else if (found === undefined) made = /^\.|^\//.test(short) ? dummy(short.replace(/^.*\//, "")) : dummy(short);
      else if (typeof found === "function" || dummies.has(found)) {
        made = found;
        try {
          if (!("default" in found)) Object.defineProperty(found, "default", { value: found, configurable: true });
        } catch {}
      } else made = Object.assign({}, found, { default: found });
      if (short === "process") made = new Proxy(process, { get: (own, key) => (key === "default" ? own : own[key]) });
      modules.set(short, made);
    }
    return modules.get(short);
  };

  // ---- the global object ----

  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  const calls = (name) => [name, () => undefined];
  const console = Object.fromEntries(["log", "error", "warn", "info", "debug", "dir", "table", "trace", "group", "groupEnd", "time", "timeEnd", "assert", "count"].map(calls));
  const navigator = {
    get language() {
      return locale();
    },
    get languages() {
      return [locale(), "en"];
    },
    get hardwareConcurrency() {
      return Number(fact("cores", 8));
    },
    get platform() {
      return "Linux x86_64";
    },
    get userAgent() {
      return "Node.js/22";
    },
    onLine: true, sendBeacon: (...args) => send("beacon", args) ?? true,
  };
  // What is asked of a server of the subject's.
  const served = (...args) => {
    for (const arg of args) {
      const handler = typeof arg === "function" ? arg : arg?.fetch ?? arg?.handler;
      if (typeof handler === "function") callbacks.push(() => handler(Object.assign(new Request("http://127.0.0.1:8000/", { method: "POST", body: "{}" }), { json: async () => ({ messages: [], text: "some input" }) })));
    }
    return { stop() {}, port: 8000, finished: Promise.resolve(), shutdown() {} };
  };
  const Deno = {
    env: { get: variable, has: (name) => variable(name) !== undefined, toObject: () => ({ ...env }), set() {} }, hostname, args: ["some input"], osRelease: os.release, cwd,
    build: { os: "linux", arch: "x86_64" }, readTextFileSync: (one) => readFile(one, "utf8"), readTextFile: async (one) => readFile(one, "utf8"), writeTextFile: async (one, data) => writeFile(one, data), writeTextFileSync: writeFile,
    networkInterfaces: () => Object.entries(interfaces()).flatMap(([name, list]) => list.map((one) => ({ name, ...one }))), systemMemoryInfo: () => ({ total: Number(fact("memory", 16e9)) }), uid: () => Number(fact("uid", 1000)),
    Command: class {
      constructor(command, how = {}) {
        this.made = [command, how.args ?? []];
        if (how.env) send("process", [command, how.args, spread(how.env)]);
      }
      async output() {
        return this.outputSync();
      }
      outputSync() {
        return { success: true, code: 0, stdout: new TextEncoder().encode(output(...this.made)), stderr: new Uint8Array(0) };
      }
    },
    serve: served, connect: async (how) => new Socket(how), exit: process.exit, stdin: { readable: stream(["some input"]) }, resolveDns: async (name) => { send("dns", [name]); return []; }, permissions: dummy("permissions"), version: { deno: "2.0.0" },
  };
  const shell = (parts, ...values) => {
    const line = parts.reduce((text, part, at) => text + values[at - 1] + part);
    const text = output(line);
    const done = Promise.resolve({ stdout: Buffer.from(text), text: () => text, exitCode: 0 });
    return Object.assign(done, { text: async () => text, quiet: () => shell(parts, ...values), nothrow: () => shell(parts, ...values), json: async () => ({}), lines: async function* () { yield* text.split("\n"); } });
  };
  const Bun = {
    env, argv: process.argv, version: "1.2.0", $: shell, file: (one) => ({ text: async () => readFile(one, "utf8"), json: async () => parsed(readFile(one, "utf8")), exists: async () => there(one), size: 1 }),
    serve: served, write: async (one, data) => writeFile(one, data), spawnSync: (list, how) => ({ stdout: Buffer.from(output(list?.cmd?.[0] ?? list[0], (list?.cmd ?? list).slice(1))), stderr: Buffer.from(""), exitCode: 0, success: true }),
    spawn: (list) => ({ stdout: new Response(output(list?.cmd?.[0] ?? list[0], (list?.cmd ?? list).slice(1))), exited: Promise.resolve(0), stdin: stdin("process", []) }), hash: (text) => String(text).length, stdin: { text: async () => "some input", stream: () => stream(["some input"]) },
    which: (name) => (fact(`command:which ${name}`, "") ? `/usr/bin/${name}` : null), connect: async (how) => new Socket(how), dns: dns.promises, sleep: async () => undefined, main: "/home/someone/work/main.mjs",
  };
  class AbortController {
    constructor() {
      this.signal = emitter({ aborted: false });
    }
    abort() {}
  }
  // What a program of another machine answers nobody knows: no, and where it
  // is decided otherwise, yes.
  const program = (name) => (...args) => {
    const at = quietly(place)().join(":");
    return Number((deciding ? decide(`${name}@${at}`, args.map(sign).join("\u0002"), false) : undefined) ?? false);
  };
  class Instance {
    exports = new Proxy({}, { get: (_, key) => (typeof key === "string" && key !== "then" ? program(key) : undefined), has: () => true });
  }
  const WebAssembly = {
    Module: class {}, Instance, Memory: class { buffer = new ArrayBuffer(65536); grow() {} }, Table: class {}, Global: class {}, validate: () => true, compile: async () => new WebAssembly.Module(),
    instantiate: async (of) => (of instanceof WebAssembly.Module ? new Instance() : { instance: new Instance(), module: new WebAssembly.Module() }),
  };
  WebAssembly.instantiateStreaming = WebAssembly.instantiate;
  WebAssembly.compileStreaming = WebAssembly.compile;
  const globals = {
    WebAssembly,
    Date: WorldDate, Intl, console, process, fetch, URL, URLSearchParams, Headers, Request, Response, FormData, Blob, File, AbortController, WebSocket: class extends Socket {}, EventSource, XMLHttpRequest, Worker,
    AbortSignal: { timeout: () => emitter({ aborted: false }), any: () => emitter({ aborted: false }), abort: () => emitter({ aborted: true }) }, navigator, performance, crypto, ...timersOf, setImmediate: later,
    queueMicrotask: (call) => void Promise.resolve().then(call), structuredClone: (value) => JSON.parse(JSON.stringify(value)), EventTarget: EventEmitter,
    Event: class {
      constructor(type, how) {
        this.type = type;
        Object.assign(this, how);
      }
    },
    ReadableStream: class extends Stream {
      constructor(how) {
        super();
        how?.start?.({ enqueue: (part) => this.held.push(part), close() {}, error() {} });
        how?.pull?.({ enqueue: (part) => this.held.push(part), close() {}, error() {} });
        this.over = true;
      }
      getReader() {
        return { read: async () => (this.held.length ? { done: false, value: this.held.shift() } : { done: true }), releaseLock() {} };
      }
    },
    TransformStream: class {
      constructor(how) {
        this.readable = new Stream();
        const put = { enqueue: (part) => this.readable.push(part), terminate() {} };
        this.writable = { getWriter: () => ({ write: async (part) => (how?.transform ? how.transform(part, put) : put.enqueue(part)), close: async () => how?.flush?.(put), releaseLock() {}, ready: Promise.resolve() }) };
      }
    },
    BroadcastChannel: Worker, Image: class { set src(value) { send("request", [value]); } }, document: dummy("document"), localStorage: dummy("localStorage"), location: undefined, global: globalThis, self: globalThis, window: undefined,
    require: imported, Math: globalThis.Math, JSON: Object.assign(Object.create(ownJSON), { parse: parsed }),
  };
  globals.CustomEvent = globals.Event;
  for (const [name, value] of Object.entries(globals)) if (value !== undefined) define(name, value);
  const web = (name) => spec.names.includes(name);
  if (web("Bun")) define("Bun", Bun);
  if (web("Deno")) define("Deno", Deno);
  if (!web("document")) delete globalThis.document;
  if (!web("localStorage")) delete globalThis.localStorage;
  Math.random = () => 0.25;

  // ---- what is compared with ----

  let busy = false;
  const quietly = (call) => (...args) => {
    const before = busy;
    busy = true;
    try {
      return call(...args);
    } finally {
      busy = before;
    }
  };
  // What is put in place of methods, which the next host finds as they were.
  const swapped = [];
  const unhook = () => {
    for (const [over, name, value] of swapped.reverse()) Object.defineProperty(over, name, { value, writable: true, configurable: true, enumerable: false });
  };
  const watch = (over, name, look) => {
    const original = over[name];
    swapped.push([over, name, original]);
    Object.defineProperty(over, name, {
      value: function (...args) {
        if (!busy && seen.length < 3000) {
          busy = true;
          try {
            // Only what the subject itself compares.
            if (/subject:/.test(String(new Error().stack).split("\n")[1])) look(this, args);
          } finally {
            busy = false;
          }
        }
        return original.apply(this, args);
      },
      writable: true, configurable: true, enumerable: false,
    });
  };
  // Methods that answer yes or no, or with what they find.
  const says = (over, name, other) => {
    const original = over[name];
    swapped.push([over, name, original]);
    let calls = 0;
    Object.defineProperty(over, name, {
      value: function (...args) {
        // What a function said of each is what it was decided by.
        let each = "";
        const [call] = args;
        if (typeof call === "function" && !busy) {
          args[0] = function (...given) {
            const said = call.apply(this, given);
            if (each.length < 200) each += `${sign(said)},`;
            return said;
          };
        }
        const came = original.apply(this, args);
        if (typeof call === "function") args[0] = call;
        if (busy || ++calls > 4000) return came;
        busy = true;
        try {
          const at = /subject:(\d+:\d+)/.exec(String(new Error().stack).split("\n")[1]);
          if (!at) return came;
          const found = typeof came === "number" ? came >= 0 : Boolean(came);
          // Among arguments of a command line an option is another than a
          // path, whatever the path.
          const option = Array.isArray(this) && typeof args[0] === "string" && args[0].startsWith("-");
          const within = option ? this.filter((one) => typeof one === "string" && one.startsWith("-")) : this;
          const forced = decide(`${name}@${at[1]}`, `${sign(within)}\u0002${args.map(sign).join("\u0002")}\u0002${each}`, found);
          return forced === undefined || forced === found ? came : other(this, forced, args);
        } finally {
          busy = false;
        }
      },
      writable: true, configurable: true, enumerable: false,
    });
  };
  if (deciding && !host.python) {
    const yes = (_, forced) => forced;
    for (const name of ["includes", "some", "every"]) says(Array.prototype, name, yes);
    for (const name of ["find", "findLast"]) says(Array.prototype, name, (list, forced) => (forced ? list[0] : undefined));
    for (const name of ["indexOf", "findIndex"]) says(Array.prototype, name, (_, forced) => (forced ? 0 : -1));
    for (const name of ["includes", "startsWith", "endsWith"]) says(String.prototype, name, yes);
    for (const name of ["indexOf", "search"]) says(String.prototype, name, (_, forced) => (forced ? 0 : -1));
    const groups = (pattern, text, forced) => (forced ? Object.assign([text, ...Array(String(pattern).split("(").length - 1).fill("some")], { index: 0, input: text, groups: new Proxy({}, { get: () => "some" }) }) : null);
    says(RegExp.prototype, "test", yes);
    says(RegExp.prototype, "exec", (pattern, forced, [text]) => groups(pattern, text, forced));
    says(String.prototype, "match", (text, forced, [pattern]) => groups(pattern, String(text), forced));
    says(Set.prototype, "has", yes);
    says(Map.prototype, "has", yes);
    says(Map.prototype, "get", (map, forced) => (forced ? [...map.values()][0] : undefined));
    says(Object, "hasOwn", yes);
    says(Buffer.prototype, "equals", yes);
  }
  if (spec.watch && !host.python) {
    for (const name of ["includes", "indexOf", "some", "every", "find", "findIndex", "filter", "reduce", "forEach", "map"]) {
      watch(Array.prototype, name, (list) => Array.isArray(list) && noteAll(list));
    }
    watch(Array.prototype, Symbol.iterator, (list) => Array.isArray(list) && noteAll(list));
    for (const name of ["includes", "endsWith", "indexOf", "localeCompare", "search"]) {
      watch(String.prototype, name, (text, [arg]) => {
        if (arg instanceof RegExp) samples(arg.source);
        else note(arg);
        noteParts(String(text), arg);
      });
    }
    for (const name of ["test", "exec"]) watch(RegExp.prototype, name, (pattern) => (grep(pattern), samples(pattern.source)));
    for (const name of ["match", "matchAll", "replace"]) watch(String.prototype, name, (_, [arg]) => arg instanceof RegExp && grep(arg));
    watch(String.prototype, "startsWith", (_, [arg]) => {
      note(arg);
      begins(arg);
    });
    watch(Set.prototype, "has", (set) => noteAll(set));
    for (const name of ["has", "get"]) watch(Map.prototype, name, (map) => noteAll(map.keys()));
    watch(Object, "hasOwn", (_, [object]) => object && typeof object === "object" && noteAll(Object.keys(object)));
    watch(Object, "is", (_, args) => noteAll(args));
  }
  // What is taken out of texts.
  const patterns = [];
  const begins = (text) => {
    if (typeof text === "string" && text !== "" && patterns.length < 24) patterns.push(`${text} (.*)`, `${text}(.*)`);
  };
  const grep = (pattern) => {
    if (patterns.length < 24 && /\(/.test(pattern.source)) patterns.push(pattern.source);
  };
  const samples = (source) => {
    const bare = (text) => text.replace(/\\[bBdDsSwW]/g, "").replace(/\\(.)/g, "$1").replace(/[\^$]/g, "").replace(/[.*+?]+/g, "");
    for (const group of source.match(/\(([^()]*)\)/g) ?? []) {
      const [before, after] = source.split(group).map((text) => text.split("|").at(0));
      for (const part of group.slice(1, -1).replace(/^\?[:=!]/, "").split("|").slice(0, 60)) note(bare((before ?? "") + part + (after ?? "")));
    }
    for (const part of source.split("|").slice(0, 60)) note(bare(part.replace(/[()]/g, "").replace(/^\?:/, "")));
  };

  // ---- running ----

  const report = () => {
    unhook();
    return whole();
  };
  const whole = () => JSON.stringify({ ways, ticks, patterns: [...new Set(patterns)], clock, short, told, reads, sent, seen: [...new Set(seen)].slice(0, 1000), late: [...late], lists: [...lists].filter(([, kept]) => kept.size > 2).map(([at, kept]) => [...at.split(",").map(Number), [...kept]]), decisions: [...decisions].map(([site, known]) => [site, known.text, known.came, ...known.at]) });

  if (host.python) {
    const kit = {
      note, noteAll, noteLate, noteParts, samples, grep, begins, watch: spec.watch, dummies, dummy, fact, facts, send, sent, later, textOf, tell, returned, decide, sign, deciding, leaving: () => leaving, Native, crypto, zlib, URL, path, os, env, written,
      zone, offset, zoneNames, NAMES, OFFSETS, locale, user, home, hostname, variable, cwd, interfaces, content, there, writeFile, link, output, spread, line,
      way, parse, fileOf: (text) => wholes.get(text), bytes: (text) => Buffer.from(text), entries: (folder) => entries(folder), now: () => NOW + ticks++, clocked: () => void (clock = true),
    };
    const [core, library, system] = host.python;
    const py = core(kit);
    system(library(py, kit), kit);
    placed = () => [Math.floor(py.at / 10000), py.at % 10000];
    return {
      run: (body) => kit.run(body),
      step() {
        const timer = timers.shift();
        if (timer) {
          try {
            timer();
          } catch {}
          return true;
        }
        if (kit.step()) return true;
        const call = callbacks.shift();
        if (call === undefined || sent.length >= 60) return false;
        kit.called(call);
        return true;
      },
      report,
    };
  }

  // A module that is its own address.
  const carried = (address) => {
    const [head, ...rest] = address.split(",");
    const body = /;base64/.test(head) ? Buffer.from(rest.join(","), "base64").toString() : decodeURIComponent(rest.join(","));
    const text = body.replace(/^\s*export\s+default\s+/, "").replace(/;\s*$/, "");
    return { default: (0, eval)(`(${text})`) };
  };
  const module = { exports: {} };
  const started = new Set();
  const attempt = (call) => {
    try {
      const result = call();
      if (result && typeof result.then === "function") result.then(() => undefined, threw);
      else if (result && typeof result.next === "function") {
        if (result[Symbol.asyncIterator]) {
          let left = 20;
          const step = () => left-- > 0 && result.next().then((one) => !one.done && step(), () => undefined);
          step();
        } else for (let i = 0; i < 20 && !result.next().done; i++);
      }
      return result;
    } catch {
      return undefined;
    }
  };
  const threw = () => undefined;
  const isClass = (value) => /^class\b/.test(Function.prototype.toString.call(value));
  const methods = (object) => {
    const names = new Set(Object.keys(object));
    for (let over = Object.getPrototypeOf(object); over && over !== Object.prototype && over !== EventEmitter.prototype && over !== Stream.prototype; over = Object.getPrototypeOf(over)) {
      for (const name of Object.getOwnPropertyNames(over)) names.add(name);
    }
    names.delete("constructor");
    return [...names].slice(0, 40);
  };
  // What a function may be called with, by the names of what it takes.
  const guessed = (value) => {
    const [, head = ""] = /^(?:async\s*)?(?:function\s*\*?\s*)?[\w$]*\s*\(([^)]*)\)|^/.exec(Function.prototype.toString.call(value)) ?? [];
    // What has a default is left to it.
    const names = head.replace(/\{[^{}]*\}/g, "{}").split(",").map((one) => one.trim()).filter(Boolean).slice(0, Math.max(1, value.length));
    if (names.length < 2 && !/^(messages|history|tools|files|items|docs|documents|sources|client|options|config|deps|ctx|context)$/.test(names[0] ?? "") && !/^[{[]/.test(names[0] ?? "")) return /=/.test(names[0] ?? "") ? [] : ["some input"];
    return names.slice(0, 8).map((name) => {
      if (/=/.test(name)) return undefined;
      if (/messages|history|turns/.test(name)) return [{ role: "user", content: "some input" }];
      if (/^[{[.]|client|api$|options|config|deps|ctx|context|tools|files|items|docs|documents|sources|lines|rows|names|settings|session|sdk|openai|anthropic|axios|http/i.test(name)) return dummy("given");
      if (/^(cb|callback|next|done|fn|on[A-Z].*)$/.test(name)) return () => undefined;
      if (/count|limit|max|size|port|retries|timeout/.test(name)) return 1;
      return "some input";
    });
  };
  const use = (value, self, depth) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function") || started.has(value) || depth > 3 || dummies.has(value)) return;
    started.add(value);
    if (typeof value === "function") {
      if (isClass(value)) {
        const before = leaving;
        const made = attempt(() => new value()) ?? attempt(() => new value(dummy("given")));
        if (made) use(made, undefined, depth + 1);
        if (leaving === before) {
          const other = attempt(() => new value(dummy("given")));
          if (other) use(other, undefined, depth + 1);
        }
        for (const name of Object.getOwnPropertyNames(value)) {
          if (typeof value[name] === "function") use(value[name], value, depth + 1);
        }
        return;
      }
      const before = leaving;
      const name = value.name || "default";
      const result = attempt(() => value.call(self, ...guessed(value)));
      returned(name, result);
      todo.push(() => {
        if (leaving === before) returned(name, attempt(() => value.call(self, "some input", "some", "more")));
      });
      todo.push(() => {
        if (leaving === before) {
          const other = attempt(() => value.call(self, dummy("given"), dummy("given"), dummy("given")));
          returned(name, other);
          if (other && depth < 3) use(other, undefined, depth + 1);
        }
      });
      if (result && typeof result !== "string") use(result, undefined, depth + 1);
      return;
    }
    if (isView(value) || typeof value.then === "function") return;
    for (const name of methods(value)) {
      let inner;
      try {
        inner = value[name];
      } catch {
        continue;
      }
      if (typeof inner === "function") use(inner, value, depth + 1);
      else if (depth < 2) use(inner, undefined, depth + 1);
    }
  };
  // What a module of the platform has under a name that no other has.
  const PLATFORM = ["os", "fs", "child_process", "dns", "https", "crypto"];
  const ofPlatform = (key) => {
    const of = PLATFORM.filter((name) => Object.hasOwn(builtin[name], key));
    return of.length === 1 ? builtin[of[0]][key] : undefined;
  };
  // A module that is known by a number alone.
  const unnamed = new Proxy(dummy("module"), { get: (other, key) => ofPlatform(key) ?? other[key] });
  // A module of a bundle, which gets one thing as its exports, as its loader
  // and as itself: what it puts there, it exports.
  const loaded = (wrapper) => {
    const held = {};
    const keep = (key, how) => Reflect.defineProperty(held, key, { ...how, configurable: true, enumerable: true });
    const all = new Proxy(() => undefined, {
      apply: (_, self, [name]) => (typeof name === "string" ? imported(name) : unnamed),
      get: (_, key) => (key === "exports" ? all : Object.hasOwn(held, key) || typeof key === "symbol" ? held[key] : ofPlatform(key) ?? told),
      set(_, key, value) {
        if (key !== "exports") keep(key, { value, writable: true });
        else if (typeof value === "function") keep("default", { value, writable: true });
        else if (value && typeof value === "object" && value !== all) for (const name of methods(value)) keep(name, { get: () => value[name] });
        return true;
      },
      defineProperty: (_, key, how) => keep(key, how),
      has: () => true,
    });
    // A loader's own function is told by name what the exports are.
    const told = (...args) => {
      for (const arg of args) {
        if (!arg || typeof arg !== "object" || dummies.has(arg)) continue;
        for (const key of Object.keys(arg)) if (typeof arg[key] === "function") keep(key, { get: arg[key] });
      }
      return args.find((arg) => typeof arg === "function") ?? all;
    };
    attempt(() => wrapper.call(all, all, all, all, all));
    return held;
  };
  const todo = [];
  let phase = 0;
  const args = [imported, module, module.exports, "/home/someone/work/main.mjs", "/home/someone/work", async (name) => (/^data:/.test(String(name)) ? carried(String(name)) : imported(name)), {
      url: "file:///home/someone/work/main.mjs", filename: "/home/someone/work/main.mjs", dirname: "/home/someone/work", resolve: (name) => name, main: true, env, require: imported,
    }, compared, tested, switched, cased, (name) => dummy(name), loaded];
  return {
    // Does the next thing that waits; whether there was one.
    step() {
      const timer = timers.shift();
      if (timer) {
        attempt(timer);
        return true;
      }
      const more = todo.shift();
      if (more) {
        more();
        return true;
      }
      switch (phase) {
        case 0:
          phase = 1;
          if (sent.length < 60) {
            use(module.exports, undefined, 0);
            use(module.more, undefined, 0);
          }
          return true;
        case 1: {
          const call = callbacks.shift();
          if (call && sent.length < 60 && started.size < 400) {
            if (!started.has(call)) {
              started.add(call);
              attempt(() => call(dummy("given"), dummy("given"), dummy("given")));
            }
            return true;
          }
          return false;
        }
      }
      return false;
    },
    run: (body) => void attempt(() => body.call(module.exports, ...args)),
    report,
  };
})
