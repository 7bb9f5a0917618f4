// The builtins of Python and those of its modules that only compute.
(function (py, kit) {
  "use strict";
  const { Tuple, tuple, Bytes, Dict, PySet, Range, Slice, Mod, Cls, Inst, Property, Wrapped, Coroutine, classes, native, find, isA, raised, fail } = py;
  const { isInt, isNumber, typeOf, isInstance, truth, points, length, get, set, call, invoke, library, awaited, binary, equal, order, contains, item, iterate, repr, text, formatted, filled, joined, small, answered } = py;
  const { dummies, dummy } = kit;
  const list = (value) => [...iterate(value)];
  const word = (kw, name, usual) => (kw?.has(name) ? kw.get(name) : usual);
  const bytesOf = (value) => {
    if (value instanceof Bytes) return value.bytes;
    if (typeof value === "string") return Uint8Array.from(kit.bytes(value));
    if (value?.inner instanceof Bytes) return value.inner.bytes;
    if (dummies.has(value)) return Uint8Array.from(kit.bytes("some"));
    return Uint8Array.from(iterate(value));
  };
  const made = (bytes) => new Bytes(Uint8Array.from(bytes));
  // What is put together may be what a fact is compared with, sign by sign.
  const wordy = (value) => {
    if (py.watch && value.length < 4000) kit.noteLate(value.length < 40 && !/\s/.test(value) ? [value] : value.split(/[\s,;|\0]+/).slice(0, 200).filter((one) => one.length > 2 && one.length < 60));
    return value;
  };
  const decode = (bytes, name = "utf-8", errors = "strict") => {
    switch (String(name).toLowerCase().replace(/[-_]/g, "")) {
      case "latin1":
      case "iso88591":
        return Array.from(bytes, (b) => String.fromCharCode(b)).join("");
      case "ascii":
        if (errors === "strict" && bytes.some((b) => b > 127)) throw fail("UnicodeDecodeError", "ascii");
        return Array.from(bytes, (b) => (b < 128 ? String.fromCharCode(b) : "")).join("");
      case "utf16":
      case "utf16le":
      case "utf16be": {
        const big = /be/i.test(name);
        let out = "";
        for (let i = 0; i + 1 < bytes.length; i += 2) out += String.fromCharCode(big ? (bytes[i] << 8) | bytes[i + 1] : bytes[i] | (bytes[i + 1] << 8));
        return out.replace(/^\ufeff/, "");
      }
      default:
        return kit.textOf(bytes);
    }
  };
  const encode = (value, name = "utf-8", errors = "strict") => {
    switch (String(name).toLowerCase().replace(/[-_]/g, "")) {
      case "latin1":
      case "iso88591":
      case "ascii":
        if (errors === "strict" && /[^\x00-\x7f]/.test(value) && /ascii/i.test(name)) throw fail("UnicodeEncodeError", "ascii");
        return made(Array.from(value).filter((c) => c.codePointAt(0) < 256).map((c) => c.codePointAt(0)));
      case "utf16":
      case "utf16le":
        return made(Array.from({ length: value.length * 2 }, (_, i) => (value.charCodeAt(i >> 1) >> (8 * (i & 1))) & 255));
      case "idna":
      case "punycode":
      default:
        return made(kit.bytes(value));
    }
  };

  // ---- the methods of values ----

  const SPACE = " \t\n\r\v\f";
  const stripped = (value, what, from, to) => {
    const unwanted = typeof what === "string" ? [...what] : undefined;
    const drop = unwanted ? (c) => unwanted.includes(c) : (c) => /[\s\x1c-\x1f\x85]/.test(c) && c !== "\ufeff";
    const all = Array.from(value);
    let start = 0;
    let end = all.length;
    while (from && start < end && drop(all[start])) start++;
    while (to && end > start && drop(all[end - 1])) end--;
    return all.slice(start, end).join("");
  };
  const ends = (value, what, test) => {
    const all = Array.isArray(what) ? [...what] : [what];
    if (py.watch) all.forEach((one) => (kit.note(one), kit.begins(one)));
    return answered("ends", value, all, all.some((one) => typeof one === "string" && test(value, one)));
  };
  // Whether one of several is as it is looked for, which settles it.
  const each = (name, values, settles) => {
    const seen = [];
    let came = !settles;
    const outer = py.reckoned;
    if (kit.deciding) py.reckoned = 0;
    for (const one of iterate(values)) {
      if (kit.deciding && seen.length < 40) seen.push(kit.sign(one));
      if (truth(one) === settles) {
        came = settles;
        break;
      }
    }
    if (kit.deciding) seen.push(py.reckoned);
    py.reckoned = outer;
    return answered(name, "", seen, came);
  };
  const split = (value, mark, most) => {
    const limit = most === undefined || most === null || most < 0 ? Infinity : Number(most);
    if (mark === undefined || mark === null) {
      const parts = [];
      let rest = value.replace(/^\s+/, "");
      while (rest && parts.length < limit) {
        const at = /\s+/.exec(rest);
        if (!at) break;
        parts.push(rest.slice(0, at.index));
        rest = rest.slice(at.index + at[0].length);
      }
      if (rest) parts.push(parts.length >= limit ? rest.replace(/\s+$/, "") : rest);
      return parts;
    }
    if (mark === "") throw fail("ValueError", "empty separator");
    const parts = value.split(mark);
    return parts.length > limit + 1 ? [...parts.slice(0, limit), parts.slice(limit).join(mark)] : parts;
  };
  const splitFromEnd = (value, mark, most) => {
    if (mark === undefined || mark === null) return split(value).length <= (most ?? Infinity) + 1 || most === undefined ? split(value) : [value.trim().split(/\s+/).slice(0, -most).join(" "), ...value.trim().split(/\s+/).slice(-most)];
    const parts = value.split(mark);
    const limit = most === undefined || most < 0 ? Infinity : Number(most);
    return parts.length > limit + 1 ? [parts.slice(0, parts.length - limit).join(mark), ...parts.slice(parts.length - limit)] : parts;
  };
  const within = (value, [what, from, to], seek) => {
    const low = from ?? 0;
    const part = from === undefined && to === undefined ? value : item(value, new Slice(low, to ?? null, null));
    if (py.watch) kit.note(what);
    const at = part[seek](what);
    return at < 0 ? -1 : at + (low < 0 ? Math.max(0, value.length + low) : low);
  };
  const replace = (value, from, to, most) => {
    if (typeof to !== "string" || typeof from !== "string") throw fail("TypeError", "replace() argument must be str");
    if (py.watch) kit.note(from);
    if (most === undefined || most < 0) return value.replaceAll(from, () => to);
    let out = value;
    let at = 0;
    for (let i = 0; i < most; i++) {
      const found = out.indexOf(from, at);
      if (found < 0) break;
      out = out.slice(0, found) + to + out.slice(found + from.length);
      at = found + to.length + (from === "" ? 1 : 0);
    }
    return out;
  };
  const titled = (value) => value.replace(/\p{L}+/gu, (one) => one[0].toUpperCase() + one.slice(1).toLowerCase());
  const onlyOf = (pattern) => (value) => value.length > 0 && pattern.test(value);
  const STR = {
    lower: (self) => self.toLowerCase(), upper: (self) => self.toUpperCase(), casefold: (self) => self.toLowerCase().replace(/ß/g, "ss"), title: (self) => titled(self), capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
    swapcase: (self) => Array.from(self, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(""), strip: (self, [what]) => stripped(self, what, true, true), lstrip: (self, [what]) => stripped(self, what, true, false), rstrip: (self, [what]) => stripped(self, what, false, true),
    startswith: (self, [what, from]) => ends(from ? self.slice(from) : self, what, (a, b) => a.startsWith(b)), endswith: (self, [what]) => ends(self, what, (a, b) => a.endsWith(b)),
    split: (self, [mark, most], kw) => split(self, word(kw, "sep", mark), word(kw, "maxsplit", most)), rsplit: (self, [mark, most], kw) => splitFromEnd(self, word(kw, "sep", mark), word(kw, "maxsplit", most)),
    splitlines: (self, [keep], kw) => (word(kw, "keepends", keep) ? self.match(/[^\n]*\n|[^\n]+$/g) ?? [] : self === "" ? [] : self.replace(/\r\n|\r|\u2028|\u2029/g, "\n").replace(/\n$/, "").split("\n")),
    join: (self, [parts]) => {
      const all = list(parts);
      if (!all.every((one) => typeof one === "string" || dummies.has(one))) throw fail("TypeError", "sequence item: expected str instance");
      return wordy(all.map((one) => text(one)).join(self));
    },
    replace: (self, [from, to, most], kw) => replace(self, from, to, word(kw, "count", most)), find: (self, args) => within(self, args, "indexOf"), rfind: (self, args) => within(self, args, "lastIndexOf"),
    index: (self, args) => {
      const at = within(self, args, "indexOf");
      if (at < 0) throw fail("ValueError", "substring not found");
      return at;
    },
    rindex: (self, args) => {
      const at = within(self, args, "lastIndexOf");
      if (at < 0) throw fail("ValueError", "substring not found");
      return at;
    },
    count: (self, [what]) => {
      if (py.watch) kit.note(what);
      return what === "" ? length(self) + 1 : self.split(what).length - 1;
    },
    format: (self, args, kw) => filled(self, args, kw), format_map: (self, [map]) => filled(self, [], { get: (name) => item(map, name) }),
    encode: (self, [name, errors], kw) => encode(self, word(kw, "encoding", name), word(kw, "errors", errors)), zfill: (self, [width]) => (/^[+-]/.test(self) ? self[0] + self.slice(1).padStart(width - 1, "0") : self.padStart(width, "0")),
    ljust: (self, [width, fill = " "]) => self + fill.repeat(Math.max(0, width - length(self))), rjust: (self, [width, fill = " "]) => fill.repeat(Math.max(0, width - length(self))) + self, center: (self, [width, fill = " "]) => formatted(self, `${fill}^${width}`),
    isdigit: onlyOf(/^\p{Nd}+$/u), isdecimal: onlyOf(/^\p{Nd}+$/u), isnumeric: onlyOf(/^\p{N}+$/u), isalpha: onlyOf(/^\p{L}+$/u), isalnum: onlyOf(/^[\p{L}\p{N}]+$/u), isspace: onlyOf(/^\s+$/), isupper: (self) => self !== self.toLowerCase() && self === self.toUpperCase(),
    islower: (self) => self !== self.toUpperCase() && self === self.toLowerCase(), istitle: (self) => self !== "" && self === titled(self), isascii: (self) => /^[\x00-\x7f]*$/.test(self), isidentifier: onlyOf(/^[\p{L}_][\p{L}\p{N}_]*$/u), isprintable: (self) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(self),
    partition: (self, [mark]) => {
      const at = self.indexOf(mark);
      return tuple(at < 0 ? [self, "", ""] : [self.slice(0, at), mark, self.slice(at + mark.length)]);
    },
    rpartition: (self, [mark]) => {
      const at = self.lastIndexOf(mark);
      return tuple(at < 0 ? ["", "", self] : [self.slice(0, at), mark, self.slice(at + mark.length)]);
    },
    removeprefix: (self, [what]) => (what && self.startsWith(what) ? self.slice(what.length) : self), removesuffix: (self, [what]) => (what && self.endsWith(what) ? self.slice(0, -what.length) : self), expandtabs: (self, [size = 8]) => self.replaceAll("\t", " ".repeat(size)),
    translate: (self, [table]) =>
      wordy(
        Array.from(self, (c) => {
          const to = table instanceof Dict ? table.get(c.codePointAt(0)) : c;
          return to === undefined ? c : to === null ? "" : typeof to === "string" ? to : String.fromCodePoint(Number(to));
        }).join("")
      ),
  };
  const table = (from, to, without = "") => {
    const out = new Dict();
    if (from instanceof Dict) for (const [key, value] of from.pairs()) out.set(typeof key === "string" ? key.codePointAt(0) : key, value);
    else Array.from(from).forEach((c, at) => out.set(c.codePointAt(0), Array.from(to)[at].codePointAt(0)));
    for (const c of without) out.set(c.codePointAt(0), null);
    return out;
  };
  const BYTES = {
    decode: (self, [name, errors], kw) => wordy(decode(self.bytes, word(kw, "encoding", name), word(kw, "errors", errors))), hex: (self, [mark = ""]) => Array.from(self.bytes, (b) => b.toString(16).padStart(2, "0")).join(mark), translate: (self, [map]) => made(Array.from(self.bytes, (b) => map.bytes[b])),
    append: (self, [b]) => void (self.bytes = joined([self.bytes, Uint8Array.of(b)])) ?? null, extend: (self, [more]) => void (self.bytes = joined([self.bytes, bytesOf(more)])) ?? null, tobytes: (self) => new Bytes(self.bytes), tolist: (self) => [...self.bytes], reverse: (self) => void self.bytes.reverse() ?? null,
    clear: (self) => void (self.bytes = new Uint8Array(0)) ?? null, copy: (self) => made(self.bytes),
  };
  for (const name of ["split", "rsplit", "strip", "lstrip", "rstrip", "startswith", "endswith", "find", "rfind", "index", "count", "replace", "join", "lower", "upper", "partition", "rpartition", "splitlines", "ljust", "rjust", "zfill", "isdigit", "isalpha", "removeprefix", "removesuffix"]) {
    const latin = (value) => (value instanceof Bytes ? decode(value.bytes, "latin-1") : Array.isArray(value) ? value.map(latin) : value);
    const back = (value) => (typeof value === "string" ? encode(value, "latin-1") : value instanceof Tuple ? tuple(value.map(back)) : Array.isArray(value) ? value.map(back) : value);
    BYTES[name] = (self, args, kw) => back(STR[name](latin(self), args.map((arg) => (name === "join" ? list(arg).map(latin) : latin(arg))), kw));
  }
  const sorted = (values, kw) => {
    const key = kw?.get("key");
    const all = list(values).map((value) => [key ? call(key, [value]) : value, value]);
    const turn = truth(word(kw, "reverse", false)) ? -1 : 1;
    return all.sort((a, b) => turn * order(a[0], b[0])).map(([, value]) => value);
  };
  const nothing = () => null;
  const LIST = {
    append: (self, [value]) => (self.push(value), null), extend: (self, [more]) => (list(more).forEach((one) => self.push(one)), null), insert: (self, [at, value]) => (self.splice(at < 0 ? Math.max(0, self.length + at) : at, 0, value), null),
    pop: (self, [at = -1]) => {
      if (self.length === 0) throw fail("IndexError", "pop from empty list");
      return self.splice(at < 0 ? self.length + at : at, 1)[0];
    },
    remove: (self, [value]) => {
      const at = self.findIndex((one) => equal(one, value));
      if (at < 0) throw fail("ValueError", "not in list");
      self.splice(at, 1);
      return null;
    },
    clear: (self) => ((self.length = 0), null), copy: (self) => [...self], reverse: (self) => (self.reverse(), null),
    sort: (self, _, kw) => {
      const all = sorted(self, kw);
      self.length = 0;
      all.forEach((one) => self.push(one));
      return null;
    },
    index: (self, [value]) => {
      if (py.watch) kit.noteAll(self);
      const at = self.findIndex((one) => equal(one, value));
      if (at < 0) throw fail("ValueError", "not in list");
      return at;
    },
    count: (self, [value]) => self.filter((one) => equal(one, value)).length,
  };
  LIST.appendleft = (self, [value]) => (self.unshift(value), null);
  LIST.popleft = (self) => {
    if (self.length === 0) throw fail("IndexError", "pop from an empty deque");
    return self.shift();
  };
  LIST.rotate = (self, [by = 1]) => {
    for (let i = 0; i < Math.abs(by) && self.length; i++) by > 0 ? self.unshift(self.pop()) : self.push(self.shift());
    return null;
  };
  const view = (name, make) => (self) => ({ listed: name, [Symbol.iterator]: () => make(self)[Symbol.iterator](), holds: (value) => make(self).some((one) => equal(one, value)), toJSON: () => make(self) });
  const merge = (self, [other], kw) => {
    if (other instanceof Dict) for (const [key, value] of other.pairs()) self.set(key, value);
    else if (other instanceof Inst && find(other.cls, "keys")) for (const key of list(invoke(other, "keys", []))) self.set(key, item(other, key));
    else if (other !== undefined && !dummies.has(other)) for (const pair of iterate(other)) self.set(...list(pair));
    for (const [key, value] of kw ?? []) self.set(key, value);
    return null;
  };
  const DICT = {
    get: (self, [key, usual = null], kw) => {
      if (py.watch) kit.noteAll(self);
      return self.has(key) ? self.get(key) : word(kw, "default", usual);
    },
    keys: view("dict_keys", (self) => [...self]), values: view("dict_values", (self) => self.pairs().map(([, value]) => value)), items: view("dict_items", (self) => self.pairs().map((pair) => tuple(pair))),
    pop: (self, [key, ...usual]) => {
      if (!self.has(key)) {
        if (usual.length) return usual[0];
        throw fail("KeyError", key);
      }
      const value = self.get(key);
      self.delete(key);
      return value;
    },
    popitem: (self) => {
      const last = self.pairs().at(-1);
      if (!last) throw fail("KeyError", "empty");
      self.delete(last[0]);
      return tuple(last);
    },
    setdefault: (self, [key, value = null]) => {
      if (!self.has(key)) self.set(key, value);
      return self.get(key);
    },
    update: merge, clear: (self) => (self.map.clear(), null), copy: (self) => Object.assign(new Dict(self.pairs()), { missing: self.missing, kind: self.kind }),
    move_to_end: (self, [key, last = true], kw) => {
      const pair = [key, self.get(key)];
      self.delete(key);
      const rest = self.pairs();
      self.map.clear();
      for (const one of word(kw, "last", last) ? [...rest, pair] : [pair, ...rest]) self.set(...one);
      return null;
    },
    most_common: (self, [count]) => {
      const all = self.pairs().map((pair) => tuple(pair)).sort((a, b) => b[1] - a[1]);
      return count === undefined || count === null ? all : all.slice(0, count);
    },
    elements: (self) => self.pairs().flatMap(([key, count]) => Array(Math.max(0, count)).fill(key))[Symbol.iterator](),
  };
  const operated = (op) => (self, others) => others.reduce((sum, other) => binary(op, sum, new PySet(iterate(other))), self);
  const SET = {
    add: (self, [value]) => (self.add(value), null), discard: (self, [value]) => (self.delete(value), null), clear: (self) => (self.map.clear(), null), copy: (self) => new PySet(self, self.frozen),
    remove: (self, [value]) => {
      if (!self.delete(value)) throw fail("KeyError", value);
      return null;
    },
    pop: (self) => {
      for (const one of self) {
        self.delete(one);
        return one;
      }
      throw fail("KeyError", "pop from an empty set");
    },
    update: (self, others) => (others.forEach((other) => list(other).forEach((one) => self.add(one))), null), union: operated("|"), intersection: operated("&"), difference: operated("-"), symmetric_difference: operated("^"),
    issubset: (self, [other]) => [...self].every((one) => contains(other, one)), issuperset: (self, [other]) => list(other).every((one) => self.has(one)),
    isdisjoint: (self, [other]) => {
      if (py.watch) kit.noteAll(self);
      return answered("isdisjoint", self, list(other), !list(other).some((one) => self.has(one)));
    },
  };
  const INT = {
    bit_length: (self) => (self === 0 ? 0 : BigInt(self < 0 ? -self : self).toString(2).length), bit_count: (self) => BigInt(self < 0 ? -self : self).toString(2).replace(/0/g, "").length, conjugate: (self) => self, as_integer_ratio: (self) => tuple([self, 1]), is_integer: () => true,
    to_bytes: (self, [size = 1, way = "big"], kw) => {
      const out = [];
      let rest = BigInt(self);
      for (let i = 0; i < word(kw, "length", size); i++, rest >>= 8n) out.push(Number(rest & 255n));
      return made(word(kw, "byteorder", way) === "big" ? out.reverse() : out);
    },
  };

  // ---- classes of values ----

  const number = (value, base) => {
    if (typeof value === "string" || value instanceof Bytes) {
      const digits = (value instanceof Bytes ? decode(value.bytes) : value).trim().replace(/_/g, "").toLowerCase();
      const radix = base === undefined ? 10 : Number(base);
      const bare = digits.replace(/^[+-]/, "").replace(radix === 16 || radix === 0 ? /^0x/ : radix === 2 ? /^0b/ : radix === 8 ? /^0o/ : /^(?!)/, "");
      const real = radix === 0 ? (/^[+-]?0x/.test(digits) ? 16 : /^[+-]?0b/.test(digits) ? 2 : /^[+-]?0o/.test(digits) ? 8 : 10) : radix;
      if (bare === "" || ![...bare].every((c) => parseInt(c, real) >= 0)) throw fail("ValueError", `invalid literal for int() with base ${radix}`);
      let out = 0n;
      if (bare.length < 15) out = parseInt(bare, real);
      else for (const c of bare) out = out * BigInt(real) + BigInt(parseInt(c, real));
      const signed = digits.startsWith("-") ? -out : out;
      return typeof signed === "bigint" && signed >= -9007199254740991n && signed <= 9007199254740991n ? Number(signed) : signed;
    }
    if (typeof value === "boolean") return Number(value);
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw fail("OverflowError", "cannot convert float");
      return Math.trunc(value);
    }
    if (typeof value === "bigint") return value;
    if (value instanceof Inst) return find(value.cls, "__int__") ? invoke(value, "__int__", []) : find(value.cls, "__index__") ? invoke(value, "__index__", []) : number(value.inner ?? value.own.get("value"));
    if (dummies.has(value)) return 1;
    throw fail("TypeError", "int() argument must be a string or a number");
  };
  const float = (value) => {
    if (typeof value === "string") {
      const bare = value.trim().replace(/_/g, "").toLowerCase();
      if (/^[+-]?(inf|infinity|nan)$/.test(bare)) return bare.includes("nan") ? NaN : bare.startsWith("-") ? -Infinity : Infinity;
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(bare)) throw fail("ValueError", "could not convert string to float");
      return Number(bare);
    }
    if (isNumber(value)) return Number(value);
    if (value instanceof Inst && find(value.cls, "__float__")) return invoke(value, "__float__", []);
    if (dummies.has(value)) return 1;
    throw fail("TypeError", "float() argument must be a string or a real number");
  };
  const { object } = classes;
  object.native = { make: () => new Inst(object) };
  native("NoneType", undefined, () => null);
  native("type", undefined, ([value, bases, own]) => (bases === undefined ? typeOf(value) : py.classOf(value, [...bases], undefined, (parts) => own.pairs().forEach(([key, one]) => parts.set(key, one)))));
  native("function", undefined, nothing);
  native("module", undefined, ([name]) => new Mod(name));
  native("str", undefined, ([value = "", name], kw) => (value instanceof Bytes && (name ?? kw?.get("encoding")) ? decode(value.bytes, name ?? kw.get("encoding")) : text(value)));
  native("int", undefined, ([value = 0, base], kw) => number(value, base ?? kw?.get("base")));
  native("float", undefined, ([value = 0]) => float(value));
  native("bool", undefined, ([value = false]) => truth(value), [classes.int]);
  native("list", undefined, ([value = []]) => list(value));
  native("tuple", undefined, ([value = []]) => tuple(iterate(value)));
  native("dict", undefined, (args, kw) => {
    const out = new Dict();
    merge(out, args, kw);
    return out;
  });
  native("set", undefined, ([value = []]) => new PySet(iterate(value)));
  native("frozenset", undefined, ([value = []]) => new PySet(iterate(value), true));
  const octets = ([value = 0, name]) => (isInt(value) ? new Bytes(new Uint8Array(Number(value))) : typeof value === "string" ? encode(value, name) : made(bytesOf(value)));
  native("bytes", undefined, octets);
  native("bytearray", undefined, (args) => Object.assign(octets(args), { changes: true }));
  native("memoryview", undefined, octets);
  native("range", undefined, (args) => (args.length === 1 ? new Range(0, Number(args[0]), 1) : new Range(Number(args[0]), Number(args[1]), Number(args[2] ?? 1))));
  native("slice", undefined, (args) => (args.length === 1 ? new Slice(null, args[0], null) : new Slice(args[0], args[1], args[2] ?? null)));
  native("property", undefined, ([getter, setter]) => new Property(getter, setter));
  native("staticmethod", undefined, ([inner]) => new Wrapped("static", inner));
  native("classmethod", undefined, ([inner]) => new Wrapped("class", inner));
  native("complex", undefined, ([value = 0]) => float(value));
  Object.assign(classes.str.native, { methods: STR, statics: { maketrans: library("x y z", table) } });
  Object.assign(classes.bytes.native, { methods: BYTES, statics: { fromhex: ([digits]) => made(digits.replace(/\s/g, "").match(/../g)?.map((pair) => parseInt(pair, 16)) ?? []), maketrans: ([from, to]) => made(Array.from({ length: 256 }, (_, b) => (from.bytes.indexOf(b) < 0 ? b : to.bytes[from.bytes.indexOf(b)]))) } });
  Object.assign(classes.bytearray.native, { methods: BYTES, statics: classes.bytes.native.statics });
  classes.memoryview.native.methods = BYTES;
  classes.list.native.methods = LIST;
  classes.tuple.native.methods = { index: LIST.index, count: LIST.count, _asdict: (self) => new Dict(self.names.map((name, at) => [name, self[at]])), _replace: (self, _, kw) => call(self.kind, self.map((value, at) => word(kw, self.names[at], value))) };
  Object.assign(classes.dict.native, { methods: DICT, statics: { fromkeys: ([keys, value = null]) => new Dict(list(keys).map((key) => [key, value])) } });
  classes.set.native.methods = classes.frozenset.native.methods = SET;
  Object.assign(classes.int.native, {
    methods: INT, parts: { real: (self) => self, imag: () => 0, numerator: (self) => self, denominator: () => 1 },
    statics: { from_bytes: ([bytes, way = "big"], kw) => number(text([...(word(kw, "byteorder", way) === "big" ? bytesOf(bytes) : bytesOf(bytes).reverse())].reduce((sum, b) => (sum << 8n) | BigInt(b), 0n))) },
  });
  classes.float.native.methods = { is_integer: (self) => Number.isInteger(self), hex: (self) => String(self), as_integer_ratio: (self) => tuple([self, 1]) };
  classes.property.native.methods = {};
  const properties = { setter: (self) => (args) => new Property(self.get, args[0]), getter: (self) => (args) => new Property(args[0], self.set), deleter: (self) => () => self, fget: (self) => self.get };
  const attribute = py.attribute;

  // ---- builtins ----

  const pick = (turn) => (args, kw) => {
    const all = args.length === 1 ? list(args[0]) : args;
    if (all.length === 0) {
      if (kw?.has("default")) return kw.get("default");
      throw fail("ValueError", "empty");
    }
    const key = kw?.get("key");
    const by = (value) => (key ? call(key, [value]) : value);
    return all.reduce((best, one) => (turn * order(by(one), by(best)) > 0 ? one : best));
  };
  const lazily = (make) => (args, kw) => make(args, kw);
  const iterator = (value) => {
    const over = iterate(value);
    return typeof over.next === "function" ? over : over[Symbol.iterator]();
  };
  const builtins = {
    len: ([value]) => length(value), print: (args, kw) => kit.printed(args.map((one) => text(one)).join(word(kw, "sep", " ") ?? " ") + (word(kw, "end", "\n") ?? "\n"), kw?.get("file")), repr: ([value]) => repr(value), ascii: ([value]) => repr(value).replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
    abs: ([value]) => (value instanceof Inst ? invoke(value, "__abs__", []) : value < 0 ? -value : Number(value)), min: pick(-1), max: pick(1), sum: ([values, start = 0], kw) => list(values).reduce((sum, one) => binary("+", sum, one), word(kw, "start", start)), round: ([value, digits]) => (isInt(value) && (digits ?? 0) >= 0 ? value : py.rounded(value, digits ?? 0)),
    pow: ([a, b, by]) => {
      if (by === undefined) return binary("**", a, b);
      let [out, base, left] = [1n, BigInt(a) % BigInt(by), BigInt(b)];
      for (; left > 0n; left >>= 1n, base = (base * base) % BigInt(by)) if (left & 1n) out = (out * base) % BigInt(by);
      return number(String(out));
    },
    divmod: ([a, b]) => tuple([binary("//", a, b), binary("%", a, b)]), ord: ([c]) => (c instanceof Bytes ? c.bytes[0] : c.codePointAt(0)), chr: ([code]) => String.fromCodePoint(Number(code)), hex: ([value]) => (value < 0 ? "-0x" : "0x") + (value < 0 ? -value : value).toString(16), oct: ([value]) => `0o${value.toString(8)}`, bin: ([value]) => (value < 0 ? "-0b" : "0b") + (value < 0 ? -value : value).toString(2),
    all: ([values]) => each("all", values, false),
    any: ([values]) => each("any", values, true),
    sorted: ([values], kw) => sorted(values, kw),
    reversed: ([values]) => (values instanceof Inst && find(values.cls, "__reversed__") ? invoke(values, "__reversed__", []) : list(values).reverse()[Symbol.iterator]()),
    enumerate: lazily(function* ([values, start = 0], kw) {
      let at = Number(word(kw, "start", start));
      for (const one of iterate(values)) yield tuple([at++, one]);
    }),
    zip: lazily(function* (all) {
      const iterators = all.map(iterator);
      for (;;) {
        const row = [];
        for (const one of iterators) {
          const step = one.next();
          if (step.done) return;
          row.push(step.value);
        }
        if (!row.length) return;
        yield tuple(row);
      }
    }),
    map: lazily(function* ([run, ...all]) {
      if (all.length === 1) for (const one of iterate(all[0])) yield call(run, [one]);
      else for (const row of builtins.zip(all)) yield call(run, [...row]);
    }),
    filter: lazily(function* ([test, values]) {
      for (const one of iterate(values)) if (truth(test === null ? one : call(test, [one]))) yield one;
    }),
    iter: ([value, end]) => (end === undefined ? iterator(value) : (function* () {
      for (let one = call(value, []); !equal(one, end); one = call(value, [])) yield one;
    })()),
    next: ([value, ...usual]) => {
      try {
        return py.next(value);
      } catch (error) {
        if (usual.length && isA(py.caught(error).cls, classes.StopIteration)) return usual[0];
        throw error;
      }
    },
    aiter: ([value]) => iterator(value), anext: ([value]) => py.next(value, "StopAsyncIteration"),
    isinstance: ([value, cls]) => isInstance(value, cls), issubclass: ([cls, of]) => (Array.isArray(of) ? of.some((one) => isA(cls, one)) : isA(cls, of)), callable: ([value]) => typeof value === "function" || value instanceof Cls || (value instanceof Inst && !!find(value.cls, "__call__")), id: () => 1, hash: ([value]) => (isInt(value) ? value : [...text(value)].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 1000003, 7)),
    getattr: ([value, name, ...usual]) => {
      const found = attributeOf(value, name);
      if (found !== py.MISSING) return found;
      if (usual.length) return usual[0];
      throw fail("AttributeError", name);
    },
    hasattr: ([value, name]) => attributeOf(value, name) !== py.MISSING, setattr: ([value, name, to]) => (set(value, name, to), null), delattr: ([value, name]) => (value.own?.delete(name), null),
    dir: ([value]) => (value instanceof Inst ? [...value.own.keys(), ...value.cls.order.flatMap((cls) => [...cls.own.keys()])] : value instanceof Cls ? value.order.flatMap((cls) => [...cls.own.keys()]) : value instanceof Mod ? Object.keys(value.held) : []), vars: ([value]) => (value instanceof Inst ? new Dict([...value.own]) : new Dict()),
    format: ([value, spec = ""]) => formatted(value, spec), input: () => {
      const typed = kit.line();
      // Nobody types any more.
      if (typed === "") throw fail("EOFError", "");
      return typed;
    }, open: (args, kw) => kit.open(args, kw), exit: ([code = null]) => {
      throw raised(classes.SystemExit, [code]);
    },
    super: ([cls, self]) => py.superOf(cls, self), eval: ([source]) => {
      const bare = String(source).trim();
      if (/^-?\d+$/.test(bare)) return number(bare);
      if (/^(['"]).*\1$/s.test(bare)) return bare.slice(1, -1);
      return dummy("eval");
    },
    exec: nothing, compile: ([source]) => source, breakpoint: nothing, globals: () => new Dict(), locals: () => new Dict(), __import__: ([name]) => py.imported(name), NotImplemented: py.NotImplemented, Ellipsis: py.Ellipsis, __debug__: true, __build_class__: nothing,
  };
  builtins.quit = builtins.exit;
  const attributeOf = (value, name) => {
    try {
      return attribute(value, name);
    } catch (error) {
      if (isA(py.caught(error).cls, classes.AttributeError)) return py.MISSING;
      throw error;
    }
  };
  for (const [name, cls] of Object.entries(classes)) if (!["NoneType", "function", "module"].includes(name)) builtins[name] = cls;

  // ---- modules that compute ----

  const json = {
    dump: (value, how, depth) => {
      const { indent, marks, sort, ascii, other } = how;
      const quote = (one) => {
        const whole = JSON.stringify(one);
        return ascii ? whole.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`) : whole;
      };
      const line = indent === undefined ? "" : `\n${indent.repeat(depth + 1)}`;
      const last = indent === undefined ? "" : `\n${indent.repeat(depth)}`;
      if (depth > 60) throw fail("RecursionError", "too deep");
      if (value === null || value === undefined) return "null";
      if (typeof value === "boolean") return String(value);
      if (typeof value === "number" || typeof value === "bigint") return Number.isNaN(value) ? "NaN" : String(value);
      if (typeof value === "string") return quote(value);
      if (Array.isArray(value)) return value.length ? `[${line}${value.map((one) => json.dump(one, how, depth + 1)).join(marks[0] + line)}${last}]` : "[]";
      if (value instanceof Dict) {
        const pairs = value.pairs().map(([key, one]) => [typeof key === "string" ? key : key === null ? "null" : typeof key === "boolean" ? String(key) : text(key), one]);
        if (sort) pairs.sort((a, b) => order(a[0], b[0]));
        return pairs.length ? `{${line}${pairs.map(([key, one]) => `${quote(key)}${marks[1]}${json.dump(one, how, depth + 1)}`).join(marks[0] + line)}${last}}` : "{}";
      }
      if (value instanceof Inst && value.inner !== undefined) return json.dump(value.inner, how, depth);
      if (value instanceof Inst && value.cls.enumerates && isA(value.cls, classes.str)) return quote(value.own.get("value"));
      if (other) return json.dump(call(other, [value]), how, depth + 1);
      if (dummies.has(value)) return '"some"';
      throw fail("TypeError", `Object of type ${typeOf(value).name} is not JSON serializable`);
    },
    dumps: ([value], kw) => {
      const indent = kw?.get("indent");
      const marks = kw?.get("separators");
      return json.dump(value, {
        indent: indent === undefined || indent === null ? undefined : typeof indent === "string" ? indent : " ".repeat(indent), marks: marks ? [...marks] : indent === undefined || indent === null ? [", ", ": "] : [",", ": "], sort: truth(word(kw, "sort_keys", false)), ascii: truth(word(kw, "ensure_ascii", true)), other: kw?.get("default") ?? undefined,
      }, 0);
    },
    from: (value) => (Array.isArray(value) ? value.map(json.from) : value && typeof value === "object" ? new Dict(Object.entries(value).map(([key, one]) => [key, json.from(one)])) : value),
    loads: ([value]) => {
      if (dummies.has(value)) return kit.answer();
      try {
        const whole = typeof value === "string" ? value : decode(bytesOf(value));
        const read = json.from(kit.parse(whole));
        const key = read instanceof Dict ? kit.fileOf(whole) : undefined;
        return key === undefined ? read : new Settings(read.pairs(), key, "#");
      } catch {
        throw raised(classes.JSONDecodeError, ["Expecting value"]);
      }
    },
  };
  classes.JSONDecodeError = new Cls("JSONDecodeError", [classes.ValueError]);

  // What is set in a file: what it holds, and what else is asked for.
  class Settings extends Dict {
    constructor(pairs, key, path) {
      super(pairs);
      this.key = key;
      this.path = path;
    }
    get(name) {
      const held = super.get(name);
      if (held !== undefined || typeof name !== "string" || this.key === undefined) {
        return held instanceof Dict && !(held instanceof Settings) && this.key !== undefined ? new Settings(held.pairs(), this.key, `${this.path}${name}.`) : held;
      }
      const value = kit.fact(`${this.key}${this.path}${name}`, undefined);
      return value && typeof value === "object" ? new Settings([], this.key, `${this.path}${name}.`) : value;
    }
    has(name) {
      return super.has(name) || this.get(name) !== undefined;
    }
  }
  py.Settings = Settings;
  // Settings as lines: `[a.b]` and `key = value`. Of a file that is made up,
  // what is asked for is there.
  const toml = (whole) => {
    const key = kit.fileOf(whole);
    if (key !== undefined) return new Settings([], key, "#");
    const all = new Dict();
    let at = all;
    for (const line of whole.split("\n")) {
      const head = /^\s*\[+([^\]]+)\]/.exec(line);
      const pair = /^\s*"?([\w.-]+)"?\s*=\s*(.*?)\s*(?:#[^"']*)?$/.exec(line);
      if (head) {
        at = all;
        for (const part of head[1].split(".")) {
          if (!at.has(part)) at.set(part, new Dict());
          at = at.get(part);
        }
      } else if (pair) {
        let value = pair[2].replace(/^'(.*)'$/, (_, text) => JSON.stringify(text));
        try {
          value = json.from(kit.parse(value));
        } catch {}
        at.set(pair[1], value);
      }
    }
    return all;
  };
  const toml_ = { loads: ([value]) => toml(String(value)), load: ([file]) => {
    const held = typeof file === "string" ? file : invoke(file, "read", []);
    return toml(typeof held === "string" ? held : decode(bytesOf(held)));
  }, TOMLDecodeError: classes.ValueError, TomlDecodeError: classes.ValueError };

  // ---- patterns ----

  const regexes = new Map();
  const translated = (source, flags) => {
    let marks = "u";
    let body = source;
    const lead = /^\(\?([aiLmsux]+)\)/.exec(body);
    if (lead) {
      body = body.slice(lead[0].length);
      for (const c of lead[1]) flags |= { i: 2, m: 8, s: 16, x: 64 }[c] ?? 0;
    }
    if (flags & 64) body = body.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*$/gm, (part) => (/^[\s#]/.test(part) ? "" : part));
    body = body.replace(/\(\?P</g, "(?<").replace(/\(\?P=(\w+)\)/g, "\\k<$1>").replace(/\(\?P>(\w+)\)/g, "").replace(/\\A/g, "^").replace(/\\Z/g, "$(?![\\s\\S])").replace(/\(\?#[^)]*\)/g, "").replace(/([*+?}])\+/g, "$1").replace(/\\([ "'#%&,:;<=>@_`~!-])/g, (_, c) => (c === "-" ? "\\-" : c));
    if (flags & 2) marks += "i";
    if (flags & 8) marks += "m";
    if (flags & 16) marks += "s";
    for (const how of [marks, marks.replace("u", "")]) {
      try {
        return new RegExp(body, how + "gd");
      } catch {}
    }
    throw raised(classes.error, ["bad pattern"]);
  };
  classes.error = new Cls("error", [classes.Exception]);
  class Pattern {
    constructor(source, flags) {
      this.source = source;
      this.made = translated(source instanceof Bytes ? decode(source.bytes, "latin-1") : source, flags);
      this.parts = { pattern: source, flags, groups: new RegExp(`${this.made.source}|`, this.made.flags.replace(/[gd]/g, "")).exec("").length - 1 };
    }
    run(value, at, where) {
      const subject = value instanceof Bytes ? decode(value.bytes, "latin-1") : dummies.has(value) ? "some" : value;
      if (typeof subject !== "string") throw fail("TypeError", "expected string or bytes-like object");
      if (py.watch) {
        kit.samples(this.made.source);
        kit.grep(this.made);
      }
      this.made.lastIndex = at;
      const found = this.made.exec(subject);
      if (!found) return null;
      if (where === "match" && found.index !== at) {
        const sticky = new RegExp(this.made.source, this.made.flags.replace("g", "y"));
        sticky.lastIndex = at;
        const again = sticky.exec(subject);
        return again ? new Match(again, subject) : null;
      }
      if (where === "fullmatch") {
        const whole = new RegExp(`^(?:${this.made.source})$(?![\\s\\S])`, this.made.flags.replace("g", "").replace("m", "")).exec(subject);
        return whole ? new Match(whole, subject) : null;
      }
      return new Match(found, subject);
    }
    all(value) {
      const out = [];
      for (let at = 0; out.length < 10000; ) {
        const one = this.run(value, at, "search");
        if (!one) return out;
        out.push(one);
        at = one.found.index + one.found[0].length + (one.found[0] === "" ? 1 : 0);
        if (at > one.subject.length) return out;
      }
      return out;
    }
  }
  class Match {
    constructor(found, subject) {
      this.found = found;
      this.subject = subject;
      const groups = () => [...found].slice(1).map((one) => one ?? null);
      this.parts = {
        group: (args) => (args.length > 1 ? tuple(args.map((one) => this.item(one))) : this.item(args[0] ?? 0)), groups: ([usual = null]) => tuple(groups().map((one) => one ?? usual)), groupdict: ([usual = null]) => new Dict(Object.entries(found.groups ?? {}).map(([key, one]) => [key, one ?? usual])),
        start: ([which = 0]) => this.place(which)[0], end: ([which = 0]) => this.place(which)[1], span: ([which = 0]) => tuple(this.place(which)), string: subject, lastindex: groups().length || null, expand: ([form]) => expanded(form, this), pos: 0, re: null,
      };
    }
    place(which) {
      return (typeof which === "string" ? this.found.indices.groups[which] : this.found.indices[which]) ?? [-1, -1];
    }
    item(which) {
      const value = typeof which === "string" ? this.found.groups?.[which] : this.found[which];
      if (value === undefined && (typeof which === "string" ? !(which in (this.found.groups ?? {})) : which >= this.found.length)) throw fail("IndexError", "no such group");
      return value ?? null;
    }
  }
  const expanded = (form, match) => form.replace(/\\g<(\w+)>|\\(\d)|\\n|\\t|\\\\/g, (whole, name, digit) => (name !== undefined ? match.item(/^\d+$/.test(name) ? Number(name) : name) ?? "" : digit !== undefined ? match.item(Number(digit)) ?? "" : whole === "\\n" ? "\n" : whole === "\\t" ? "\t" : "\\"));
  const compiled = (source, flags = 0) => {
    if (source instanceof Pattern) return source;
    if (dummies.has(source)) source = "some";
    const key = `${flags}/${source instanceof Bytes ? source.bytes : source}`;
    if (!regexes.has(key)) regexes.set(key, new Pattern(source, Number(flags)));
    return regexes.get(key);
  };
  const sub = (pattern, by, value, most = 0) => {
    const all = pattern.all(value);
    const subject = value instanceof Bytes ? decode(value.bytes, "latin-1") : text(value);
    let out = "";
    let at = 0;
    let count = 0;
    for (const one of all) {
      if (most && count >= most) break;
      count++;
      out += subject.slice(at, one.found.index) + (typeof by === "string" ? expanded(by, one) : by instanceof Bytes ? decode(by.bytes, "latin-1") : text(call(by, [one])));
      at = one.found.index + one.found[0].length;
    }
    out += subject.slice(at);
    return [value instanceof Bytes ? encode(out, "latin-1") : out, count];
  };
  const cut = (pattern, value, most = 0) => {
    const out = [];
    let at = 0;
    for (const one of pattern.all(value)) {
      if (most && out.length >= most) break;
      if (one.found[0] === "" && one.found.index >= value.length) break;
      out.push(value.slice(at, one.found.index), ...[...one.found].slice(1).map((group) => group ?? null));
      at = one.found.index + one.found[0].length;
    }
    out.push(value.slice(at));
    return out;
  };
  const findall = (pattern, value) => pattern.all(value).map((one) => (one.found.length === 1 ? one.found[0] : one.found.length === 2 ? one.found[1] ?? "" : tuple([...one.found].slice(1).map((group) => group ?? ""))));
  const uses = {
    search: library("string pos", (self, value, at = 0) => self.run(value, at, "search")), match: library("string pos", (self, value, at = 0) => self.run(value, at, "match")), fullmatch: library("string", (self, value) => self.run(value, 0, "fullmatch")), findall: library("string", findall), finditer: library("string", (self, value) => self.all(value)[Symbol.iterator]()),
    sub: (args, kw) => sub(args[0], args[1], args[2], word(kw, "count", args[3]))[0], subn: (args) => tuple(sub(args[0], args[1], args[2], args[3])), split: (args, kw) => cut(args[0], args[1], word(kw, "maxsplit", args[2])),
  };
  const re = { compile: ([source, flags], kw) => compiled(source, word(kw, "flags", flags) ?? 0), escape: ([value]) => value.replace(/[^\w\s!"%',/:;<=>@`]/g, "\\$&"), purge: nothing, error: classes.error, Pattern: object, Match: object, I: 2, IGNORECASE: 2, M: 8, MULTILINE: 8, S: 16, DOTALL: 16, X: 64, VERBOSE: 64, A: 256, ASCII: 256, U: 32, UNICODE: 32 };
  const LAST = { sub: 4, subn: 4, split: 3 };
  for (const [name, use] of Object.entries(uses)) {
    re[name] = (args, kw) => {
      const at = LAST[name] ?? 2;
      const flags = kw?.get("flags") ?? args[name === "sub" || name === "subn" ? 4 : name === "split" ? 3 : 2] ?? 0;
      const rest = kw ? new Map([...kw].filter(([key]) => key !== "flags" && key !== "pattern")) : undefined;
      return use([compiled(kw?.get("pattern") ?? args[0], flags), ...args.slice(1, at)], rest);
    };
  }
  const patternOf = (self, name) => (uses[name] ? (args, kw) => uses[name]([self, ...args], kw) : undefined);

  // ---- dates ----

  const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const two = (value) => String(value).padStart(2, "0");
  const signed = (seconds, mark = "") => `${seconds < 0 ? "-" : "+"}${two(Math.floor(Math.abs(seconds) / 3600))}${mark}${two(Math.floor(Math.abs(seconds) / 60) % 60)}`;
  // What a moment is where it is looked at: `zone` is [seconds, name], or none.
  const fields = (ms, zone) => {
    const at = new kit.Native(ms + (zone?.[0] ?? 0) * 1000);
    const day = (at.getUTCDay() + 6) % 7;
    const first = kit.Native.UTC(at.getUTCFullYear(), 0, 1);
    return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), micro: at.getUTCMilliseconds() * 1000, weekday: day, days: Math.floor((at.getTime() - first) / 86400000) + 1, zone };
  };
  const strftime = (form, at) =>
    form.replace(/%(-?)([a-zA-Z%])/g, (whole, bare, c) => {
      const pad = bare ? String : two;
      switch (c) {
        case "Y": return String(at.year);
        case "y": return two(at.year % 100);
        case "m": return pad(at.month);
        case "d": return pad(at.day);
        case "e": return String(at.day).padStart(2);
        case "H": return pad(at.hour);
        case "I": return pad(at.hour % 12 || 12);
        case "M": return pad(at.minute);
        case "S": return pad(at.second);
        case "f": return String(at.micro).padStart(6, "0");
        case "p": return at.hour < 12 ? "AM" : "PM";
        case "j": return String(at.days).padStart(3, "0");
        case "A": return DAYS[at.weekday];
        case "a": return DAYS[at.weekday].slice(0, 3);
        case "B": return MONTHS[at.month - 1];
        case "b":
        case "h": return MONTHS[at.month - 1].slice(0, 3);
        case "w": return String((at.weekday + 1) % 7);
        case "u": return String(at.weekday + 1);
        case "z": return at.zone ? signed(at.zone[0]) : "";
        case "Z": return at.zone ? kit.tell(at.zone[1]) : "";
        case "F": return `${at.year}-${two(at.month)}-${two(at.day)}`;
        case "T": return `${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
        case "D": return `${two(at.month)}/${two(at.day)}/${two(at.year % 100)}`;
        case "x": return kit.tell(kit.localized(at, "day"));
        case "X": return kit.tell(kit.localized(at, "time"));
        case "c": return kit.tell(`${DAYS[at.weekday].slice(0, 3)} ${MONTHS[at.month - 1].slice(0, 3)} ${at.day} ${two(at.hour)}:${two(at.minute)}:${two(at.second)} ${at.year}`);
        case "s": return "1767323045";
        case "G": return String(at.year);
        case "V": return two(Math.ceil(at.days / 7));
        case "%": return "%";
        default: return whole;
      }
    });
  const strptime = (value, form) => {
    const names = [];
    const source = form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/%([a-zA-Z])/g, (_, c) => {
      names.push(c);
      return { Y: "(\\d{4})", z: "([+-]\\d\\d:?\\d\\d|Z)", Z: "(\\w*)", b: "(\\w{3})", B: "(\\w+)", a: "(\\w{3})", A: "(\\w+)", f: "(\\d{1,6})", p: "(AM|PM|am|pm)" }[c] ?? "(\\d{1,2})";
    });
    const found = new RegExp(`^${source}$`).exec(value);
    if (!found) throw fail("ValueError", "time data does not match format");
    const at = { Y: 1900, m: 1, d: 1, H: 0, M: 0, S: 0 };
    names.forEach((name, index) => (at[name] = found[index + 1]));
    const month = at.b ? MONTHS.findIndex((one) => one.startsWith(at.b)) + 1 : at.B ? MONTHS.indexOf(at.B) + 1 : Number(at.m);
    return [kit.Native.UTC(Number(at.Y), month - 1, Number(at.d), Number(at.H ?? at.I), Number(at.M), Number(at.S)), at.z];
  };
  class Delta {
    constructor(ms) {
      this.ms = ms;
      this.hashed = `d${ms}`;
      const days = Math.floor(ms / 86400000);
      this.parts = { days, seconds: Math.floor((ms - days * 86400000) / 1000), microseconds: 0, total_seconds: () => ms / 1000 };
    }
    operate(op, other, left) {
      if (other instanceof Delta) {
        if (op === "+") return new Delta(this.ms + other.ms);
        if (op === "-") return new Delta(left ? this.ms - other.ms : other.ms - this.ms);
        if (op === "/") return left ? this.ms / other.ms : other.ms / this.ms;
        if (op === "//") return Math.floor(left ? this.ms / other.ms : other.ms / this.ms);
      }
      if (isNumber(other)) return op === "*" ? new Delta(this.ms * Number(other)) : op === "/" ? new Delta(this.ms / Number(other)) : op === "//" ? new Delta(Math.floor(this.ms / Number(other))) : undefined;
      return undefined;
    }
    negate() {
      return new Delta(-this.ms);
    }
    equals(other) {
      return other instanceof Delta && other.ms === this.ms;
    }
    order(other) {
      return this.ms - other.ms;
    }
    shown() {
      const { days, seconds } = this.parts;
      return `${days ? `${days} day${Math.abs(days) === 1 ? "" : "s"}, ` : ""}${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    }
    toJSON() {
      return this.shown();
    }
  }
  class Zone {
    constructor(seconds, name, key) {
      Object.assign(this, { seconds, name });
      this.parts = { key, zone: key, utcoffset: () => new Delta(this.offset() * 1000), tzname: () => this.label(), dst: () => new Delta(0), localize: ([at]) => new Moment(at.wall - this.offset() * 1000, this), normalize: ([at]) => at, fromutc: ([at]) => at };
    }
    offset() {
      return typeof this.seconds === "function" ? this.seconds() : this.seconds;
    }
    label() {
      return typeof this.name === "function" ? this.name() : this.name;
    }
    shown() {
      return text(this.parts.key ?? this.label());
    }
    equals(other) {
      return other instanceof Zone && other.offset() === this.offset() && other.parts.key === this.parts.key;
    }
    toJSON() {
      return this.shown();
    }
  }
  class Moment {
    constructor(ms, zone, kind = "datetime") {
      Object.assign(this, { ms, zone, kind });
      this.wall = ms + (zone ? zone.offset() * 1000 : 0);
    }
    get at() {
      return fields(this.ms, this.zone ? [this.zone.offset(), this.zone.label()] : undefined);
    }
    get parts() {
      const at = this.at;
      return {
        year: at.year, month: at.month, day: at.day, hour: at.hour, minute: at.minute, second: at.second, microsecond: at.micro, tzinfo: this.zone ?? null, fold: 0, weekday: () => at.weekday, isoweekday: () => at.weekday + 1, isocalendar: () => tuple([at.year, Math.ceil(at.days / 7), at.weekday + 1]), toordinal: () => Math.floor(this.wall / 86400000) + 719163,
        timestamp: () => (this.zone ? this.ms : this.ms + kit.offset() * 60000) / 1000, date: () => new Moment(this.wall - (((this.wall % 86400000) + 86400000) % 86400000), undefined, "date"), time: () => new Moment(((this.wall % 86400000) + 86400000) % 86400000, undefined, "time"), strftime: ([form]) => strftime(form, at), isoformat: (args, kw) => this.iso(word(kw, "sep", args[0]) ?? "T", word(kw, "timespec", args[1])),
        ctime: () => strftime("%a %b %e %H:%M:%S %Y", at), utcoffset: () => (this.zone ? new Delta(this.zone.offset() * 1000) : null), tzname: () => (this.zone ? kit.tell(this.zone.label()) : null), dst: () => (this.zone ? new Delta(0) : null),
        astimezone: ([zone]) => new Moment(this.zone ? this.ms : this.ms + kit.offset() * 60000, zone ?? kit.localZone()), timetuple: () => moment(at), utctimetuple: () => moment(fields(this.ms)),
        replace: (_, kw) => {
          const now = { ...at };
          for (const [key, value] of kw ?? []) now[key === "microsecond" ? "micro" : key] = value;
          const zone = kw?.has("tzinfo") ? kw.get("tzinfo") ?? undefined : this.zone;
          return new Moment(kit.Native.UTC(now.year, now.month - 1, now.day, now.hour, now.minute, now.second, Math.floor(now.micro / 1000)) - (zone ? zone.offset() * 1000 : 0), zone, this.kind);
        },
      };
    }
    iso(mark, spec) {
      const at = this.at;
      const day = `${at.year}-${two(at.month)}-${two(at.day)}`;
      if (this.kind === "date") return day;
      const time = `${two(at.hour)}:${two(at.minute)}${spec === "minutes" ? "" : `:${two(at.second)}`}${spec === "milliseconds" ? `.${String(at.micro / 1000).padStart(3, "0")}` : at.micro && spec !== "seconds" && spec !== "minutes" ? `.${String(at.micro).padStart(6, "0")}` : ""}`;
      return this.kind === "time" ? time : `${day}${mark}${time}${this.zone ? signed(this.zone.offset(), ":") : ""}`;
    }
    operate(op, other, left) {
      if (other instanceof Delta) return op === "+" ? new Moment(this.ms + other.ms, this.zone, this.kind) : op === "-" && left ? new Moment(this.ms - other.ms, this.zone, this.kind) : undefined;
      if (other instanceof Moment && op === "-") return new Delta(left ? this.ms - other.ms : other.ms - this.ms);
      return undefined;
    }
    equals(other) {
      return other instanceof Moment && other.ms === this.ms && other.kind === this.kind;
    }
    order(other) {
      return this.ms - other.ms;
    }
    format(spec) {
      return spec ? strftime(spec, this.at) : this.iso(" ");
    }
    shown() {
      return this.iso(" ");
    }
    toJSON() {
      return this.iso("T");
    }
  }
  const moment = (at) => {
    const made = tuple([at.year, at.month, at.day, at.hour, at.minute, at.second, at.weekday, at.days, 0]);
    made.parts = { tm_year: at.year, tm_mon: at.month, tm_mday: at.day, tm_hour: at.hour, tm_min: at.minute, tm_sec: at.second, tm_wday: at.weekday, tm_yday: at.days, tm_isdst: 0, tm_zone: at.zone?.[1] ?? "UTC", tm_gmtoff: at.zone?.[0] ?? 0 };
    made.at = at;
    return made;
  };
  const dates = (kind, isA_) => {
    const cls = native(kind, undefined, (args, kw) => {
      const part = (name, at, usual) => Number(word(kw, name, args[at]) ?? usual);
      const zone = (word(kw, "tzinfo", args[7]) ?? undefined) || undefined;
      return new Moment(kit.Native.UTC(part("year", 0), part("month", 1, 1) - 1, part("day", 2, 1), part("hour", 3, 0), part("minute", 4, 0), part("second", 5, 0), part("microsecond", 6, 0) / 1000) - (zone ? zone.offset() * 1000 : 0), zone, kind);
    });
    cls.any = isA_;
    return cls;
  };
  const UTC = new Zone(0, "UTC", "UTC");
  const datetime = dates("datetime", (value) => value instanceof Moment && value.kind === "datetime");
  const date = dates("date", (value) => value instanceof Moment && value.kind !== "time");
  const daytime = native("time", undefined, ([hour = 0, minute = 0, second = 0]) => new Moment(((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000, undefined, "time"));
  const wall = () => kit.now() - kit.localSeconds(true) * -1000;
  datetime.native.statics = {
    now: (args, kw) => {
      const zone = word(kw, "tz", args[0]);
      return zone ? new Moment(kit.now(), zone) : new Moment(wall(), undefined);
    },
    utcnow: () => new Moment(kit.now(), undefined), today: () => new Moment(wall(), undefined), fromtimestamp: (args, kw) => new Moment(Number(args[0]) * 1000 + (word(kw, "tz", args[1]) ? 0 : kit.localSeconds(true) * 1000), word(kw, "tz", args[1]) ?? undefined), utcfromtimestamp: ([seconds]) => new Moment(Number(seconds) * 1000, undefined),
    fromisoformat: ([value]) => {
      const at = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(value);
      if (!at) throw fail("ValueError", "Invalid isoformat string");
      const seconds = !at[8] ? undefined : at[8] === "Z" ? 0 : (at[8][0] === "-" ? -1 : 1) * (Number(at[8].slice(1, 3)) * 3600 + Number(at[8].slice(-2)) * 60);
      const ms = kit.Native.UTC(+at[1], +at[2] - 1, +at[3], +(at[4] ?? 0), +(at[5] ?? 0), +(at[6] ?? 0));
      return seconds === undefined ? new Moment(ms, undefined) : new Moment(ms - seconds * 1000, new Zone(seconds, `UTC${signed(seconds, ":")}`));
    },
    strptime: ([value, form]) => {
      const [ms, zone] = strptime(value, form);
      return new Moment(ms, zone ? UTC : undefined);
    },
    combine: ([day, time]) => new Moment(day.ms + time.ms, undefined), min: new Moment(-62135596800000, undefined), max: new Moment(253402300799000, undefined),
  };
  date.native.statics = { today: () => new Moment(wall(), undefined).parts.date(), fromisoformat: ([value]) => new Moment(kit.Native.UTC(...value.split("-").map((part, at) => Number(part) - (at === 1 ? 1 : 0))), undefined, "date"), fromtimestamp: ([seconds]) => new Moment(Number(seconds) * 1000, undefined).parts.date() };
  const delta = native("timedelta", undefined, (args, kw) => {
    const part = (name, at, ms) => Number(word(kw, name, args[at]) ?? 0) * ms;
    return new Delta(part("days", 0, 86400000) + part("seconds", 1, 1000) + part("microseconds", 2, 0.001) + part("milliseconds", 3, 1) + part("minutes", 4, 60000) + part("hours", 5, 3600000) + part("weeks", 6, 604800000));
  });
  delta.any = (value) => value instanceof Delta;
  const timezone = native("timezone", undefined, ([by, name]) => new Zone(by.ms / 1000, name ?? `UTC${signed(by.ms / 1000, ":")}`));
  timezone.native.statics = { utc: UTC };
  timezone.any = (value) => value instanceof Zone;

  // ---- functions over functions ----

  const itertools = {
    chain: lazily(function* (all) {
      for (const one of all) yield* iterate(one);
    }),
    cycle: lazily(function* ([values]) {
      const all = list(values);
      while (all.length) yield* all;
    }),
    count: lazily(function* ([from = 0, by = 1]) {
      for (let at = from; ; at += by) yield at;
    }),
    repeat: lazily(function* ([value, count = Infinity]) {
      for (let i = 0; i < count; i++) yield value;
    }),
    islice: lazily(function* ([values, ...bounds]) {
      const [from, to, by] = bounds.length === 1 ? [0, bounds[0], 1] : [bounds[0] ?? 0, bounds[1], bounds[2] ?? 1];
      let at = 0;
      if (to !== null && to <= 0) return;
      for (const one of iterate(values)) {
        if (at >= from && (at - from) % by === 0) yield one;
        if (to !== null && ++at >= to) return;
        else if (to === null) at++;
      }
    }),
    accumulate: lazily(function* ([values, run], kw) {
      let sum;
      for (const one of iterate(values)) yield (sum = sum === undefined ? one : run ? call(run, [sum, one]) : binary("+", sum, one));
    }),
    takewhile: lazily(function* ([test, values]) {
      for (const one of iterate(values)) {
        if (!truth(call(test, [one]))) return;
        yield one;
      }
    }),
    dropwhile: lazily(function* ([test, values]) {
      let on = false;
      for (const one of iterate(values)) if ((on ||= !truth(call(test, [one])))) yield one;
    }),
    filterfalse: lazily(function* ([test, values]) {
      for (const one of iterate(values)) if (!truth(call(test, [one]))) yield one;
    }),
    starmap: lazily(function* ([run, values]) {
      for (const one of iterate(values)) yield call(run, list(one));
    }),
    compress: lazily(function* ([values, by]) {
      const keep = list(by);
      let at = 0;
      for (const one of iterate(values)) if (truth(keep[at++] ?? false)) yield one;
    }),
    pairwise: lazily(function* ([values]) {
      const all = list(values);
      for (let at = 0; at + 1 < all.length; at++) yield tuple([all[at], all[at + 1]]);
    }),
    zip_longest: lazily(function* (all, kw) {
      const rows = all.map(list);
      for (let at = 0; at < Math.max(...rows.map((row) => row.length)); at++) yield tuple(rows.map((row) => (at < row.length ? row[at] : word(kw, "fillvalue", null))));
    }),
    groupby: lazily(function* ([values, key], kw) {
      const by = key ?? kw?.get("key");
      let last;
      for (const one of iterate(values)) {
        const now = by ? call(by, [one]) : one;
        if (last && equal(last[0], now)) last[1].push(one);
        else {
          if (last) yield tuple([last[0], last[1][Symbol.iterator]()]);
          last = [now, [one]];
        }
      }
      if (last) yield tuple([last[0], last[1][Symbol.iterator]()]);
    }),
    product: lazily(function* (all, kw) {
      const rows = Array.from({ length: Number(word(kw, "repeat", 1)) }).flatMap(() => all.map(list));
      const walk = function* (at, row) {
        if (at === rows.length) yield tuple(row);
        else for (const one of rows[at]) yield* walk(at + 1, [...row, one]);
      };
      yield* walk(0, []);
    }),
    permutations: lazily(function* ([values, size]) {
      const all = list(values);
      const walk = function* (row) {
        if (row.length === (size ?? all.length)) yield tuple(row.map((at) => all[at]));
        else for (let at = 0; at < all.length; at++) if (!row.includes(at)) yield* walk([...row, at]);
      };
      yield* walk([]);
    }),
    combinations: lazily(function* ([values, size]) {
      const all = list(values);
      const walk = function* (from, row) {
        if (row.length === size) yield tuple(row);
        else for (let at = from; at < all.length; at++) yield* walk(at + 1, [...row, all[at]]);
      };
      yield* walk(0, []);
    }),
  };
  itertools.chain.held = { from_iterable: ([all]) => itertools.chain(list(all)) };
  const named = (made, of) => {
    made.called = of?.called;
    made.method = true;
    made.wrapped = of;
    made.held = { ...of?.held };
    return made;
  };
  const cached = ([run]) => {
    if (typeof run !== "function") return ([inner]) => cached([inner]);
    const known = new Dict();
    return Object.assign(named((args, kw) => {
      const key = tuple([...args, ...[...(kw ?? [])].flat()]);
      let fits = true;
      try {
        if (known.has(key)) return known.get(key);
      } catch {
        fits = false;
      }
      const value = run(args, kw);
      if (fits) known.set(key, value);
      return value;
    }, run), { held: { cache_clear: () => (known.map.clear(), null), cache_info: nothing, __wrapped__: run } });
  };
  const functools = {
    partial: ([run, ...front], kept) => Object.assign((args, kw) => call(run, [...front, ...args], new Map([...(kept ?? []), ...(kw ?? [])])), { held: { func: run, args: tuple(front), keywords: new Dict([...(kept ?? [])]) } }),
    partialmethod: ([run, ...front], kept) => named((args, kw) => call(run, [args[0], ...front, ...args.slice(1)], new Map([...(kept ?? []), ...(kw ?? [])]))),
    reduce: ([run, values, ...start]) => {
      const all = [...start, ...iterate(values)];
      if (!all.length) throw fail("TypeError", "reduce() of empty iterable");
      return all.reduce((sum, one) => call(run, [sum, one]));
    },
    wraps: ([of]) => ([made]) => (typeof made === "function" && !dummies.has(made) ? Object.assign(made, { called: of?.called ?? made.called, wrapped: of, held: { ...(made.held ?? {}), __wrapped__: of } }) : made),
    lru_cache: cached, cache: cached, cached_property: ([run]) => new Property((args) => {
      const [self] = args;
      self.kept ??= new Map();
      if (!self.kept.has(run)) self.kept.set(run, call(run, [self]));
      return self.kept.get(run);
    }), total_ordering: ([cls]) => cls, cmp_to_key: ([run]) => ([value]) => ({ order: (other) => Number(call(run, [value, other.value])), value }), update_wrapper: ([made]) => made,
    singledispatch: ([run]) => {
      const kinds = [];
      const made = (args, kw) => call(kinds.find(([cls]) => isInstance(args[0], cls))?.[1] ?? run, args, kw);
      made.held = { register: ([cls, inner]) => (inner ? (kinds.unshift([cls, inner]), inner) : cls instanceof Cls ? ([other]) => (kinds.unshift([cls, other]), other) : cls) };
      return named(made, { ...run, held: made.held });
    },
  };
  functools.singledispatchmethod = functools.singledispatch;
  const operator = { itemgetter: (keys) => ([value]) => (keys.length === 1 ? item(value, keys[0]) : tuple(keys.map((key) => item(value, key)))), attrgetter: (names) => ([value]) => (names.length === 1 ? names[0].split(".").reduce((at, name) => get(at, name), value) : tuple(names.map((name) => get(value, name)))), methodcaller: ([name, ...args], kw) => ([value]) => invoke(value, name, args, kw), getitem: ([value, key]) => item(value, key), contains: ([inside, value]) => contains(inside, value), not_: ([value]) => !truth(value), truth: ([value]) => truth(value), neg: ([value]) => -value, index: ([value]) => value, concat: ([a, b]) => binary("+", a, b), setitem: ([into, key, value]) => (py.setItem(into, key, value), null) };
  for (const [name, op] of Object.entries({ add: "+", sub: "-", mul: "*", truediv: "/", floordiv: "//", mod: "%", pow: "**", xor: "^", and_: "&", or_: "|", lshift: "<<", rshift: ">>" })) operator[name] = ([a, b]) => binary(op, a, b);
  for (const [name, op] of Object.entries({ eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=", is_: "is", is_not: "is not" })) operator[name] = ([a, b]) => py.compare(op, a, b);

  // ---- collections and kinds of classes ----

  const kinded = (name, make) => {
    const cls = native(name, undefined, make, [classes.dict]);
    cls.native.methods = DICT;
    return cls;
  };
  const defaults = kinded("defaultdict", ([usual, ...rest], kw) => {
    const out = new Dict();
    out.kind = defaults;
    out.missing = (key) => {
      if (usual === undefined || usual === null) throw fail("KeyError", key);
      const value = call(usual, []);
      out.set(key, value);
      return value;
    };
    merge(out, rest, kw);
    return out;
  });
  const ordered = kinded("OrderedDict", (args, kw) => {
    const out = new Dict();
    merge(out, args, kw);
    return out;
  });
  const counter = kinded("Counter", ([values], kw) => {
    const out = new Dict();
    out.missing = () => 0;
    out.kind = counter;
    if (values instanceof Dict) merge(out, [values]);
    else if (values !== undefined) for (const one of iterate(values)) out.set(one, (out.get(one) ?? 0) + 1);
    merge(out, [], kw);
    return out;
  });
  const namedTuple = (name, names, usual = []) => {
    const cls = new Cls(name, [classes.tuple], undefined);
    cls.native = {
      make: (args, kw) => {
        const made = tuple(names.map((field, at) => (at < args.length ? args[at] : kw?.has(field) ? kw.get(field) : usual[at - names.length + usual.length])));
        if (made.includes(undefined)) throw fail("TypeError", "missing argument");
        made.names = names;
        made.kind = cls;
        made.parts = Object.fromEntries(names.map((field, at) => [field, made[at]]));
        made.parts._fields = tuple(names);
        return made;
      },
      statics: { _fields: tuple(names), _make: ([values]) => cls.native.make(list(values)) },
    };
    cls.any = (value) => value?.kind === cls;
    return cls;
  };
  const chained = native("ChainMap", undefined, (maps) => {
    const out = new Dict();
    for (const map of [...maps].reverse()) merge(out, [map]);
    return out;
  });
  const deque = native("deque", undefined, ([values = [], most], kw) => {
    const limit = word(kw, "maxlen", most) ?? undefined;
    const all = list(values);
    return limit === undefined ? all : all.slice(-limit);
  });
  deque.any = (value) => Array.isArray(value);
  const collections = { defaultdict: defaults, OrderedDict: ordered, Counter: counter, deque, ChainMap: chained, namedtuple: ([name, names], kw) => namedTuple(name, typeof names === "string" ? names.split(/[\s,]+/).filter(Boolean) : list(names), kw?.has("defaults") ? list(kw.get("defaults")) : []), UserDict: classes.dict, UserList: classes.list, UserString: classes.str };
  const abstract = (test) => Object.assign(new Cls("abstract", [object]), { any: test });
  collections.abc = new Mod("collections.abc", { Mapping: abstract((value) => value instanceof Dict), MutableMapping: abstract((value) => value instanceof Dict), Sequence: abstract((value) => Array.isArray(value) || typeof value === "string"), Iterable: abstract((value) => typeof value?.[Symbol.iterator] === "function"), Callable: abstract((value) => typeof value === "function"), Set: abstract((value) => value instanceof PySet), Awaitable: abstract((value) => value instanceof Coroutine), Iterator: abstract((value) => typeof value?.next === "function") });

  const FIELD = Symbol("field");
  const dataclass = (args, kw) => {
    if (!(args[0] instanceof Cls)) return ([cls]) => dataclass([cls], kw);
    const [cls] = args;
    const names = [];
    for (const one of [...cls.order].reverse()) for (const name of one.noted ?? []) if (!names.includes(name)) names.push(name);
    cls.fields = names;
    const hasInit = cls.own.has("__init__") || kw?.get("init") === false;
    cls.fill = (made, values, given) => {
      let at = 0;
      for (const name of names) {
        const usual = find(cls, name);
        const field = usual?.[FIELD];
        let value;
        if (field?.init === false) value = field.make ? call(field.make, []) : field.value;
        else if (at < values.length) value = values[at++];
        else if (given.has(name)) value = given.get(name);
        else if (field) value = field.make ? call(field.make, []) : field.value;
        else value = usual;
        if (value === undefined) throw fail("TypeError", `missing argument '${name}'`);
        made.own.set(name, value);
      }
      made.ready = true;
      made.frozen = truth(word(kw, "frozen", false));
      const after = find(cls, "__post_init__");
      if (after) {
        made.ready = false;
        call(py.bound(made, after), []);
        made.ready = true;
      }
    };
    if (hasInit) cls.fill = () => null;
    if (truth(word(kw, "order", false))) for (const [name, op] of [["__lt__", "<"], ["__gt__", ">"], ["__le__", "<="], ["__ge__", ">="]]) cls.own.set(name, Object.assign(([a, b]) => py.compare(op, tuple(names.map((one) => a.own.get(one))), tuple(names.map((one) => b.own.get(one)))), { method: true }));
    return cls;
  };
  const plainly = (value) => (value instanceof Inst && value.cls.fields ? new Dict([...value.own].map(([key, one]) => [key, plainly(one)])) : Array.isArray(value) ? (value instanceof Tuple ? tuple(value.map(plainly)) : value.map(plainly)) : value instanceof Dict ? new Dict(value.pairs().map(([key, one]) => [key, plainly(one)])) : value);
  const dataclasses = { dataclass, field: (_, kw) => ({ [FIELD]: { make: kw?.get("default_factory"), value: kw?.get("default"), init: kw?.get("init") } }), asdict: ([value]) => plainly(value), astuple: ([value]) => tuple([...value.own.values()]), replace: ([value], kw) => call(value.cls, [], new Map([...value.own, ...(kw ?? [])])), fields: ([value]) => tuple((value.cls ?? value).fields.map((name) => new Mod("field", { name, default: find(value.cls ?? value, name) ?? null, type: object }))), is_dataclass: ([value]) => !!(value?.cls ?? value)?.fields, KW_ONLY: object, MISSING: null };

  const enumeration = (name, bases, from) => {
    const cls = new Cls(name, bases);
    cls.enumerates = true;
    cls.extend = (made) => {
      made.enumerates = true;
      made.members = [];
      let auto = 0;
      for (const [key, value] of [...made.own]) {
        if (key.startsWith("_") || typeof value === "function" || value instanceof Wrapped || value instanceof Property) continue;
        const one = new Inst(made);
        const real = value === AUTO ? (from === "str" ? key.toLowerCase() : ++auto) : value;
        if (isInt(real)) auto = Number(real);
        one.own.set("name", key).set("value", real).set("_value_", real).set("_name_", key);
        if (from || made.order.includes(classes.str) || made.order.includes(classes.int)) one.inner = real;
        const same = made.members.find((known) => equal(known.own.get("value"), real));
        made.own.set(key, same ?? one);
        if (!same) made.members.push(one);
        const init = find(made, "__init__");
        if (init) call(init, [one, ...(Array.isArray(real) ? real : [real])]);
      }
      made.make = ([value]) => {
        const found = made.members.find((one) => one === value || equal(one.own.get("value"), value));
        if (found) return found;
        const missing = find(made, "_missing_");
        const other = missing ? call(missing instanceof Wrapped ? missing.inner : missing, [made, value]) : null;
        if (other !== null) return other;
        throw fail("ValueError", `not a valid ${made.name}`);
      };
    };
    return cls;
  };
  const AUTO = new Mod("auto");
  const Enum = enumeration("Enum", [object]);
  const enums = { Enum, IntEnum: enumeration("IntEnum", [classes.int], "int"), StrEnum: enumeration("StrEnum", [classes.str], "str"), Flag: enumeration("Flag", [object], "int"), IntFlag: enumeration("IntFlag", [classes.int], "int"), auto: () => AUTO, unique: ([cls]) => cls };

  const managed = ([run]) => named((args, kw) => {
    const steps = call(run, args, kw);
    return new Mod("context", {
      __enter__: () => steps.next().value ?? null,
      __exit__: ([, error]) => {
        try {
          if (error === null || error === undefined) steps.next();
          else return steps.throw(error).done !== false;
        } catch (other) {
          if (other !== error) throw other;
        }
        return false;
      },
      __call__: ([inner]) => inner,
    });
  }, run);
  const suppress = (kinds) => new Mod("suppress", { __enter__: nothing, __exit__: ([, error]) => error !== null && py.matches(error, kinds) });
  class ExitStack {
    constructor() {
      const closing = [];
      const enter = ([one]) => {
        const opened = entered(one);
        closing.push(opened);
        return opened.value;
      };
      this.parts = { enter_context: enter, enter_async_context: enter, push: ([one]) => one, callback: ([run, ...args], kw) => (closing.push({ leave: () => call(run, args, kw) }), run), close: () => (closing.reverse().forEach((one) => one.leave(null)), null), __enter__: () => this, __exit__: () => (closing.reverse().forEach((one) => one.leave(null)), false) };
    }
  }
  const contextlib = { contextmanager: managed, asynccontextmanager: managed, suppress, closing: ([one]) => new Mod("closing", { __enter__: () => one, __exit__: () => false }), nullcontext: ([one = null]) => new Mod("null", { __enter__: () => one, __exit__: () => false }), redirect_stdout: ([one]) => new Mod("redirect", { __enter__: () => one, __exit__: () => false }), ExitStack: native("ExitStack", undefined, () => new ExitStack()), AsyncExitStack: native("AsyncExitStack", undefined, () => new ExitStack()), AbstractContextManager: object, ContextDecorator: object };
  const entered = (what) => {
    if (what instanceof Coroutine) what = what.result();
    if (what instanceof Mod && what.held.__enter__) return { value: what.held.__enter__([]), leave: (error) => truth(what.held.__exit__([null, error, null]) ?? false) };
    if (what?.parts?.__enter__) return { value: what.parts.__enter__([]), leave: (error) => truth(what.parts.__exit__([null, error, null]) ?? false) };
    if (what instanceof Inst && !what.foreign) {
      const kind = find(what.cls, "__enter__") ? ["__enter__", "__exit__"] : ["__aenter__", "__aexit__"];
      if (find(what.cls, kind[0])) return { value: awaited(invoke(what, kind[0], [])), leave: (error) => truth(awaited(invoke(what, kind[1], [error?.cls ?? null, error, null])) ?? false) };
    }
    return { value: what instanceof Inst ? what : dummies.has(what) ? what : what, leave: () => false };
  };

  // ---- encodings and hashes ----

  const { crypto, zlib } = kit;
  const digest = (name) => (args) => hashing(name, args[0] === undefined ? [] : [bytesOf(args[0])]);
  const hashing = (name, parts) => {
    const bytes = () => crypto.createHash(name).update(joined(parts)).digest();
    return new Mod("hash", { update: ([more]) => (parts.push(bytesOf(more)), null), digest: () => made(bytes()), hexdigest: () => BYTES.hex(made(bytes()), []), copy: () => hashing(name, [...parts]), name, digest_size: 32, block_size: 64 });
  };
  const NAMES = { md5: "md5", sha1: "sha1", sha224: "sha224", sha256: "sha256", sha384: "sha384", sha512: "sha512", blake2b: "sha512", blake2s: "sha256", sha3_256: "sha256", sha3_512: "sha512" };
  const hashlib = { new: ([name, value]) => digest(NAMES[String(name).toLowerCase()] ?? "sha256")([value]), algorithms_available: new PySet(Object.keys(NAMES)), pbkdf2_hmac: ([, secret, salt]) => digest("sha256")([new Bytes(joined([bytesOf(secret), bytesOf(salt)]))]).held.digest() };
  for (const [name, real] of Object.entries(NAMES)) hashlib[name] = digest(real);
  const keyed = (args, kw) => {
    const name = word(kw, "digestmod", args[2]);
    const of = typeof name === "string" ? NAMES[name] ?? "sha256" : Object.keys(NAMES).find((one) => hashlib[one] === name) ?? "sha256";
    return hashing(of, [bytesOf(args[0]), ...(args[1] === undefined || args[1] === null ? [] : [bytesOf(args[1])])]);
  };
  const B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const packed = (bytes, alphabet, bits, group) => {
    let out = "";
    let held = 0;
    let have = 0;
    for (const b of bytes) {
      held = (held << 8) | b;
      have += 8;
      while (have >= bits) {
        have -= bits;
        out += alphabet[(held >> have) & ((1 << bits) - 1)];
      }
      held &= (1 << have) - 1;
    }
    if (have) out += alphabet[(held << (bits - have)) & ((1 << bits) - 1)];
    while (group && out.length % group) out += "=";
    return out;
  };
  const unpacked = (value, alphabet, bits) => {
    const out = [];
    let held = 0;
    let have = 0;
    for (const c of (typeof value === "string" ? value : decode(bytesOf(value))).replace(/[=\s]/g, "")) {
      const at = alphabet.indexOf(c);
      if (at < 0) continue;
      held = (held << bits) | at;
      have += bits;
      if (have >= 8) {
        have -= 8;
        out.push((held >> have) & 255);
      }
      held &= (1 << have) - 1;
    }
    return made(out);
  };
  const ascii = (value) => encode(value, "latin-1");
  const URLSAFE = B64.replace("+", "-").replace("/", "_");
  const B32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const hexed = ([value]) => ascii(BYTES.hex(made(bytesOf(value)), []));
  const unhexed = ([value]) => classes.bytes.native.statics.fromhex([typeof value === "string" ? value : decode(bytesOf(value))]);
  const base85 = (alphabet) => ([value]) => {
    const out = [];
    const source = (typeof value === "string" ? value : decode(bytesOf(value))).replace(/^<~|~>$/g, "").replace(/\s/g, "");
    for (let at = 0; at < source.length; at += 5) {
      if (alphabet === undefined && source[at] === "z") {
        out.push(0, 0, 0, 0);
        at -= 4;
        continue;
      }
      const part = source.slice(at, at + 5);
      let sum = 0;
      for (let i = 0; i < 5; i++) sum = sum * 85 + (i < part.length ? (alphabet ? alphabet.indexOf(part[i]) : part.charCodeAt(i) - 33) : 84);
      for (let i = 0; i < part.length - 1; i++) out.push(Math.floor(sum / 256 ** (3 - i)) & 255);
    }
    return made(out);
  };
  const base64 = {
    b64encode: ([value]) => ascii(packed(bytesOf(value), B64, 6, 4)), b64decode: ([value]) => unpacked(typeof value === "string" ? value.replace(/-/g, "+").replace(/_/g, "/") : value, B64, 6), standard_b64decode: ([value]) => unpacked(value, B64, 6), standard_b64encode: ([value]) => ascii(packed(bytesOf(value), B64, 6, 4)), urlsafe_b64encode: ([value]) => ascii(packed(bytesOf(value), URLSAFE, 6, 4)), urlsafe_b64decode: ([value]) => unpacked(value, URLSAFE, 6),
    b32encode: ([value]) => ascii(packed(bytesOf(value), B32, 5, 8)), b32decode: ([value]) => unpacked(value, B32, 5), b16encode: ([value]) => ascii(decode(hexed([value]).bytes).toUpperCase()), b16decode: unhexed, encodebytes: ([value]) => ascii(`${packed(bytesOf(value), B64, 6, 4)}\n`), decodebytes: ([value]) => unpacked(value, B64, 6), a85decode: base85(undefined), b85decode: base85("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"),
  };
  const inflate = (how) => ([value]) => {
    try {
      return made(zlib[how](bytesOf(value)));
    } catch {
      throw raised(classes.error, ["bad data"]);
    }
  };
  // As in ITU-T V.42, over all bytes from those before on.
  const crc32 = ([value, before = 0]) => {
    let sum = ~before;
    for (const byte of bytesOf(value)) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
  };
  const pack = (how) => ([value, level], kw) => made(kit.bytes(`packed ${how}${word(kw, "level", level) ?? ""}${word(kw, "compresslevel", "")}|${kit.textOf(bytesOf(value))}`));
  const rotated = (value) => value.replace(/[a-z]/gi, (c) => String.fromCharCode(((c.charCodeAt(0) & 31) + 12) % 26 + (c.charCodeAt(0) & 96) + 1));
  const codecs = { decode: ([value, name = "utf-8"]) => (/rot_?-?13/.test(name) ? wordy(rotated(value)) : /hex/.test(name) ? unhexed([value]) : /base64/.test(name) ? unpacked(value, B64, 6) : /zlib/.test(name) ? inflate("inflateSync")([value]) : decode(bytesOf(value), name)), encode: ([value, name = "utf-8"]) => (/rot_?-?13/.test(name) ? rotated(value) : /hex/.test(name) ? hexed([value]) : /base64/.test(name) ? base64.b64encode([value]) : encode(value, name)), open: (args, kw) => kit.open(args, kw) };

  // ---- addresses ----

  const SAFE = /[A-Za-z0-9_.~-]/;
  const quote = (value, safe, plus) => Array.from(kit.bytes(typeof value === "string" ? value : kit.textOf(bytesOf(value))), (b) => { const c = String.fromCharCode(b); return b < 128 && (SAFE.test(c) || safe.includes(c)) ? c : plus && c === " " ? "+" : `%${b.toString(16).toUpperCase().padStart(2, "0")}`; }).join("");
  const unquote = (value) => {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  };
  const urlsplit = (value) => {
    const at = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(typeof value === "string" ? value : text(value)) ?? [];
    const [scheme, place, path, query, fragment] = [at[1]?.toLowerCase() ?? "", at[2] ?? "", at[3] ?? "", at[4] ?? "", at[5] ?? ""];
    const host = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? [];
    const made = tuple([scheme, place, path, "", query, fragment]);
    made.parts = { scheme, netloc: place, path, params: "", query, fragment, hostname: host[2] ? host[2].replace(/^\[|\]$/g, "").toLowerCase() : null, port: host[3] ? Number(host[3]) : null, username: host[1]?.split(":")[0] ?? null, password: host[1]?.split(":")[1] ?? null, geturl: () => joinedUrl(made) };
    made.parts._replace = (_, kw) => {
      const names = ["scheme", "netloc", "path", "params", "query", "fragment"];
      return urlsplit(joinedUrl(names.map((name, index) => word(kw, name, made[index]))));
    };
    return made;
  };
  const joinedUrl = (parts) => {
    const [scheme, place, path] = parts;
    const [query, fragment] = [parts.at(-2), parts.at(-1)];
    return `${scheme ? `${scheme}:` : ""}${place || scheme === "file" ? `//${place}` : ""}${path && place && !path.startsWith("/") ? "/" : ""}${path}${query ? `?${query}` : ""}${fragment ? `#${fragment}` : ""}`;
  };
  const urlencode = ([pairs, many], kw) => {
    const by = kw?.get("quote_via") ? (value) => text(call(kw.get("quote_via"), [value])) : (value) => quote(value, "", true);
    const all = pairs instanceof Dict ? pairs.pairs() : list(pairs).map(list);
    return all.flatMap(([key, value]) => (word(kw, "doseq", many) && Array.isArray(value) ? value.map((one) => [key, one]) : [[key, value]])).map(([key, value]) => `${by(text(key))}=${by(value instanceof Bytes ? kit.textOf(value.bytes) : text(value))}`).join("&");
  };
  const parsed = (value) => String(value).replace(/^\?/, "").split("&").filter(Boolean).map((part) => part.split("=").map((one) => unquote(one.replace(/\+/g, " "))));
  const urls = { urlparse: ([value]) => urlsplit(value), urlsplit: ([value]) => urlsplit(value), urlunparse: ([parts]) => joinedUrl(list(parts)), urlunsplit: ([parts]) => joinedUrl(list(parts)), urljoin: ([base, more]) => new kit.URL(more, base).href, urlencode, quote: ([value, safe = "/"], kw) => quote(value, word(kw, "safe", safe), false), quote_plus: ([value, safe = ""], kw) => quote(value, word(kw, "safe", safe), true), unquote: ([value]) => unquote(value), unquote_plus: ([value]) => unquote(value.replace(/\+/g, " ")), parse_qsl: ([value]) => parsed(value).map(([key, one = ""]) => tuple([key, one])), parse_qs: ([value]) => {
    const out = new Dict();
    for (const [key, one = ""] of parsed(value)) DICT.setdefault(out, [key, []]).push(one);
    return out;
  } };

  // ---- structures of bytes ----

  const SIZES = { b: 1, B: 1, "?": 1, c: 1, x: 1, h: 2, H: 2, i: 4, I: 4, l: 4, L: 4, q: 8, Q: 8, s: 1 };
  const layout = (form) => {
    const big = /^[>!]/.test(form);
    const out = [];
    for (const [, count, kind] of form.replace(/^[@=<>!]/, "").matchAll(/(\d*)([a-zA-Z?])/g)) {
      if (kind === "s") out.push([kind, Number(count || 1)]);
      else for (let i = 0; i < Number(count || 1); i++) out.push([kind, SIZES[kind] ?? 4]);
    }
    return [big, out];
  };
  const struct = {
    pack: ([form, ...values]) => {
      const [big, all] = layout(form);
      let at = 0;
      return made(all.flatMap(([kind, size]) => {
        if (kind === "x") return [0];
        const value = values[at++];
        if (kind === "s") return [...bytesOf(value), ...Array(size).fill(0)].slice(0, size);
        const bytes = Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, BigInt(Math.trunc(Number(value)))) >> BigInt(8 * i)) & 255n));
        return big ? bytes.reverse() : bytes;
      }));
    },
    unpack: ([form, value]) => {
      const [big, all] = layout(form);
      const bytes = bytesOf(value);
      let at = 0;
      const out = [];
      for (const [kind, size] of all) {
        const part = [...bytes.slice(at, at + size)];
        at += size;
        if (kind === "x") continue;
        if (kind === "s") {
          out.push(made(part));
          continue;
        }
        const sum = (big ? part : part.reverse()).reduce((total, b) => (total << 8n) | BigInt(b), 0n);
        out.push(number(String(/[a-z]/.test(kind) ? BigInt.asIntN(8 * size, sum) : sum)));
      }
      return tuple(out);
    },
    calcsize: ([form]) => layout(form)[1].reduce((sum, [, size]) => sum + size, 0), error: classes.error,
  };
  struct.unpack_from = ([form, value, at = 0]) => struct.unpack([form, made(bytesOf(value).slice(at))]);

  const math = { pi: Math.PI, e: Math.E, inf: Infinity, nan: NaN, tau: 2 * Math.PI, gcd: (all) => all.map(Number).reduce((a, b) => { while (b) [a, b] = [b, a % b]; return Math.abs(a); }, 0), isqrt: ([value]) => Math.floor(Math.sqrt(Number(value))), floor: ([value]) => Math.floor(value), ceil: ([value]) => Math.ceil(value), trunc: ([value]) => Math.trunc(value), fabs: ([value]) => Math.abs(value), log: ([value, base]) => (base === undefined ? Math.log(value) : Math.log(value) / Math.log(base)), prod: ([values]) => list(values).reduce((a, b) => binary("*", a, b), 1), isclose: ([a, b]) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)), isnan: ([value]) => Number.isNaN(value), isinf: ([value]) => Math.abs(value) === Infinity, isfinite: ([value]) => Number.isFinite(value), fmod: ([a, b]) => a % b, hypot: (all) => Math.hypot(...all), comb: ([n, k]) => { let out = 1; for (let i = 1; i <= k; i++) out = (out * (n - k + i)) / i; return Math.round(out); }, factorial: ([n]) => { let out = 1n; for (let i = 2n; i <= BigInt(n); i++) out *= i; return number(String(out)); }, copysign: ([a, b]) => Math.abs(a) * Math.sign(b), degrees: ([a]) => (a * 180) / Math.PI, radians: ([a]) => (a * Math.PI) / 180 };
  for (const name of ["sqrt", "sin", "cos", "tan", "exp", "log2", "log10", "atan2", "atan", "asin", "acos", "pow"]) math[name] = (args) => Math[name](...args.map(Number));
  const copy = (value, deep) => {
    if (value instanceof Tuple || value instanceof Bytes) return value;
    if (Array.isArray(value)) return value.map((one) => (deep ? copy(one, true) : one));
    if (value instanceof Dict) return Object.assign(new Dict(value.pairs().map(([key, one]) => [key, deep ? copy(one, true) : one])), { missing: value.missing, kind: value.kind });
    if (value instanceof PySet) return new PySet(value, value.frozen);
    if (value instanceof Inst && !value.cls.enumerates) {
      const out = new Inst(value.cls);
      for (const [key, one] of value.own) out.own.set(key, deep ? copy(one, true) : one);
      if (value.inner !== undefined) out.inner = copy(value.inner, deep);
      return out;
    }
    return value;
  };
  const random = { random: () => 0.25, randint: ([a]) => a, randrange: ([a, b]) => (b === undefined ? 0 : a), choice: ([values]) => list(values)[0], choices: ([values], kw) => Array(Number(word(kw, "k", 1))).fill(list(values)[0]), sample: ([values, count]) => list(values).slice(0, count), shuffle: nothing, uniform: ([a]) => a, seed: nothing, getrandbits: ([bits]) => small(BigInt.asUintN(Number(bits), BigInt(`0x${"7a3c".repeat(Math.ceil(Number(bits) / 16))}`))), gauss: ([a]) => a };
  random.Random = () => new Mod("Random", random);
  random.SystemRandom = random.Random;
  const secret = (size = 16) => made(Array(Number(size)).fill(7));
  const secrets = { token_hex: ([size]) => BYTES.hex(secret(size ?? 16), []), token_bytes: ([size]) => secret(size ?? 32), token_urlsafe: ([size]) => packed(secret(size ?? 32).bytes, URLSAFE, 6), choice: random.choice, randbelow: () => 0, randbits: random.getrandbits, compare_digest: ([a, b]) => py.compare("==", a, b), SystemRandom: random.Random };
  const wrapText = ([value, width = 70], kw) => {
    const most = word(kw, "width", width);
    const lines = [];
    let line = "";
    for (const one of split(value)) {
      if (line && line.length + 1 + one.length > most) {
        lines.push(line);
        line = one;
      } else line = line ? `${line} ${one}` : one;
    }
    if (line) lines.push(line);
    return lines;
  };
  const dedent = ([value]) => {
    const lines = value.split("\n");
    const margin = lines.filter((line) => line.trim()).map((line) => /^[ \t]*/.exec(line)[0]).reduce((a, b) => { let at = 0; while (at < a.length && a[at] === b[at]) at++; return a.slice(0, at); }, lines.find((line) => line.trim())?.match(/^[ \t]*/)[0] ?? "");
    return lines.map((line) => (line.trim() ? line.slice(margin.length) : "")).join("\n");
  };
  const string = { ascii_lowercase: "abcdefghijklmnopqrstuvwxyz", ascii_uppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits: "0123456789", hexdigits: "0123456789abcdefABCDEF", octdigits: "01234567", punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", whitespace: SPACE, capwords: ([value]) => value.split(/\s+/).map((one) => STR.capitalize(one)).join(" "), Formatter: native("Formatter", undefined, () => new Mod("Formatter", { format: ([form, ...args], kw) => filled(form, args, kw ?? new Map()) })) };
  string.ascii_letters = string.ascii_lowercase + string.ascii_uppercase;
  string.printable = string.digits + string.ascii_letters + string.punctuation + SPACE;
  string.Template = native("Template", undefined, ([form]) => {
    const fill = ([map], kw) => form.replace(/\$\$|\$(\w+)|\$\{(\w+)\}/g, (whole, a, b) => (whole === "$$" ? "$" : kw?.has(a ?? b) ? text(kw.get(a ?? b)) : map?.has?.(a ?? b) ? text(map.get(a ?? b)) : whole));
    return new Mod("Template", { substitute: fill, safe_substitute: fill, template: form });
  });
  const unicodedata = { normalize: ([form, value]) => value.normalize(form), category: ([c]) => (/\p{Lu}/u.test(c) ? "Lu" : /\p{Ll}/u.test(c) ? "Ll" : /\p{Nd}/u.test(c) ? "Nd" : /\p{Zs}/u.test(c) ? "Zs" : /\p{Cf}/u.test(c) ? "Cf" : /\p{Mn}/u.test(c) ? "Mn" : "Po"), name: ([c, usual]) => NAMED.get(c) ?? usual ?? `CHARACTER ${c.codePointAt(0)}`, lookup: ([name]) => [...NAMED].find(([, known]) => known === name.toUpperCase())?.[0] ?? "?", combining: () => 0, east_asian_width: () => "N", is_normalized: () => true };
  const NAMED = new Map([["\u2019", "RIGHT SINGLE QUOTATION MARK"], ["\u2018", "LEFT SINGLE QUOTATION MARK"], ["\u02bc", "MODIFIER LETTER APOSTROPHE"], ["\u02b9", "MODIFIER LETTER PRIME"], ["'", "APOSTROPHE"], ["\u00a0", "NO-BREAK SPACE"], ["\u202f", "NARROW NO-BREAK SPACE"], ["\u2009", "THIN SPACE"], ["\u200b", "ZERO WIDTH SPACE"], ["\u200c", "ZERO WIDTH NON-JOINER"], ["\u200d", "ZERO WIDTH JOINER"], ["\u2060", "WORD JOINER"], ["\ufeff", "ZERO WIDTH NO-BREAK SPACE"], ["\u2010", "HYPHEN"], ["\u2011", "NON-BREAKING HYPHEN"], ["\u2013", "EN DASH"], ["\u2014", "EM DASH"], ["\u2212", "MINUS SIGN"], ["-", "HYPHEN-MINUS"], ["\u2026", "HORIZONTAL ELLIPSIS"], ["\u0430", "CYRILLIC SMALL LETTER A"], ["\u0435", "CYRILLIC SMALL LETTER E"], ["\u043e", "CYRILLIC SMALL LETTER O"], ["\u201c", "LEFT DOUBLE QUOTATION MARK"], ["\u201d", "RIGHT DOUBLE QUOTATION MARK"], [" ", "SPACE"], ["\u2003", "EM SPACE"], ["\u2002", "EN SPACE"], ["\u3000", "IDEOGRAPHIC SPACE"]]);
  py.named = (name) => unicodedata.lookup([name]);

  // ---- texts as files ----

  const stringIO = (parts, binary) => {
    const all = () => (binary ? made(joined(parts.map(bytesOf))) : parts.join(""));
    let at = 0;
    const rest = (size) => {
      const whole = all();
      const part = item(whole, new Slice(at, size === undefined || size === null || size < 0 ? null : at + size, null));
      at += length(part);
      return part;
    };
    const io = { write: ([value]) => (parts.push(value), length(value)), getvalue: all, read: ([size]) => rest(size), readline: () => { const left = rest(); const end = left.indexOf?.("\n") ?? -1; if (end >= 0) { at -= left.length - end - 1; return left.slice(0, end + 1); } return left; }, readlines: () => STR.splitlines(rest(), [true]), seek: ([to]) => ((at = to), to), tell: () => at, close: nothing, flush: nothing, truncate: () => ((parts.length = 0), 0), __enter__: () => made_, __exit__: () => false, closed: false, getbuffer: all, writelines: ([lines]) => (list(lines).forEach((line) => parts.push(line)), null) };
    const made_ = new Mod("io", io);
    made_[Symbol.iterator] = () => STR.splitlines(text(rest()), [true])[Symbol.iterator]();
    return made_;
  };
  const io = { StringIO: ([value = ""]) => stringIO(value ? [value] : [], false), BytesIO: ([value]) => stringIO(value ? [value] : [], true), TextIOWrapper: ([one]) => one, open: (args, kw) => kit.open(args, kw), IOBase: object };

  const typing = { TYPE_CHECKING: false, NamedTuple: object, TypedDict: classes.dict, cast: ([, value]) => value, overload: ([run]) => run, final: ([one]) => one, runtime_checkable: ([cls]) => cls, get_type_hints: () => new Dict(), TypeVar: () => object, NewType: () => ([value]) => value, Protocol: object, Generic: object, Any: object, no_type_check: ([one]) => one, override: ([one]) => one, dataclass_transform: () => ([one]) => one };
  typing.NamedTuple = Object.assign(new Cls("NamedTuple", [object]), {
    extend: (cls) => {
      const names = [...(cls.noted ?? [])];
      const usual = names.filter((name) => cls.own.has(name)).map((name) => cls.own.get(name));
      const inner = namedTuple(cls.name, names, usual);
      cls.make = (args, kw) => {
        const made = inner.native.make(args, kw);
        for (const [key, value] of cls.own) if (value?.method || value instanceof Property) made.parts[key] = value.method ? (more, words) => value([made, ...more], words) : call(value.get, [made]);
        return made;
      };
      cls.any = (value) => value?.kind === inner;
    },
  });
  const modules = {
    json: { dumps: json.dumps, loads: json.loads, JSONDecodeError: classes.JSONDecodeError, dump: ([value, file], kw) => invoke(file, "write", [json.dumps([value], kw)]), load: ([file]) => json.loads([invoke(file, "read", [])]), JSONEncoder: native("JSONEncoder", undefined, (_, kw) => new Mod("encoder", { encode: ([value]) => json.dumps([value], kw), iterencode: ([value]) => [json.dumps([value], kw)] })), JSONDecoder: object },
    tomllib: toml_, tomli: toml_, toml: toml_, re, regex: re, itertools, functools, operator, collections, "collections.abc": collections.abc.held, dataclasses, enum: enums, contextlib, hashlib, hmac: { new: keyed, digest: (args) => keyed(args).held.digest(), compare_digest: ([a, b]) => py.compare("==", a, b) }, base64, codecs, "urllib.parse": urls, struct, math, random, secrets, string, unicodedata, io, typing, typing_extensions: typing,
    binascii: { hexlify: hexed, unhexlify: unhexed, a2b_hex: unhexed, b2a_hex: hexed, a2b_base64: base64.b64decode, b2a_base64: base64.encodebytes, crc32, Error: classes.ValueError }, zlib: { decompress: (args) => (args[1] < 0 ? inflate("inflateRawSync") : inflate(args[1] > 15 ? "unzipSync" : "inflateSync"))(args), compress: pack("zlib"), crc32, adler32: () => 1, error: classes.error, MAX_WBITS: 15 },
    gzip: { decompress: inflate("gunzipSync"), compress: pack("gzip") }, bz2: { decompress: inflate("bunzip2Sync"), compress: pack("bz2") }, lzma: { decompress: inflate("unxzSync"), compress: pack("lzma"), FORMAT_AUTO: 0, FORMAT_XZ: 1, FORMAT_ALONE: 2, FORMAT_RAW: 3, LZMAError: classes.error }, copy: { copy: ([value]) => copy(value, false), deepcopy: ([value]) => copy(value, true) }, textwrap: { dedent, wrap: wrapText, fill: (args, kw) => wrapText(args, kw).join("\n"), indent: ([value, mark]) => value.replace(/^(?=.*\S)/gm, mark), shorten: ([value]) => value },
    datetime: { datetime, date, time: daytime, timedelta: delta, timezone, UTC, tzinfo: object, MINYEAR: 1, MAXYEAR: 9999 }, abc: { ABC: object, ABCMeta: classes.type, abstractmethod: ([run]) => run, abstractproperty: ([run]) => new Property(run) }, html: { escape: ([value]) => value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/'/g, "&#x27;"), unescape: ([value]) => value.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&amp;/g, "&") },
    types: { SimpleNamespace: native("SimpleNamespace", undefined, (_, kw) => { const out = new Inst(object); for (const [key, value] of kw) out.own.set(key, value); return out; }), MappingProxyType: ([map]) => map, FunctionType: classes.function, ModuleType: classes.module, MethodType: ([run, self]) => (args, kw) => call(run, [self, ...args], kw), NoneType: classes.NoneType, GeneratorType: object, CoroutineType: object, new_class: ([name, bases = []]) => py.classOf(name, [...bases], undefined, nothing) }, shlex: { quote: ([value]) => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replace(/'/g, "'\"'\"'")}'`), split: ([value], kw) => ((truth(word(kw, "comments", false)) ? value.replace(/(^|\s)#.*$/gm, "$1") : value).match(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'])+/g) ?? []).map((one) => one.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_, a, b, c) => a ?? b ?? c)), join: ([values]) => list(values).join(" ") },
    bisect: { bisect_left: ([values, value]) => values.filter((one) => order(one, value) < 0).length, bisect_right: ([values, value]) => values.filter((one) => order(one, value) <= 0).length, bisect: ([values, value]) => values.filter((one) => order(one, value) <= 0).length, insort: ([values, value]) => (values.splice(values.filter((one) => order(one, value) <= 0).length, 0, value), null) }, heapq: { heappush: ([heap, value]) => (heap.push(value), heap.sort(order), null), heappop: ([heap]) => heap.shift(), heapify: ([heap]) => (heap.sort(order), null), nsmallest: ([count, values], kw) => sorted(values, kw).slice(0, count), nlargest: ([count, values], kw) => sorted(values, kw).reverse().slice(0, count) },
    fnmatch: { fnmatch: ([value, form]) => { if (py.watch) kit.note(form); return new RegExp(`^${form.replace(/[.+^${}()|\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "s").test(value); } }, inspect: { isclass: ([value]) => value instanceof Cls, isfunction: ([value]) => typeof value === "function", iscoroutinefunction: () => false, iscoroutine: ([value]) => value instanceof Coroutine, getmembers: ([value]) => builtins.dir([value]).map((name) => tuple([name, get(value, name)])), isawaitable: ([value]) => value instanceof Coroutine, cleandoc: dedent, getdoc: nothing }, numbers: { Number: classes.int }, decimal: { Decimal: ([value = 0]) => float(typeof value === "string" ? value : text(value)) }, fractions: { Fraction: ([a = 0, b = 1]) => Number(a) / Number(b) }, statistics: { mean: ([values]) => list(values).reduce((a, b) => a + b, 0) / length(values), median: ([values]) => list(values).sort(order)[Math.floor(length(values) / 2)] }, __future__: {}, builtins,
  };
  modules.fnmatch.fnmatchcase = modules.fnmatch.fnmatch;
  modules.fnmatch.filter = ([values, form]) => list(values).filter((one) => modules.fnmatch.fnmatch([one, form]));
  modules.fnmatch.translate = ([form]) => form.replace(/[.+^${}()|\\]/g, "\\$&").replace(/\*/g, ".*");
  // What the values of these modules are asked for.
  py.attribute = (value, name) => {
    if (value instanceof Pattern) {
      const use = patternOf(value, name);
      if (use) return use;
    }
    if (value instanceof Property && properties[name]) return properties[name](value);
    if (value instanceof Tuple && value.parts && Object.hasOwn(value.parts, name)) return value.parts[name];
    return attribute(value, name);
  };
  Object.assign(py, { builtins, modules, bytesOf, decode, encode, list, word, entered, Zone, Moment, Delta, moment, fields, strftime, stringIO, json, compiled, native, urlsplit, nothing, attributeOf });
  return py;
})
