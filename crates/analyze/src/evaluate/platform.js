// What decoders use of their platform, without effect.
(function (shared) {
  "use strict";
  const { host, push, charCodeAt, uncurried, latin, isArray, isView, tagOf, Octets, unusable, nowhere } = shared;
  const viewBuffer = uncurried(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Octets.prototype), "buffer").get,
  );
  const viewOffset = uncurried(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Octets.prototype), "byteOffset").get,
  );
  const viewLength = uncurried(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Octets.prototype), "byteLength").get,
  );

  const fill = (out, text) => {
    for (let i = 0; i < text.length; i++) out[i] = charCodeAt(text, i);
    return out;
  };
  const octets = (value) => {
    if (typeof value === "string") return fill(new Octets(0), "") && bytesOf(value, "utf8");
    if (isView(value)) {
      return tagOf(value) === undefined
        ? new Octets(value.buffer, value.byteOffset, value.byteLength)
        : new Octets(viewBuffer(value), viewOffset(value), viewLength(value));
    }
    return new Octets(value);
  };
  const bytesOf = (text, encoding) => {
    const raw = host.decode(text, String(encoding || "utf8"));
    return fill(new Octets(raw.length), raw);
  };

  class Bytes extends Octets {
    toString(encoding, start, end) {
      const part = start === undefined && end === undefined ? this : this.subarray(start, end);
      return host.encode(latin(part), String(encoding || "utf8"));
    }
    slice(start, end) {
      return this.subarray(start, end);
    }
    equals(other) {
      return latin(this) === latin(other);
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, end);
      target.set(part, at);
      return part.length;
    }
    write(text, at = 0, length, encoding) {
      if (typeof at === "string") return this.write(text, 0, undefined, at);
      if (typeof length === "string") return this.write(text, at, undefined, length);
      const raw = bytesOf(text, encoding).subarray(0, Math.min(length ?? Infinity, this.length - at));
      this.set(raw, at);
      return raw.length;
    }
    fill(value, start, end, encoding) {
      if (typeof value !== "string") return super.fill(value, start, end);
      const raw = bytesOf(value, encoding);
      for (let i = start || 0; i < (end ?? this.length); i++) this[i] = raw[i % raw.length];
      return this;
    }
    indexOf(value, at) {
      if (typeof value === "number") return super.indexOf(value, at);
      return latin(this).indexOf(latin(octets(value)), at);
    }
    includes(value, at) {
      return this.indexOf(value, at) !== -1;
    }
    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    }
    swap16() {
      for (let i = 0; i + 1 < this.length; i += 2) [this[i], this[i + 1]] = [this[i + 1], this[i]];
      return this;
    }
  }
  const view = (bytes) => new DataView(viewBuffer(bytes), viewOffset(bytes), viewLength(bytes));
  for (const [name, size] of Object.entries({
    Int8: 1, Uint8: 1, Int16: 2, Uint16: 2, Int32: 4, Uint32: 4,
    BigInt64: 8, BigUint64: 8, Float32: 4, Float64: 8,
  })) {
    const short = { Float32: "Float", Float64: "Double" }[name] || name;
    for (const order of size === 1 ? [""] : ["LE", "BE"]) {
      const read = function (at = 0) {
        return view(this)["get" + name](at, order === "LE");
      };
      const write = function (value, at = 0) {
        view(this)["set" + name](at, value, order === "LE");
        return at + size;
      };
      for (const spelled of [short, short.replace("Uint", "UInt")]) {
        Bytes.prototype["read" + spelled + order] = read;
        Bytes.prototype["write" + spelled + order] = write;
      }
    }
  }
  const buffer = (value, encoding, length) => {
    if (typeof value === "number") return new Bytes(value);
    if (typeof value === "string") {
      const raw = host.decode(value, String(encoding || "utf8"));
      return fill(new Bytes(raw.length), raw);
    }
    if (value instanceof ArrayBuffer) return new Bytes(value, encoding, length);
    if (value && value.type === "Buffer" && isArray(value.data)) value = value.data;
    const from = value && value.valueOf && value.valueOf() !== value ? value.valueOf() : value;
    if (typeof from === "string") return buffer(from, encoding);
    if (isView(from) || isArray(from)) {
      const out = new Bytes(from.length);
      for (let i = 0; i < from.length; i++) out[i] = from[i];
      return out;
    }
    const out = Array.from(from);
    return buffer(out);
  };
  function Buffer(value, encoding, length) {
    return buffer(value, encoding, length);
  }
  Buffer.prototype = Bytes.prototype;
  Object.defineProperty(Bytes.prototype, "constructor", { value: Buffer, writable: true, configurable: true });
  Object.setPrototypeOf(Buffer, Octets);
  Buffer.from = (value, encoding, length) => {
    if (typeof value === "number") throw new TypeError("a number is no content");
    return buffer(value, encoding, length);
  };
  Buffer.of = (...items) => buffer(items);
  Buffer.alloc = (size, value, encoding) => {
    const out = new Bytes(size);
    return value === undefined ? out : out.fill(value, 0, size, encoding);
  };
  Buffer.allocUnsafe = Buffer.allocUnsafeSlow = Buffer.alloc;
  Buffer.concat = (list, length) => {
    let total = 0;
    for (const part of list) total += part.length;
    const out = new Bytes(length ?? total);
    let at = 0;
    for (const part of list) {
      out.set(part.subarray(0, out.length - at), at);
      at += part.length;
    }
    return out;
  };
  Buffer.isBuffer = (value) => value instanceof Bytes;
  Buffer.isEncoding = (name) => typeof name === "string" && host.knows(name);
  Buffer.byteLength = (value, encoding) =>
    typeof value === "string" ? host.decode(value, String(encoding || "utf8")).length : value.byteLength;
  Buffer.compare = (a, b) => {
    const [x, y] = [latin(a), latin(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };

  class TextDecoder {
    constructor(label = "utf-8") {
      const known = { "utf-8": "utf8", utf8: "utf8", "utf-16le": "utf16le", "utf-16": "utf16le" };
      const plain = { latin1: 1, "iso-8859-1": 1, "windows-1252": 1, ascii: 1, "us-ascii": 1 };
      const name = String(label).toLowerCase();
      this.encoding = name;
      this.as = known[name] || (plain[name] ? "latin1" : undefined);
      if (!this.as) throw new RangeError("no such encoding: " + label);
    }
    decode(bytes) {
      if (bytes === undefined) return "";
      const text = host.encode(latin(octets(bytes)), this.as);
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  }
  class TextEncoder {
    encode(text = "") {
      return bytesOf(String(text), "utf8");
    }
  }
  const inflating = (how) => (bytes) => {
    const raw = host.inflate(how, latin(octets(bytes)));
    return fill(new Bytes(raw.length), raw);
  };
  const zlib = {
    inflateSync: inflating("zlib"),
    inflateRawSync: inflating("deflate"),
    gunzipSync: inflating("gzip"),
    unzipSync: inflating("any"),
    brotliDecompressSync: inflating("brotli"),
    bunzip2Sync: inflating("bz2"),
    unxzSync: inflating("xz"),
  };
  const hashing = (name) => {
    const parts = [];
    const hash = {
      update(data, encoding) {
        push(parts, typeof data === "string" ? bytesOf(data, encoding) : octets(data));
        return hash;
      },
      digest(encoding) {
        const raw = host.digest(String(name), latin(Buffer.concat(parts)));
        const bytes = fill(new Bytes(raw.length), raw);
        return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
      },
    };
    return hash;
  };
  const deciphering = (name, key, iv) => {
    const parts = [];
    let tail = true;
    const decipher = {
      setAuthTag: () => decipher,
      setAAD: () => decipher,
      setAutoPadding(yes = true) {
        tail = yes;
        return decipher;
      },
      // All that was given is deciphered at the end.
      update(data, from, to) {
        push(parts, typeof data === "string" ? bytesOf(data, from) : octets(data));
        return to && to !== "buffer" ? "" : new Bytes(0);
      },
      final(to) {
        const raw = host.decipher(
          String(name),
          latin(octets(key)),
          iv === null || iv === undefined ? "" : latin(octets(iv)),
          latin(Buffer.concat(parts)),
          tail,
        );
        const bytes = fill(new Bytes(raw.length), raw);
        return to && to !== "buffer" ? bytes.toString(to) : bytes;
      },
    };
    return decipher;
  };
  const crypto = {
    createHash: hashing,
    createDecipheriv: deciphering,
    scryptSync: undefined,
  };
  class StringDecoder {
    constructor(encoding = "utf8") {
      this.encoding = encoding;
    }
    write(bytes) {
      return buffer(bytes).toString(this.encoding);
    }
    end(bytes) {
      return bytes === undefined ? "" : this.write(bytes);
    }
  }
  const atob = (text) => host.atob(String(text));
  const btoa = (text) => host.encode(String(text), "base64");
  const modules = {
    __proto__: null,
    buffer: { Buffer, atob, btoa },
    zlib,
    crypto,
    util: { TextDecoder, TextEncoder },
    string_decoder: { StringDecoder },
    module: { createRequire: () => imported },
  };
  // The platform's own, which are there wherever this runs: they may be
  // imported, but not be used. Whether another is there, nobody knows.
  const there = /^(assert|async_hooks|child_process|constants|dgram|dns|events|fs|http2?|https|net|os|path|perf_hooks|querystring|readline|stream|timers|tls|tty|url|v8|vm|worker_threads)(\/(promises|posix|win32|web))?$/;
  const imported = (name) => {
    const plain = String(name).replace(/^node:/, "");
    const found = modules[plain];
    if (found) return { __proto__: found, default: found };
    return there.test(plain) ? unusable : nowhere();
  };
  return { Buffer, TextDecoder, TextEncoder, atob, btoa, imported };
})
