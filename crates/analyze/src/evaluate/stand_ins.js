// What is there before a slice runs; gives what the engine needs of it. What
// decoders use of their platform comes when it is asked for: most slices use
// nothing of it, and parsing it would take longer than they run.
(function (host) {
  "use strict";
  const world = globalThis;
  const defineProperty = Object.defineProperty;
  const call = Function.prototype.call;
  const uncurried = (method) => call.bind(method);
  const charCodeAt = uncurried(String.prototype.charCodeAt);
  const fromCharCode = String.fromCharCode;
  const push = uncurried(Array.prototype.push);
  const join = uncurried(Array.prototype.join);
  const Octets = Uint8Array;
  const tagOf = uncurried(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Octets.prototype), Symbol.toStringTag).get,
  );
  const forEachOfSet = uncurried(Set.prototype.forEach);
  const forEachOfMap = uncurried(Map.prototype.forEach);
  const regexSource = uncurried(Object.getOwnPropertyDescriptor(RegExp.prototype, "source").get);
  const prototypeOf = Object.getPrototypeOf;
  const plain = Object.prototype;
  const isArray = Array.isArray;
  const isView = ArrayBuffer.isView;
  // What is outside may be caught, but not be forgotten.
  const { outside } = host;
  const nowhere = () => {
    outside();
    throw new Error("nothing from outside is known here");
  };

  // Bytes cross to the engine as texts of one character each.
  const latin = (bytes) => {
    let out = "";
    let part = [];
    for (let i = 0; i < bytes.length; i++) {
      push(part, fromCharCode(bytes[i]));
      if (part.length === 4096) {
        out += join(part, "");
        part = [];
      }
    }
    return out + join(part, "");
  };
  // What is bound now is what platform.js uses, whatever the slice does later.
  let loaded;
  const platform = () =>
    (loaded ??= host.platform({
      host, push, charCodeAt, uncurried, latin, isArray, isView, tagOf, Octets, unusable, nowhere,
    }));
  // Stands for what a slice names and nobody knows: touching it ends the slice.
  const untouched = {
    get: nowhere, set: nowhere, has: nowhere, apply: nowhere, construct: nowhere,
    getPrototypeOf: nowhere, ownKeys: nowhere, getOwnPropertyDescriptor: nowhere, defineProperty: nowhere,
  };
  const foreign = new Proxy(function () {}, untouched);
  const unusable = new Proxy({}, untouched);
  const define = (name, value) =>
    defineProperty(world, name, { value, writable: true, configurable: true, enumerable: false });
  const imported = (name) => platform().imported(name);
  define("require", imported);
  for (const name of ["Buffer", "TextDecoder", "TextEncoder", "atob", "btoa"]) {
    defineProperty(world, name, {
      get() {
        const { [name]: value } = platform();
        define(name, value);
        return value;
      },
      set: (value) => define(name, value),
      configurable: true,
      enumerable: false,
    });
  }
  // Where a module stands is passed on, not known.
  const meta = new Proxy({ __proto__: null, url: foreign, filename: foreign, dirname: foreign }, {
    get: (own, name) => (name in own ? own[name] : nowhere()),
  });
  // Chance is not pure.
  Math.random = nowhere;
  for (const name of ["navigator", "performance", "queueMicrotask"]) delete world[name];

  const thunks = [];
  return {
    tools: {
      __proto__: null,
      foreign,
      meta,
      imported,
      site(index, thunk) {
        thunks[index] = thunk;
      },
      outside(name) {
        defineProperty(world, name, { get: nowhere, set: nowhere, configurable: true });
      },
      alias(name) {
        define(name, world);
      },
    },
    thunk: (index) => thunks[index],
    // A value as kind and content: 0 a record, 1 a list, 2 bytes, 3 a text,
    // 4 something else.
    flat(value) {
      if (isArray(value)) return [1, value];
      if (isView(value) && tagOf(value) !== undefined) {
        const name = tagOf(value);
        if (name === "Uint8Array" || name === "Uint8ClampedArray") return [2, latin(value)];
        const list = [];
        for (let i = 0; i < value.length && i < 65536; i++) push(list, value[i]);
        return [1, list];
      }
      const list = [];
      try {
        forEachOfSet(value, (entry) => push(list, entry));
        return [1, list];
      } catch {}
      try {
        forEachOfMap(value, (entry, key) => push(list, [key, entry]));
        return [1, list];
      } catch {}
      try {
        return [3, regexSource(value)];
      } catch {}
      // What has a class of its own is more than what it holds.
      const over = prototypeOf(value);
      return [over === null || over === plain ? 0 : 4, value];
    },
  };
})
