// Python's values and what is done with them, for a program that was written
// anew in JavaScript (py/rewrite.rs). None is null, a text is a text, an int
// and a float are a number (a bigint where it is no safe number), a list is
// an array; the rest has a class here.
(function (kit) {
  "use strict";
  const { note, dummies } = kit;
  const py = { at: 0, watch: kit.watch };

  class Tuple extends Array {
    static get [Symbol.species]() {
      return Array;
    }
  }
  const tuple = (items) => {
    const made = new Tuple();
    for (const item of items) made.push(item);
    return made;
  };
  class Bytes {
    constructor(bytes) {
      this.bytes = bytes;
    }
    *[Symbol.iterator]() {
      yield* this.bytes;
    }
    toJSON() {
      return kit.textOf(this.bytes);
    }
  }
  const keyOf = (key) => {
    switch (typeof key) {
      case "string":
        return `s${key}`;
      case "boolean":
        return Number(key);
      case "bigint":
        return `n${key}`;
      case "object":
        if (key instanceof Tuple) return `t${key.map((one) => `${typeof keyOf(one)}${String(keyOf(one))}`).join("\0")}`;
        if (key instanceof Bytes) return `b${[...key.bytes]}`;
        if (key instanceof PySet) return `f${[...key.map.keys()].sort()}`;
        if (key instanceof Inst) {
          const hash = find(key.cls, "__hash__");
          if (hash) return `h${hash([key])}`;
          if (key.value !== undefined && key.cls.enumerates) return key;
        }
        if (Array.isArray(key) || key instanceof Dict) throw fail("TypeError", "unhashable type");
        if (key?.hashed !== undefined) return key.hashed;
        return key;
      default:
        return key;
    }
  };
  class Dict {
    constructor(pairs = []) {
      this.map = new Map();
      for (const [key, value] of pairs) this.set(key, value);
    }
    set(key, value) {
      const at = keyOf(key);
      const known = this.map.get(at);
      if (known) known[1] = value;
      else this.map.set(at, [key, value]);
    }
    get(key) {
      return this.map.get(keyOf(key))?.[1];
    }
    has(key) {
      return this.map.has(keyOf(key));
    }
    delete(key) {
      return this.map.delete(keyOf(key));
    }
    *[Symbol.iterator]() {
      for (const [key] of [...this.map.values()]) yield key;
    }
    pairs() {
      return [...this.map.values()];
    }
    toJSON() {
      const out = {};
      for (const [key, value] of this.map.values()) out[typeof key === "string" ? key : text(key)] = value;
      return out;
    }
  }
  class PySet {
    constructor(items = [], frozen = false) {
      this.map = new Map();
      this.frozen = frozen;
      for (const item of items) this.add(item);
    }
    add(item) {
      const at = keyOf(item);
      if (!this.map.has(at)) this.map.set(at, item);
    }
    has(item) {
      return this.map.has(keyOf(item));
    }
    delete(item) {
      return this.map.delete(keyOf(item));
    }
    *[Symbol.iterator]() {
      yield* [...this.map.values()];
    }
    get size() {
      return this.map.size;
    }
    toJSON() {
      return [...this.map.values()];
    }
  }
  class Range {
    constructor(from, to, step) {
      Object.assign(this, { from, to, step });
      this.size = Math.max(0, Math.ceil((to - from) / step));
    }
    *[Symbol.iterator]() {
      for (let i = 0; i < this.size; i++) yield this.from + i * this.step;
    }
    toJSON() {
      return [...this];
    }
  }
  class Slice {
    constructor(from, to, step) {
      Object.assign(this, { from, to, step });
    }
    /** The places that it picks of so many. */
    places(size) {
      const step = this.step ?? 1;
      if (step === 0) throw fail("ValueError", "slice step cannot be zero");
      const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
      const bound = (at, usual) => (at === null || at === undefined ? usual : Math.min(Math.max(at < 0 ? at + size : Number(at), low), high));
      const from = bound(this.from, step > 0 ? low : high);
      const to = bound(this.to, step > 0 ? high : low);
      const out = [];
      for (let at = from; step > 0 ? at < to : at > to; at += step) out.push(at);
      return out;
    }
  }
  class Mod {
    constructor(name, held = {}) {
      this.name = name;
      this.held = held;
    }
    toJSON() {
      return `<module ${this.name}>`;
    }
  }
  class Cls {
    constructor(name, bases, native) {
      this.name = name;
      this.bases = bases;
      this.own = new Map();
      this.native = native;
      const order = [this];
      for (const base of bases) for (const one of base.order ?? []) if (!order.includes(one)) order.push(one);
      // What all have comes last.
      if (classes?.object && order.includes(classes.object)) order.push(order.splice(order.indexOf(classes.object), 1)[0]);
      this.order = order;
    }
    toJSON() {
      return `<class '${this.name}'>`;
    }
  }
  class Inst {
    constructor(cls) {
      this.cls = cls;
      this.own = new Map();
    }
    toJSON() {
      for (const name of ["to_dict", "model_dump", "dict", "_asdict"]) {
        const made = find(this.cls, name);
        if (typeof made === "function") return made([this]);
      }
      if (find(this.cls, "__str__") && !this.cls.fields) return text(this);
      if (this.cls.enumerates) return this.own.get("value");
      return Object.fromEntries(this.own);
    }
  }
  class Property {
    constructor(get, set) {
      Object.assign(this, { get, set });
    }
  }
  class Wrapped {
    constructor(kind, inner) {
      Object.assign(this, { kind, inner });
    }
  }
  class Coroutine {
    constructor(run) {
      this.run = run;
    }
    /** What it gives; it runs when that is asked for first. */
    result() {
      if (this.run) {
        const run = this.run;
        this.run = undefined;
        try {
          this.value = run();
        } catch (error) {
          this.error = error;
          throw error;
        }
      } else if (this.error) throw this.error;
      return this.value;
    }
  }

  // ---- classes ----

  const classes = {};
  const find = (cls, name) => {
    for (const one of cls.order) if (one.own.has(name)) return one.own.get(name);
    return undefined;
  };
  const isA = (cls, of) => cls instanceof Cls && cls.order.includes(of);
  classes.object = new Cls("object", []);
  const native = (name, check, make, bases = [classes.object]) => {
    const cls = new Cls(name, bases, { check, make });
    classes[name] = cls;
    return cls;
  };
  const EXCEPTIONS = {
    BaseException: "object", Exception: "BaseException", SystemExit: "BaseException", KeyboardInterrupt: "BaseException", GeneratorExit: "BaseException", StopIteration: "Exception", StopAsyncIteration: "Exception",
    ArithmeticError: "Exception", ZeroDivisionError: "ArithmeticError", OverflowError: "ArithmeticError", AssertionError: "Exception", AttributeError: "Exception", ImportError: "Exception", ModuleNotFoundError: "ImportError",
    LookupError: "Exception", IndexError: "LookupError", KeyError: "LookupError", NameError: "Exception", UnboundLocalError: "NameError", OSError: "Exception", FileNotFoundError: "OSError", PermissionError: "OSError", FileExistsError: "OSError",
    ConnectionError: "OSError", ConnectionRefusedError: "ConnectionError", ConnectionResetError: "ConnectionError", TimeoutError: "OSError", InterruptedError: "OSError", NotADirectoryError: "OSError", IsADirectoryError: "OSError", ProcessLookupError: "OSError",
    RuntimeError: "Exception", NotImplementedError: "RuntimeError", RecursionError: "RuntimeError", TypeError: "Exception", ValueError: "Exception", UnicodeError: "ValueError", UnicodeDecodeError: "UnicodeError", UnicodeEncodeError: "UnicodeError",
    Warning: "Exception", UserWarning: "Warning", DeprecationWarning: "Warning", RuntimeWarning: "Warning", BufferError: "Exception", EOFError: "Exception", MemoryError: "Exception", SyntaxError: "Exception",
  };
  for (const [name, base] of Object.entries(EXCEPTIONS)) classes[name] = new Cls(name, [classes[base]]);
  classes.IOError = classes.EnvironmentError = classes.OSError;
  const raised = (cls, args = []) => {
    const made = new Inst(cls);
    made.own.set("args", tuple(args));
    if (isA(cls, classes.StopIteration) || isA(cls, classes.SystemExit)) made.own.set(isA(cls, classes.SystemExit) ? "code" : "value", args[0] ?? null);
    if (isA(cls, classes.OSError)) made.own.set("errno", args[0] ?? null).set("strerror", args[1] ?? null);
    return made;
  };
  const fail = (name, message) => raised(classes[name], [message]);

  // What the interpreter itself throws is an exception too.
  const caught = (error) => {
    if (error instanceof Inst) return error;
    if (error instanceof RangeError && /stack/i.test(error.message)) return fail("RecursionError", "too deep");
    if (error instanceof Error && error.name === "InternalError") {
      if (/stack/i.test(error.message)) return fail("RecursionError", "too deep");
      throw error;
    }
    return fail("TypeError", error instanceof Error ? error.message : String(error));
  };
  const matches = (error, kinds) => {
    if (kinds instanceof Cls) return isA(error.cls, kinds);
    if (Array.isArray(kinds)) return kinds.some((kind) => matches(error, kind));
    // What an unknown module raises is not raised here.
    return false;
  };
  const handled = [];
  const thrown = (what, cause) => {
    if (what === undefined) return handled.at(-1) ?? fail("RuntimeError", "nothing to raise");
    const made = what instanceof Cls ? call(what, []) : what;
    return made instanceof Inst ? made : fail("RuntimeError", "raised");
  };

  // ---- what a value is ----

  const isInt = (value) => typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
  const isNumber = (value) => typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  const isIterator = (value) => value !== null && typeof value === "object" && typeof value.next === "function";
  const typeOf = (value) => {
    if (value === null || value === undefined) return classes.NoneType;
    switch (typeof value) {
      case "string":
        return classes.str;
      case "boolean":
        return classes.bool;
      case "number":
        return Number.isInteger(value) ? classes.int : classes.float;
      case "bigint":
        return classes.int;
      case "function":
        return dummies.has(value) ? classes.object : classes.function;
    }
    if (value instanceof Inst) return value.cls;
    if (value instanceof Cls) return classes.type;
    if (value instanceof Tuple) return classes.tuple;
    if (Array.isArray(value)) return classes.list;
    if (value instanceof Dict) return value.kind ?? classes.dict;
    if (value instanceof PySet) return value.frozen ? classes.frozenset : classes.set;
    if (value instanceof Bytes) return value.changes ? classes.bytearray : classes.bytes;
    if (value instanceof Range) return classes.range;
    if (value instanceof Mod) return classes.module;
    return classes.object;
  };
  const isInstance = (value, cls) => {
    if (Array.isArray(cls)) return cls.some((one) => isInstance(value, one));
    if (!(cls instanceof Cls)) return false;
    if (cls === classes.float) return typeof value === "number" && !Number.isInteger(value);
    if (cls === classes.int && typeof value === "boolean") return true;
    if (cls.any) return cls.any(value);
    return isA(typeOf(value), cls);
  };
  const truth = (value) => {
    switch (typeof value) {
      case "boolean":
        return value;
      case "string":
        return value.length > 0;
      case "number":
        return value !== 0;
      case "bigint":
        return value !== 0n;
      case "function":
        return true;
    }
    if (value === null || value === undefined) return false;
    if (Array.isArray(value)) return value.length > 0;
    if (value instanceof Dict) return value.map.size > 0;
    if (value instanceof PySet || value instanceof Range) return value.size > 0;
    if (value instanceof Bytes) return value.bytes.length > 0;
    if (value instanceof Inst) {
      const bool = find(value.cls, "__bool__");
      if (bool) return truth(bool([value]));
      const size = find(value.cls, "__len__");
      if (size) return truth(size([value]));
    }
    return true;
  };
  const points = (value) => (/[\ud800-\udfff]/.test(value) ? Array.from(value) : undefined);
  const length = (value) => {
    if (typeof value === "string") return points(value)?.length ?? value.length;
    if (Array.isArray(value)) return value.length;
    if (value instanceof Dict) return value.map.size;
    if (value instanceof PySet || value instanceof Range) return value.size;
    if (value instanceof Bytes) return value.bytes.length;
    if (value instanceof Inst) {
      const size = find(value.cls, "__len__");
      if (size) return size([value]);
    }
    if (dummies.has(value)) return 0;
    if (isIterator(value) || value?.listed) return [...iterate(value)].length;
    throw fail("TypeError", "no length");
  };

  // ---- attributes and calls ----

  const bound = (self, made) => {
    if (typeof made === "function" && made.method) {
      const one = (args, kw) => made([self, ...args], kw);
      one.self = self;
      one.of = made;
      one.called = made.called;
      return one;
    }
    if (made instanceof Wrapped) {
      if (made.kind === "static") return made.inner;
      const cls = self instanceof Cls ? self : self.cls;
      return (args, kw) => call(made.inner, [cls, ...args], kw);
    }
    if (made instanceof Property) return call(made.get, [self]);
    if (made instanceof Inst && find(made.cls, "__get__")) return find(made.cls, "__get__")([made, self, typeOf(self)]);
    return made;
  };
  const MISSING = Symbol("missing");
  const attribute = (object, name) => {
    if (object instanceof Inst) {
      const made = find(object.cls, name);
      if (made instanceof Property) return bound(object, made);
      if (object.own.has(name)) return object.own.get(name);
      if (made !== undefined) return bound(object, made);
      switch (name) {
        case "__class__":
          return object.cls;
        case "__dict__": {
          const { own } = object;
          const view = new Dict([...own]);
          view.set = (key, value) => (own.set(key, value), Dict.prototype.set.call(view, key, value));
          return view;
        }
        case "__doc__":
          return null;
      }
      const inherited = object.cls.order.find((cls) => cls.native?.methods?.[name]);
      if (inherited && object.inner !== undefined) return method(inherited.native.methods[name], object.inner);
      const other = find(object.cls, "__getattr__");
      if (other) return other([object, name]);
      if (object.cls.order.some((cls) => cls.foreign)) return object.foreign?.[name] ?? MISSING;
      if (BASE[name]) return (args, kw) => BASE[name](object, args, kw);
      if (isA(object.cls, classes.BaseException)) return EXCEPTION[name]?.(object) ?? MISSING;
      return MISSING;
    }
    if (object instanceof Cls) {
      const made = find(object, name);
      if (made !== undefined) {
        if (made instanceof Wrapped) return bound(object, made);
        return made;
      }
      switch (name) {
        case "__name__":
        case "__qualname__":
          return object.name;
        case "__dict__":
          return new Dict([...object.own]);
        case "__bases__":
          return tuple(object.bases);
        case "__mro__":
          return tuple(object.order);
        case "__module__":
          return "__main__";
        case "__doc__":
          return null;
        case "__members__":
          return new Dict(object.members?.map((one) => [one.own.get("name"), one]) ?? []);
      }
      const statics = object.order.find((cls) => cls.native?.statics?.[name])?.native.statics[name];
      if (statics) return statics;
      const methods = object.order.find((cls) => cls.native?.methods?.[name])?.native.methods[name];
      if (methods) return (args, kw) => methods(args[0]?.inner ?? args[0], args.slice(1), kw ?? new Map());
      if (BASE[name]) return (args, kw) => BASE[name](args[0], args.slice(1), kw);
      return MISSING;
    }
    if (object instanceof Dict && object.held && Object.hasOwn(object.held, name)) return object.held[name];
    if (object instanceof Mod) {
      if (Object.hasOwn(object.held, name)) return object.held[name];
      if (name === "__name__") return object.name;
      if (object.get) return object.get(name);
      return kit.dummy(`${object.name}.${name}`);
    }
    if (typeof object === "function") {
      if (dummies.has(object)) return FOREIGN[name] ? FOREIGN[name](object) : object[name];
      if (object.held && Object.hasOwn(object.held, name)) return object.held[name];
      switch (name) {
        case "__name__":
        case "__qualname__":
          return object.called ?? "function";
        case "__doc__":
          return null;
        case "__wrapped__":
          return object.wrapped ?? MISSING;
        case "__self__":
          return object.self ?? MISSING;
        case "__call__":
          return object;
        case "__dict__":
          return new Dict(Object.entries(object.held ?? {}));
        case "__code__":
          return new Mod("code", { co_code: new Bytes(new Uint8Array(0)), co_consts: tuple([]), co_name: object.called ?? "", co_varnames: tuple([]) });
      }
      return MISSING;
    }
    const cls = typeOf(object);
    if (name === "__class__") return cls;
    const methods = cls.native?.methods?.[name];
    if (methods) return method(methods, object);
    if (cls.native?.parts?.[name]) return cls.native.parts[name](object);
    if (isIterator(object) && ITERATOR[name]) return method(ITERATOR[name], object);
    if (object instanceof Coroutine && COROUTINE[name]) return method(COROUTINE[name], object);
    if (BASE[name]) return (args, kw) => BASE[name](object, args, kw);
    if (object && typeof object === "object" && object.parts && name in object.parts) return object.parts[name];
    return MISSING;
  };
  const method = (made, self) => (args, kw) => made(self, args, kw ?? new Map());
  // What a value from an unknown module does with the methods of others.
  const FOREIGN = {
    items: () => () => [tuple(["some", "more"])], keys: () => () => ["some"], values: () => () => ["more"], lower: () => () => "some", upper: () => () => "some", strip: () => () => "some",
    startswith: () => () => false, endswith: () => () => false, splitlines: () => () => ["some", "more"], split: () => () => ["some", "more"], decode: () => () => "some", encode: () => () => new Bytes(kit.bytes("some")),
    __name__: () => "some", __enter__: (self) => () => self, __aenter__: (self) => () => self, __dict__: () => new Dict(),
  };
  const ITERATOR = {
    __next__: (self) => next(self), __iter__: (self) => self, __anext__: (self) => next(self, "StopAsyncIteration"), __aiter__: (self) => self,
    send: (self, [value]) => stepped(self.next(value)), asend: (self, [value]) => stepped(self.next(value)), close: (self) => void self.return?.() ?? null, aclose: (self) => void self.return?.() ?? null,
    throw: (self, [error]) => stepped(self.throw(thrown(error))),
  };
  const COROUTINE = {
    result: (self) => self.result(), done: () => true, cancel: () => true, cancelled: () => false, close: () => null, add_done_callback: (self, [done]) => call(done, [self]), exception: () => null, send: (self) => {
      throw raised(classes.StopIteration, [self.result()]);
    }, __await__: (self) => self, get_name: () => "task", set_result: (self, [value]) => ((self.value = value), (self.run = undefined), null),
  };
  const stepped = (one, kind = "StopIteration") => {
    if (one.done) throw raised(classes[kind], [one.value ?? null]);
    return one.value;
  };
  const next = (iterator, kind) => {
    if (isIterator(iterator)) return stepped(iterator.next(), kind);
    const made = attribute(iterator, "__next__");
    if (made !== MISSING) return call(made, []);
    throw fail("TypeError", "no iterator");
  };
  const BASE = {
    __init__: () => null, __init_subclass__: () => null, __setattr__: (self, [name, value]) => (self.own.set(name, value), null), __getattribute__: (self, [name]) => get(self, name), __str__: (self) => text(self), __repr__: (self) => repr(self),
    __eq__: (self, [other]) => equal(self, other), __ne__: (self, [other]) => !equal(self, other), __hash__: () => 1, __len__: (self) => length(self), __getitem__: (self, [key]) => item(self, key), __contains__: (self, [key]) => contains(self, key), __iter__: (self) => iterate(self)[Symbol.iterator](),
    __add__: (self, [other]) => binary("+", self, other), __mod__: (self, [other]) => binary("%", self, other), __mul__: (self, [other]) => binary("*", self, other), __sub__: (self, [other]) => binary("-", self, other), __xor__: (self, [other]) => binary("^", self, other), __call__: (self, args, kw) => call(self, args, kw), __format__: (self, [spec]) => formatted(self, spec),
    __lt__: (self, [other]) => compare("<", self, other), __gt__: (self, [other]) => compare(">", self, other), __le__: (self, [other]) => compare("<=", self, other), __ge__: (self, [other]) => compare(">=", self, other),
    __enter__: (self) => self, __exit__: () => null, __setitem__: (self, [key, value]) => setItem(self, key, value), __bool__: (self) => truth(self), __new__: (self, args) => created([self, ...(args ?? [])]),
  };
  // What a class is called to make: a class, where it is one of classes.
  const created = (args) => {
    if (!(args[3] instanceof Dict) || making.length === 0) return new Inst(args[0]);
    const made = making[making.length - 1];
    for (const [key, value] of args[3].pairs()) made.own.set(key, value);
    return made;
  };
  const EXCEPTION = { with_traceback: (self) => () => self, add_note: () => () => null, __cause__: () => null, __context__: () => null, __traceback__: () => null, filename: () => null, returncode: () => 1, response: () => null };
  const get = (object, name, at) => {
    if (at) py.at = at;
    const found = py.attribute(object, name);
    if (found === MISSING) throw fail("AttributeError", `'${typeOf(object).name}' object has no attribute '${name}'`);
    return found;
  };
  const set = (object, name, value) => {
    if (object instanceof Inst) {
      const made = find(object.cls, name);
      if (made instanceof Property && made.set) return void call(made.set, [object, value]);
      const own = find(object.cls, "__setattr__");
      if (own) return void own([object, name, value]);
      if (object.frozen && object.ready) throw fail("AttributeError", "cannot assign");
      object.own.set(name, value);
    } else if (object instanceof Cls) object.own.set(name, value);
    else if (object instanceof Mod) object.held[name] = value;
    else if (dummies.has(object)) object[name] = value;
    else if (typeof object === "function") (object.held ??= {})[name] = value;
    else if (object && typeof object === "object") (object.parts ??= {})[name] = value;
    else throw fail("AttributeError", name);
  };
  let depth = 0;
  const call = (what, args, kw, at) => {
    if (at) py.at = at;
    if (typeof what === "function") {
      if (dummies.has(what)) return given(what, args, kw);
      if (depth > 180) throw fail("RecursionError", "too deep");
      depth++;
      try {
        return what(args, kw);
      } finally {
        depth--;
      }
    }
    if (what instanceof Cls) return make(what, args, kw);
    if (what instanceof Inst) {
      const made = find(what.cls, "__call__");
      if (made) return call(bound(what, made), args, kw);
      if (what.foreign) return given(what.foreign, args, kw);
    }
    if (what instanceof Wrapped) return call(what.inner, args, kw);
    if (what instanceof Mod && what.call) return what.call(args, kw);
    throw fail("TypeError", `'${typeOf(what).name}' object is not callable`);
  };
  // Keywords go to the unknown as one object.
  const given = (what, args, kw) => what(...args, ...(kw?.size ? [Object.fromEntries(kw)] : []));
  const make = (cls, args, kw) => {
    if (cls.make) return cls.make(args, kw ?? new Map());
    const own = find(cls, "__new__");
    const from = cls.order.find((one) => one.native?.make && one !== classes.object);
    if (cls.native && from === cls) return cls.native.make(args, kw ?? new Map(), cls);
    let made;
    if (own) {
      made = call(own instanceof Wrapped ? own.inner : own, [cls, ...args], kw);
      if (!(made instanceof Inst) || !isA(made.cls, cls)) return made;
    } else if (isA(cls, classes.BaseException)) made = raised(cls, args);
    else made = new Inst(cls);
    if (from) made.inner = from.native.make(args, kw ?? new Map(), from);
    const base = cls.order.find((one) => one.foreign);
    if (base) made.foreign = given(base.foreign, args, kw);
    const init = find(cls, "__init__");
    if (init) call(bound(made, init), args, kw);
    else if (cls.fields) cls.fill(made, args, kw ?? new Map());
    return made;
  };
  const invoke = (object, name, args, kw, at) => {
    if (at) py.at = at;
    if (object instanceof Inst && !object.own.has(name)) {
      const made = find(object.cls, name);
      if (typeof made === "function" && made.method) return call(made, [object, ...args], kw);
    }
    if (typeof object === "string") {
      const made = classes.str.native.methods[name];
      if (made) return made(object, args, kw ?? NONE);
    }
    return call(get(object, name), args, kw, at);
  };
  const NONE = new Map();

  // ---- functions ----

  const POSITIONAL = 0, ONLY = 1, KEYWORD = 2, REST = 3, NAMED = 4;
  const bind = (name, params, defaults, args, kw) => {
    const out = [];
    let at = 0;
    const left = kw?.size ? new Map(kw) : undefined;
    for (const [param, kind] of params) {
      if (kind === REST) {
        out.push(tuple(args.slice(at)));
        at = args.length;
      } else if (kind === NAMED) {
        out.push(new Dict([...(left ?? [])]));
        left?.clear();
      } else if (kind !== KEYWORD && at < args.length) out.push(args[at++]);
      else if (kind !== ONLY && left?.has(param)) {
        out.push(left.get(param));
        left.delete(param);
      } else if (Object.hasOwn(defaults, param)) out.push(defaults[param]);
      else throw fail("TypeError", `${name}() missing argument '${param}'`);
    }
    if (at < args.length) throw fail("TypeError", `${name}() takes ${at} positional arguments`);
    if (left?.size) throw fail("TypeError", `${name}() got an unexpected keyword argument '${left.keys().next().value}'`);
    return out;
  };
  const FUNCTION = { plain: 0, generator: 1, async: 2, asyncGenerator: 3 };
  const define = (name, params, defaults, body, kind) => {
    const made = (args, kw) => {
      const values = bind(name, params, defaults, args, kw);
      return kind === FUNCTION.async ? new Coroutine(() => body(...values)) : body(...values);
    };
    made.called = name;
    made.method = true;
    made.params = params;
    made.defaults = defaults;
    return made;
  };
  // A function of the library: the names of its parameters, then itself.
  const library = (names, run) => {
    const params = names.split(" ").filter(Boolean);
    return (args, kw) => {
      if (!kw?.size) return run(...args);
      const values = [...args];
      for (const [name, value] of kw) {
        const at = params.indexOf(name);
        if (at >= 0) values[at] = value;
      }
      return run(...values);
    };
  };
  const awaited = (value) => {
    if (value instanceof Coroutine) return value.result();
    if (value instanceof Inst && find(value.cls, "__await__")) {
      const steps = call(get(value, "__await__"), []);
      if (steps instanceof Coroutine) return steps.result();
      let last = null;
      for (let i = 0; i < 50; i++) {
        const one = steps.next();
        if (one.done) return one.value ?? null;
        last = one.value;
      }
      return last;
    }
    return value;
  };
  const classOf = (name, bases, kw, fill) => {
    const known = [];
    const made = { foreign: undefined };
    for (const base of bases) {
      if (base instanceof Cls) known.push(base);
      else if (base instanceof Wrapped && base.inner instanceof Cls) known.push(base.inner);
      else if (dummies.has(base)) made.foreign = base;
    }
    if (known.length === 0) known.push(classes.object);
    const cls = new Cls(name, known);
    cls.foreign = made.foreign;
    cls.ours = true;
    const parts = {
      cls,
      set: (key, value) => (cls.own.set(key, value), value),
      get: (key, other) => (cls.own.has(key) ? cls.own.get(key) : other()),
    };
    fill(parts);
    const meta = kw?.get("metaclass") ?? known.find((base) => base.meta)?.meta;
    for (const base of known) {
      for (const one of base.order) one.extend?.(cls, kw ?? NONE);
      const hook = find(base, "__init_subclass__");
      if (hook) call(hook instanceof Wrapped ? hook.inner : hook, [cls], kw && new Map([...kw].filter(([key]) => key !== "metaclass")));
    }
    for (const [key, value] of cls.own) {
      if (value instanceof Inst && find(value.cls, "__set_name__")) call(get(value, "__set_name__"), [cls, key]);
    }
    if (meta instanceof Cls && meta.ours) {
      cls.meta = meta;
      for (const one of meta.order) for (const [key, value] of one.own) if (!cls.own.has(key) && !/^__(new|init|call|prepare)__$/.test(key) && typeof value === "function") cls.own.set(key, new Wrapped("class", value));
      const init = find(meta, "__init__");
      const create = find(meta, "__new__");
      if (create) {
        // What it puts into the names before the class is made of them.
        making.push(cls);
        call(create instanceof Wrapped ? create.inner : create, [meta, name, tuple(known), new Dict([...cls.own])]);
        making.pop();
      }
      if (init) call(init, [cls, name, tuple(known), new Dict([...cls.own])]);
    }
    return cls;
  };
  // Classes that a class of classes is making.
  const making = [];
  const superOf = (cls, self) => {
    const over = self instanceof Cls ? self : self.cls;
    const order = over.order.slice(over.order.indexOf(cls) + 1);
    return new Proxy(new Mod("super"), {
      get: (own, key) => {
        if (key !== "get") return own[key];
        return (name) => {
          for (const one of order) {
            if (one.own.has(name)) return bound(self, one.own.get(name));
            const methods = one.native?.methods?.[name];
            if (methods && self.inner !== undefined) return method(methods, self.inner);
          }
          if (name === "__new__") return created;
          if (name === "__init__") {
            return (args, kw) => {
              if (isA(over, classes.BaseException)) self.own.set("args", tuple(args));
              const filled = order.find((one) => one.fields);
              if (filled) filled.fill(self, args, kw ?? NONE);
              return null;
            };
          }
          if (self.foreign) return self.foreign[name];
          if (BASE[name]) return (args, kw) => BASE[name](self, args, kw);
          throw fail("AttributeError", name);
        };
      },
    });
  };

  // ---- operators ----

  const small = (value) => (typeof value === "bigint" && value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value);
  const big = (value) => BigInt(value);
  const arithmetic = (op, a, b) => {
    if (typeof a === "boolean") a = Number(a);
    if (typeof b === "boolean") b = Number(b);
    if (typeof a === "number" && typeof b === "number") {
      const whole = Number.isInteger(a) && Number.isInteger(b);
      let out;
      switch (op) {
        case "+":
          out = a + b;
          break;
        case "-":
          out = a - b;
          break;
        case "*":
          out = a * b;
          break;
        case "/":
          if (b === 0) throw fail("ZeroDivisionError", "division by zero");
          return a / b;
        case "//":
          if (b === 0) throw fail("ZeroDivisionError", "division by zero");
          return Math.floor(a / b);
        case "%":
          if (b === 0) throw fail("ZeroDivisionError", "modulo by zero");
          return ((a % b) + b) % b;
        case "**":
          out = a ** b;
          if (b < 0) return out;
          break;
        case "&":
        case "|":
        case "^":
          if (whole && a >= 0 && b >= 0 && a < 2 ** 31 && b < 2 ** 31) return op === "&" ? a & b : op === "|" ? a | b : a ^ b;
          break;
        case "<<":
          if (whole && a >= 0 && a < 2 ** 21 && b < 10) return a << b;
          break;
        case ">>":
          if (whole && a >= 0 && a < 2 ** 31) return b > 31 ? 0 : a >> b;
          break;
      }
      if (out !== undefined && (!whole || Number.isSafeInteger(out))) return out;
    }
    if (!isInt(a) || !isInt(b)) return arithmetic(op, Number(a), Number(b));
    const [x, y] = [big(a), big(b)];
    switch (op) {
      case "+":
        return small(x + y);
      case "-":
        return small(x - y);
      case "*":
        return small(x * y);
      case "/":
        return Number(x) / Number(y);
      case "//": {
        if (y === 0n) throw fail("ZeroDivisionError", "division by zero");
        const whole = x / y;
        return small(x % y !== 0n && x < 0n !== y < 0n ? whole - 1n : whole);
      }
      case "%": {
        if (y === 0n) throw fail("ZeroDivisionError", "modulo by zero");
        return small(((x % y) + y) % y);
      }
      case "**":
        if (y > 20000n) throw fail("OverflowError", "too large");
        return small(x ** y);
      case "&":
        return small(x & y);
      case "|":
        return small(x | y);
      case "^":
        return small(x ^ y);
      case "<<":
        if (y > 100000n) throw fail("OverflowError", "too large");
        return small(x << y);
      case ">>":
        return small(x >> y);
    }
    throw fail("TypeError", op);
  };
  const SPECIAL = { "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift", "@": "matmul" };
  const LONGEST = 1 << 22;
  const repeated = (value, count) => {
    count = Math.max(0, Number(count));
    const size = typeof value === "string" || Array.isArray(value) ? value.length : value.bytes.length;
    if (size * count > LONGEST) throw fail("MemoryError", "too large");
    if (typeof value === "string") return value.repeat(count);
    if (value instanceof Bytes) return new Bytes(joined(Array.from({ length: count }, () => value.bytes)));
    const out = value instanceof Tuple ? new Tuple() : [];
    for (let i = 0; i < count; i++) for (const one of value) out.push(one);
    return out;
  };
  const joined = (parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  const sumOf = (value) => (typeof value === "number" ? value | 0 : typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : 0);
  const binary = (op, a, b) => {
    // What a bit that is looked at depends on is in the operands.
    if (py.reckoned !== undefined) py.reckoned = (Math.imul(py.reckoned, 33) + sumOf(a) * 7 + sumOf(b)) | 0;
    if (typeof a === "number" && typeof b === "number") return arithmetic(op, a, b);
    if (typeof a === "string") {
      if (op === "+" && typeof b === "string") {
        if (a.length + b.length > LONGEST) throw fail("MemoryError", "too large");
        return a + b;
      }
      if (op === "%") return percent(a, b);
      if (op === "*" && isInt(b)) return repeated(a, b);
      if (op === "*" && typeof b === "boolean") return b ? a : "";
      if (op === "+" && dummies.has(b)) return `${a}some`;
    }
    if (isNumber(a) && isNumber(b)) {
      if (typeof a === "boolean" && typeof b === "boolean" && (op === "&" || op === "|" || op === "^")) return op === "&" ? a && b : op === "|" ? a || b : a !== b;
      return arithmetic(op, a, b);
    }
    for (const [self, other, prefix] of [[a, b, "__"], [b, a, "__r"]]) {
      if (self instanceof Inst) {
        const made = find(self.cls, `${prefix}${SPECIAL[op]}__`);
        if (made) {
          const out = call(bound(self, made), [other]);
          if (out !== py.NotImplemented) return out;
        }
        if (self.inner !== undefined) return self === a ? binary(op, a.inner, b) : binary(op, a, b.inner);
      }
      if (self?.operate) {
        const out = self.operate(op, other, self === a);
        if (out !== undefined) return out;
      }
    }
    if (op === "*" && isNumber(a)) return binary(op, b, a);
    if (Array.isArray(a)) {
      if (op === "+" && Array.isArray(b)) return a instanceof Tuple ? tuple([...a, ...b]) : [...a, ...b];
      if (op === "*") return repeated(a, b);
    }
    if (a instanceof Bytes) {
      if (op === "+" && b instanceof Bytes) return new Bytes(joined([a.bytes, b.bytes]));
      if (op === "*") return repeated(a, b);
      if (op === "%") return new Bytes(kit.bytes(percent(kit.textOf(a.bytes), b)));
    }
    if (a instanceof PySet || a?.listed) {
      const [x, y] = [[...a], [...iterate(b)]];
      if (py.watch) for (const side of [x, y]) kit.noteAll(side);
      const inY = new PySet(y);
      const inX = new PySet(x);
      switch (op) {
        case "|":
          return new PySet([...x, ...y], a.frozen);
        case "&":
          return new PySet(x.filter((one) => inY.has(one)), a.frozen);
        case "-":
          return new PySet(x.filter((one) => !inY.has(one)), a.frozen);
        case "^":
          return new PySet([...x.filter((one) => !inY.has(one)), ...y.filter((one) => !inX.has(one))], a.frozen);
      }
    }
    if (a instanceof Dict && b instanceof Dict && op === "|") return new Dict([...a.pairs(), ...b.pairs()]);
    if (op === "|" && (a instanceof Cls || b instanceof Cls)) return tuple([a, b]);
    if (dummies.has(a) || dummies.has(b)) return op === "+" || op === "%" ? `${text(a)}${text(b)}` : 1;
    throw fail("TypeError", `unsupported operand types for ${op}`);
  };
  const inPlace = (op, a, b) => {
    if (Array.isArray(a) && !(a instanceof Tuple)) {
      if (op === "+") {
        for (const one of iterate(b)) a.push(one);
        return a;
      }
    }
    if (a instanceof PySet && !a.frozen && op === "|") {
      for (const one of iterate(b)) a.add(one);
      return a;
    }
    if (a instanceof Bytes && a.changes && op === "+") {
      a.bytes = joined([a.bytes, Uint8Array.from(iterate(b))]);
      return a;
    }
    if (a instanceof Dict && op === "|") {
      for (const [key, value] of b.pairs()) a.set(key, value);
      return a;
    }
    if (a instanceof Inst) {
      const made = find(a.cls, `__i${SPECIAL[op]}__`);
      if (made) return call(bound(a, made), [b]);
    }
    return binary(op, a, b);
  };
  const unary = (op, a) => {
    switch (op) {
      case "not":
        return !truth(a);
      case "-":
        return isNumber(a) ? small(typeof a === "bigint" ? -a : -Number(a)) : a?.negate ? a.negate() : invoke(a, "__neg__", []);
      case "+":
        return typeof a === "boolean" ? Number(a) : a;
      case "~":
        return a instanceof Inst ? invoke(a, "__invert__", []) : arithmetic("-", arithmetic("*", a, -1), 1);
    }
    throw fail("TypeError", op);
  };
  const watched = (value) => {
    if (typeof value === "string") note(value);
  };
  const equal = (a, b) => {
    if (a === b) return true;
    if (a === null || b === null || a === undefined || b === undefined) return false;
    if (isNumber(a) && isNumber(b)) return Number(a) === Number(b) && (typeof a !== "bigint" || typeof b !== "bigint" || a === b);
    if (typeof a === "string" || typeof b === "string") {
      if (a instanceof Inst || b instanceof Inst) {
        const [self, other] = a instanceof Inst ? [a, b] : [b, a];
        const made = find(self.cls, "__eq__");
        if (made) return truth(call(bound(self, made), [other]));
        if (self.inner !== undefined) return equal(self.inner, other);
      }
      return false;
    }
    if (Array.isArray(a)) return Array.isArray(b) && a instanceof Tuple === b instanceof Tuple && a.length === b.length && a.every((one, at) => equal(one, b[at]));
    if (a instanceof Dict && b instanceof Dict) return a.map.size === b.map.size && a.pairs().every(([key, value]) => b.has(key) && equal(value, b.get(key)));
    if (a instanceof PySet && b instanceof PySet) return a.size === b.size && [...a].every((one) => b.has(one));
    if (a instanceof Bytes && b instanceof Bytes) return a.bytes.length === b.bytes.length && a.bytes.every((one, at) => one === b.bytes[at]);
    for (const [self, other] of [[a, b], [b, a]]) {
      if (self instanceof Inst) {
        const made = find(self.cls, "__eq__");
        if (made) {
          const out = call(bound(self, made), [other]);
          if (out !== py.NotImplemented) return truth(out);
        }
        if (self.cls.fields && other instanceof Inst && self.cls === other.cls) return [...self.own].every(([key, value]) => equal(value, other.own.get(key)));
        if (self.inner !== undefined) return equal(self.inner, other);
      }
      if (self?.equals) return self.equals(other);
    }
    return false;
  };
  const order = (a, b) => {
    if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
    if (typeof a === "string" && typeof b === "string") {
      if (a === b) return 0;
      const [x, y] = [points(a), points(b)];
      if (!x && !y) return a < b ? -1 : 1;
      return order((x ?? [...a]).map((c) => c.codePointAt(0)), (y ?? [...b]).map((c) => c.codePointAt(0)));
    }
    if (a instanceof Bytes && b instanceof Bytes) return order([...a.bytes], [...b.bytes]);
    if (Array.isArray(a) && Array.isArray(b)) {
      for (let at = 0; at < a.length && at < b.length; at++) if (!equal(a[at], b[at])) return order(a[at], b[at]);
      return a.length - b.length;
    }
    if (a?.order) return a.order(b);
    if (a instanceof Inst) {
      const less = find(a.cls, "__lt__");
      if (less) return truth(call(bound(a, less), [b])) ? -1 : equal(a, b) ? 0 : 1;
      if (a.inner !== undefined) return order(a.inner, b?.inner ?? b);
    }
    if (b instanceof Inst && find(b.cls, "__gt__")) return truth(call(bound(b, find(b.cls, "__gt__")), [a])) ? -1 : 1;
    if (dummies.has(a) || dummies.has(b)) return -1;
    throw fail("TypeError", `'<' not supported between '${typeOf(a).name}' and '${typeOf(b).name}'`);
  };
  const contains = (inside, value) => kit.way(2, contains_(inside, value));
  const contains_ = (inside, value) => {
    if (py.watch) {
      watched(value);
      if (typeof inside === "string") {
        watched(inside);
        kit.noteParts(inside, value);
      } else if (Array.isArray(inside) || inside instanceof PySet || inside instanceof Dict) kit.noteAll(inside);
    }
    if (typeof inside === "string") {
      if (typeof value !== "string") {
        if (dummies.has(value)) return false;
        throw fail("TypeError", "'in <string>' requires string as left operand");
      }
      return inside.includes(value);
    }
    if (Array.isArray(inside)) return inside.some((one) => equal(one, value));
    if (inside instanceof Dict || inside instanceof PySet) return inside.has(value);
    if (inside instanceof Bytes) return isInt(value) ? inside.bytes.includes(value) : kit.textOf(inside.bytes).includes(kit.textOf(value.bytes));
    if (inside instanceof Range) return isInt(value) && [...inside].includes(value);
    if (inside instanceof Inst) {
      const made = find(inside.cls, "__contains__");
      if (made) return truth(call(bound(inside, made), [value]));
      if (inside.inner !== undefined) return contains(inside.inner, value);
    }
    if (inside?.holds) return inside.holds(value);
    if (dummies.has(inside)) return false;
    for (const one of iterate(inside)) if (equal(one, value)) return true;
    return false;
  };
  const compare = (op, a, b) => {
    const came = kit.way(1, came_(op, a, b));
    // Whether something is there at all is another question.
    if (!kit.deciding || op === "is" || op === "is not" || a === "" || b === "" || a === null || b === null) return came;
    return kit.decide(`${op}@${py.at}`, `${signed(a)}\u0002${signed(b)}`, came) ?? came;
  };
  const signed = (value) => (value instanceof Dict || value instanceof PySet ? "{}" : value instanceof Bytes ? kit.textOf(value.bytes).slice(0, 120) : kit.sign(value));
  // What a method answers, or what is to come of it.
  const answered = (name, self, args, came) => {
    if (!kit.deciding) return came;
    return kit.decide(`${name}@${py.at}`, `${signed(self)}\u0002${args.map(signed).join("\u0002")}`, came) ?? came;
  };
  const came_ = (op, a, b) => {
    switch (op) {
      case "==":
      case "!=":
        if (py.watch) {
          watched(a);
          watched(b);
        }
        if (a instanceof Inst && op === "!=") {
          const made = find(a.cls, "__ne__");
          if (made) return truth(call(bound(a, made), [b]));
        }
        return equal(a, b) === (op === "==");
      case "<":
      case "<=":
      case ">":
      case ">=": {
        if (a instanceof PySet && b instanceof PySet) {
          const within = (x, y) => [...x].every((one) => y.has(one));
          return op[0] === "<" ? within(a, b) && (op === "<=" || a.size < b.size) : within(b, a) && (op === ">=" || b.size < a.size);
        }
        if (a instanceof Inst) {
          const made = find(a.cls, { "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__" }[op]);
          if (made) return truth(call(bound(a, made), [b]));
        }
        const which = order(a, b);
        return op === "<" ? which < 0 : op === "<=" ? which <= 0 : op === ">" ? which > 0 : which >= 0;
      }
      case "in":
        return contains(b, a);
      case "not in":
        return !contains(b, a);
      case "is":
        return a === b || (a === undefined && b === null) || (a instanceof Cls && a === b);
      case "is not":
        return !came_("is", a, b);
    }
    throw fail("TypeError", op);
  };
  const chain = (first, rest) => {
    let left = first;
    for (const [op, right] of rest) {
      const value = right();
      if (!compare(op, left, value)) return false;
      left = value;
    }
    return true;
  };

  // ---- items and iteration ----

  const index = (at, size) => {
    const place = Number(at) < 0 ? Number(at) + size : Number(at);
    if (!Number.isInteger(place) || place < 0 || place >= size) throw fail("IndexError", "index out of range");
    return place;
  };
  const item = (object, key, at) => {
    if (at) py.at = at;
    if (object instanceof Dict) {
      if (py.watch) kit.noteAll(object);
      const found = object.get(key);
      if (found !== undefined || object.has(key)) return found;
      if (object.missing) return object.missing(key);
      throw fail("KeyError", key);
    }
    if (Array.isArray(object)) {
      if (key instanceof Slice) {
        const picked = key.places(object.length).map((place) => object[place]);
        return object instanceof Tuple ? tuple(picked) : picked;
      }
      return object[index(keyed(key), object.length)];
    }
    if (typeof object === "string") {
      const all = points(object) ?? object;
      if (key instanceof Slice) {
        if ((key.step ?? 1) === 1 && typeof all === "string") {
          const places = key.places(all.length);
          return places.length ? all.slice(places[0], places.at(-1) + 1) : "";
        }
        return key.places(all.length).map((place) => all[place]).join("");
      }
      return all[index(keyed(key), all.length)];
    }
    if (object instanceof Bytes) {
      if (key instanceof Slice) return Object.assign(new Bytes(Uint8Array.from(key.places(object.bytes.length), (place) => object.bytes[place])), { changes: object.changes });
      return object.bytes[index(key, object.bytes.length)];
    }
    if (object instanceof Range) return key instanceof Slice ? key.places(object.size).map((place) => object.from + place * object.step) : object.from + index(key, object.size) * object.step;
    if (object instanceof Inst) {
      const made = find(object.cls, "__getitem__");
      if (made) return call(bound(object, made), [key]);
      const missing = find(object.cls, "__missing__");
      if (missing && object.inner instanceof Dict && !object.inner.has(key)) {
        if (py.watch) kit.noteAll(object.inner);
        return call(bound(object, missing), [key]);
      }
      if (object.inner !== undefined) return item(object.inner, key);
      if (object.foreign) return object.foreign[String(key)];
    }
    if (object instanceof Cls) {
      if (object.members) {
        const member = object.members.find((one) => one.own.get("name") === key);
        if (member) return member;
        throw fail("KeyError", key);
      }
      const made = find(object, "__class_getitem__");
      if (made && object.ours) return call(made instanceof Wrapped ? made.inner : made, [object, key]);
      return object;
    }
    if (object?.item) return object.item(key);
    if (dummies.has(object)) return object[typeof key === "symbol" ? "some" : text(key)];
    if (typeof object === "function" || object instanceof Mod) return object;
    throw fail("TypeError", `'${typeOf(object).name}' object is not subscriptable`);
  };
  const keyed = (key) => {
    if (typeof key === "boolean") return Number(key);
    if (key instanceof Inst && find(key.cls, "__index__")) return invoke(key, "__index__", []);
    if (typeof key === "string") throw fail("TypeError", "indices must be integers");
    return key;
  };
  const setItem = (object, key, value) => {
    if (object instanceof Dict) object.set(key, value);
    else if (Array.isArray(object)) {
      if (key instanceof Slice) {
        const places = key.places(object.length);
        if ((key.step ?? 1) === 1) object.splice(places[0] ?? Math.min(Number(key.from ?? 0), object.length), places.length, ...iterate(value));
        else [...iterate(value)].forEach((one, at) => (object[places[at]] = one));
      } else object[index(keyed(key), object.length)] = value;
    } else if (object instanceof Bytes) {
      if (key instanceof Slice) key.places(object.bytes.length).forEach((place, at) => (object.bytes[place] = [...iterate(value)][at]));
      else object.bytes[index(key, object.bytes.length)] = value;
    } else if (object instanceof Inst) {
      const made = find(object.cls, "__setitem__");
      if (made) call(bound(object, made), [key, value]);
      else if (object.inner !== undefined) setItem(object.inner, key, value);
    } else if (dummies.has(object)) object[text(key)] = value;
    else if (object?.put) object.put(key, value);
    else throw fail("TypeError", "item assignment");
  };
  const removeItem = (object, key) => {
    if (object instanceof Dict) {
      if (!object.delete(key)) throw fail("KeyError", key);
    } else if (Array.isArray(object)) {
      if (key instanceof Slice) for (const place of key.places(object.length).sort((a, b) => b - a)) object.splice(place, 1);
      else object.splice(index(key, object.length), 1);
    } else if (object instanceof Inst) invoke(object, "__delitem__", [key]);
  };
  const iterate = (value) => {
    if (typeof value === "string") return value;
    if (value === null || value === undefined) throw fail("TypeError", "'NoneType' object is not iterable");
    if (value instanceof Inst) {
      const made = find(value.cls, "__iter__") ?? find(value.cls, "__aiter__");
      if (made) {
        const iterator = call(bound(value, made), []);
        if (iterator instanceof Inst && (find(iterator.cls, "__next__") ?? find(iterator.cls, "__anext__"))) return stepping(iterator);
        return iterator;
      }
      if (find(value.cls, "__getitem__")) return indexing(value);
      if (value.inner !== undefined) return iterate(value.inner);
      if (value.foreign) return ["some", "more"];
    }
    if (value instanceof Cls && value.members) return value.members;
    // What a list holds may be what it is there to be compared with.
    if (py.watch && Array.isArray(value) && value.length > 1) kit.noteLate(value.slice(0, 60));
    if (typeof value[Symbol.iterator] === "function") return value;
    if (isIterator(value)) return { [Symbol.iterator]: () => value };
    if (value instanceof Coroutine) return iterate(value.result());
    throw fail("TypeError", `'${typeOf(value).name}' object is not iterable`);
  };
  function* stepping(iterator) {
    const made = find(iterator.cls, "__next__") ?? find(iterator.cls, "__anext__");
    for (;;) {
      let value;
      try {
        value = awaited(call(bound(iterator, made), []));
      } catch (error) {
        const known = caught(error);
        if (isA(known.cls, classes.StopIteration) || isA(known.cls, classes.StopAsyncIteration)) return known.own.get("value") ?? null;
        throw known;
      }
      yield value;
    }
  }
  function* indexing(object) {
    for (let at = 0; ; at++) {
      let value;
      try {
        value = invoke(object, "__getitem__", [at]);
      } catch (error) {
        if (isA(caught(error).cls, classes.IndexError)) return;
        throw error;
      }
      yield value;
    }
  }
  const unpack = (value, count, star) => {
    const items = [...iterate(value)];
    if (star < 0) {
      if (items.length !== count) {
        if (dummies.has(value)) return Array.from({ length: count }, () => value["()"]);
        throw fail("ValueError", `expected ${count} values`);
      }
      return items;
    }
    const behind = count - star - 1;
    if (items.length < count - 1) throw fail("ValueError", "not enough values");
    return [...items.slice(0, star), items.slice(star, items.length - behind), ...items.slice(items.length - behind)];
  };

  // ---- texts ----

  const quoted = (value) => {
    const mark = value.includes("'") && !value.includes('"') ? '"' : "'";
    const body = value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t").replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)
      .replace(/[\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return mark + (mark === "'" ? body.replace(/'/g, "\\'") : body) + mark;
  };
  const floating = (value) => {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    return String(value);
  };
  const repr = (value) => (typeof value === "string" ? quoted(value) : text(value, true));
  const text = (value, asked) => {
    if (typeof value === "string") return value;
    if (value === null || value === undefined) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value === "number") return floating(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value === "function") return dummies.has(value) ? "some" : `<function ${value.called ?? ""}>`;
    if (value instanceof Tuple) return `(${value.map(repr).join(", ")}${value.length === 1 ? "," : ""})`;
    if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
    if (value instanceof Dict) return `{${value.pairs().map(([key, one]) => `${repr(key)}: ${repr(one)}`).join(", ")}}`;
    if (value instanceof PySet) return value.size ? (value.frozen ? `frozenset({${[...value].map(repr).join(", ")}})` : `{${[...value].map(repr).join(", ")}}`) : value.frozen ? "frozenset()" : "set()";
    if (value instanceof Bytes) return `b'${[...value.bytes].map((b) => (b >= 32 && b < 127 && b !== 39 && b !== 92 ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, "0")}`)).join("")}'`;
    if (value instanceof Inst) {
      for (const name of asked ? ["__repr__"] : ["__str__", "__repr__"]) {
        const made = find(value.cls, name);
        if (made) return call(bound(value, made), []);
      }
      if (isA(value.cls, classes.BaseException)) {
        const args = value.own.get("args") ?? [];
        const inner = args.length === 0 ? "" : args.length === 1 ? (isA(value.cls, classes.KeyError) ? repr(args[0]) : text(args[0])) : text(args);
        return asked ? `${value.cls.name}(${args.map(repr).join(", ")})` : inner;
      }
      if (value.inner !== undefined) return text(value.inner, asked);
      if (value.cls.enumerates) return `${value.cls.name}.${value.own.get("name")}`;
      if (value.cls.fields) return `${value.cls.name}(${[...value.own].map(([key, one]) => `${key}=${repr(one)}`).join(", ")})`;
      return `<${value.cls.name} object>`;
    }
    if (value instanceof Cls) return `<class '${value.name}'>`;
    if (value instanceof Mod) return `<module '${value.name}'>`;
    if (value?.shown) return value.shown(asked);
    if (value?.listed) return `${value.listed}(${text([...value])})`;
    return "<object>";
  };
  const grouped = (digits, mark) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, mark);
  const fixed = (value, digits) => (Math.abs(value) < 1e21 ? Number(value).toFixed(digits) : floating(value));
  const rounded = (value, digits) => {
    // Halves go to the even number.
    const scale = 10 ** digits;
    const scaled = value * scale;
    const down = Math.floor(scaled);
    if (scaled - down === 0.5) return (down % 2 === 0 ? down : down + 1) / scale;
    return digits > 0 ? Number(value.toFixed(Math.min(digits, 100))) : Math.round(scaled) / scale;
  };
  const formatted = (value, spec = "") => {
    if (value instanceof Inst) {
      const made = find(value.cls, "__format__");
      if (made) return call(bound(value, made), [spec]);
    }
    if (value?.format) return value.format(spec);
    if (!spec) return text(value);
    const parsed = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([_,])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su.exec(spec);
    if (!parsed) throw fail("ValueError", "Invalid format specifier");
    let [, fill, align, sign, , alternate, zero, width, mark, precision, kind] = parsed;
    let out;
    if (isNumber(value) && (kind !== "s" || kind === undefined)) {
      let number = typeof value === "boolean" ? Number(value) : value;
      const negative = number < 0;
      if (negative) number = -number;
      const digits = precision === undefined ? undefined : Number(precision);
      switch (kind) {
        case "b":
        case "o":
        case "x":
        case "X": {
          const base = { b: 2, o: 8, x: 16, X: 16 }[kind];
          out = number.toString(base);
          if (kind === "X") out = out.toUpperCase();
          if (alternate) out = `0${kind}${out}`;
          break;
        }
        case "c":
          out = String.fromCodePoint(Number(number));
          break;
        case "e":
        case "E":
          out = Number(number).toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
          break;
        case "f":
        case "F":
          out = fixed(number, digits ?? 6);
          break;
        case "%":
          out = `${fixed(Number(number) * 100, digits ?? 6)}%`;
          break;
        case "g":
        case "G":
          out = String(Number(Number(number).toPrecision(digits || 6)));
          break;
        default:
          out = digits === undefined ? floating(number) : String(Number(Number(number).toPrecision(digits || 1)));
          if (typeof number === "bigint") out = String(number);
      }
      if (mark) {
        const [whole, rest] = out.split(".");
        out = grouped(whole, mark) + (rest === undefined ? "" : `.${rest}`);
      }
      const lead = negative ? "-" : sign === "+" || sign === " " ? sign : "";
      if (zero && !align) {
        fill = "0";
        align = "=";
      }
      if (align === "=" && width) return lead + out.padStart(Number(width) - lead.length, fill ?? " ");
      out = lead + out;
      align ??= ">";
    } else {
      out = text(value);
      if (precision !== undefined) out = [...out].slice(0, Number(precision)).join("");
    }
    const gap = Number(width ?? 0) - length(out);
    if (gap <= 0) return out;
    const pad = fill ?? (zero ? "0" : " ");
    if (align === ">") return pad.repeat(gap) + out;
    if (align === "^") return pad.repeat(Math.floor(gap / 2)) + out + pad.repeat(Math.ceil(gap / 2));
    return out + pad.repeat(gap);
  };
  // "%s of %d" % values
  const percent = (pattern, values) => {
    let at = 0;
    const all = values instanceof Tuple ? values : [values];
    return pattern.replace(/%(?:\((\w+)\))?([-+ #0]*)(\*|\d+)?(?:\.(\d+))?([diouxXeEfFgGcrsa%])/g, (_, name, flags, width, precision, kind) => {
      if (kind === "%") return "%";
      if (width === "*") width = all[at++];
      const value = name === undefined ? all[at++] : item(values, name);
      if (value === undefined) throw fail("TypeError", "not enough arguments for format string");
      const left = flags.includes("-");
      const head = (flags.includes("+") ? "+" : "") + (flags.includes("0") && !left ? "0" : "");
      const size = (left ? "<" : /[sra]/.test(kind) ? ">" : "") + head + (width ?? "");
      if (kind === "s") return formatted(text(value), `${size.replace(/^([<>])0/, "$1")}${precision === undefined ? "" : `.${precision}`}`);
      if (kind === "r" || kind === "a") return formatted(repr(value), size);
      if (kind === "c") return typeof value === "string" ? value : String.fromCodePoint(Number(value));
      const number = kind === "d" || kind === "i" || kind === "u" ? (typeof value === "bigint" ? value : Math.trunc(Number(value))) : value;
      return formatted(number, `${size.replace(/^>/, "")}${precision === undefined || /[diu]/.test(kind) ? "" : `.${precision}`}${/[diu]/.test(kind) ? "d" : kind}`);
    });
  };
  // "{} of {name}".format(...)
  const filled = (pattern, args, kw) => {
    let at = 0;
    return pattern.replace(/\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}/g, (whole, path, conversion, spec = "") => {
      if (whole === "{{") return "{";
      if (whole === "}}") return "}";
      const [, first, rest] = /^([^.[]*)(.*)$/s.exec(path);
      let value = first === "" ? args[at++] : /^\d+$/.test(first) ? args[Number(first)] : kw.get(first);
      if (value === undefined) throw fail(/^\d*$/.test(first) ? "IndexError" : "KeyError", first);
      for (const [, name, key] of rest.matchAll(/\.(\w+)|\[([^\]]*)\]/g)) value = name !== undefined ? get(value, name) : item(value, /^\d+$/.test(key) ? Number(key) : key);
      if (conversion) value = conversion === "s" ? text(value) : repr(value);
      return formatted(value, spec.includes("{") ? filled(spec, args, kw) : spec);
    });
  };

  Object.assign(py, {
    Tuple, tuple, Bytes, Dict, PySet, Range, Slice, Mod, Cls, Inst, Property, Wrapped, Coroutine, classes, native, find, isA, raised, fail, caught, matches, handled, thrown, isInt, isNumber, isIterator, typeOf, isInstance, truth, points,
    length, attribute, MISSING, get, set, call, make, invoke, define, library, awaited, classOf, superOf, binary, inPlace, unary, equal, order, contains, compare, chain, item, setItem, removeItem, iterate, unpack, repr, text, formatted, filled, next, rounded,
    bound, joined, keyOf, small, answered, FUNCTION, NotImplemented: new Mod("NotImplemented"), Ellipsis: new Mod("Ellipsis"),
  });
  return py;
})
