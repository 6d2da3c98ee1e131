/** Scripts that call the host at every kind of place. `seed` is an int from outside. The host has `host::get(x)`, which
 *  answers an int, `host::fail(x)`, which answers an error for every third x, and `box.read(x)` of the handle `box`. */
export const programs: ReadonlyMap<string, string> = new Map([
  ["plain", "let a = host::get(seed); let b = host::get(a); a + b"],
  ["no host call", "let sum = 0; for i in 0..50 { sum += i * seed; } sum"],
  ["loop", "let sum = 0; for i in 0..5 { sum += host::get(seed + i); print(`${i}: ${sum}`); } sum"],
  ["while", "let n = seed; while n > 0 { n -= 1 + host::get(n) % 3; } n"],
  ["condition", "let c = 0; while host::get(c + seed) % 5 != 0 && c < 6 { c += 1; } c"],
  ["function", "fn f(x) { let y = host::get(x); y + g(y) } fn g(y) { y * 2 } f(seed) + f(seed + 1)"],
  ["recursion", "fn f(n) { if n <= 0 { 0 } else { host::get(n) + f(n - 1) } } f(seed % 12)"],
  ["too deep", "fn f(n) { host::get(n) + f(n + 1) } f(seed)"],
  ["right side first", "let x = seed; x += host::get(x); x -= host::get(x); x"],
  [
    "captured while it waits",
    "let x = 1; let f = || { x += 10; x }; x += f.call() + host::get(seed); x += f.call(); x",
  ],
  [
    "left side kept",
    "let a = [1]; let f = || { a.push(2); host::get(seed) }; let b = a + [f.call()]; [a, b]",
  ],
  ["index", "let a = [1, 2, 3]; a[host::get(seed) % 3] += host::get(seed + 1); a"],
  [
    "nested index",
    "let m = #{ a: [[1, 2], [3, 4]] }; m.a[host::get(seed) % 2][host::get(1) % 2] = host::get(seed); m",
  ],
  [
    "argument of a method",
    "let m = #{ a: [1] }; m.a.push(host::get(seed)); m.a.push(m.a.len() + host::get(1)); m",
  ],
  ["map", "let a = [1, 2, 3, 4]; a.map(|x| x * host::get(x + seed))"],
  ["filter", "let a = [1, 2, 3, 4, 5, 6]; a.filter(|x| host::get(x + seed) % 2 == 0)"],
  ["reduce", "[1, 2, 3].reduce(|sum, x| sum + host::get(x + seed), 0)"],
  ["sort", "let a = [5, 3, 8, 1, 9, 2]; a.sort(|x, y| host::get(x + seed) - host::get(y + seed)); a"],
  ["for_each", "let a = [1, 2, 3]; a.for_each(|| this += host::get(this + seed)); a"],
  ["pure callback beside", "let a = [1, 2, 3].map(|x| x + 1); let b = host::get(seed); a.map(|x| x + b)"],
  [
    "pointer by name",
    'fn double(x) { x * 2 } fn ask(x) { host::get(x) } let f = Fn("ask"); let g = Fn("double"); f.call(seed) + g.call(seed)',
  ],
  ["curry", 'fn add(a, b) { host::get(a) + b } let f = Fn("add").curry(seed); f.call(1) + f.call(2)'],
  [
    "mixed pointers",
    "let fs = [|x| x + 1, |x| host::get(x), |x| x * 2]; let s = 0; for f in fs { s += f.call(seed); } s",
  ],
  ["function in a map", "let m = #{ n: seed, f: |x| { this.n += host::get(x); this.n } }; m.f(1) + m.f(2)"],
  [
    "this",
    "fn fill(x) { this.push(host::get(x)); this.push(host::get(x + 1)); } let a = []; a.fill(seed); a",
  ],
  ["this replaced", "fn bump() { this = this + host::get(this); } let x = seed; x.bump(); x.bump(); x"],
  [
    "shared cell",
    "let n = 0; let add = |x| { n += host::get(x); n }; add.call(1); add.call(seed); let see = || n; see.call()",
  ],
  [
    "caught",
    "let out = []; for i in 0..4 { try { out.push(host::fail(i + seed)); } catch (e) { out.push(e.code); } } out",
  ],
  [
    "caught in a function",
    "fn f(x) { host::fail(x) } let out = []; for i in 0..4 { try { out.push(f(i + seed)); } catch (e) { out.push(`${e.code}`); } } out",
  ],
  ["not caught", "fn f(x) { if x > 2 { host::fail(x * 3) } else { f(x + 1) } } f(seed % 3)"],
  [
    "depth after catch",
    "fn f(n) { if n == 0 { host::fail(0) } else { f(n - 1) } } for i in 0..3 { try { f(5 + i); } catch { host::get(i); } } host::get(seed)",
  ],
  [
    "thrown across",
    "fn f(x) { let y = host::get(x); if y > 3 { throw #{ y: y } } y } let s = 0; for i in 0..5 { try { s += f(i + seed); } catch (e) { s -= e.y; } } s",
  ],
  [
    "switch",
    "switch host::get(seed) % 4 { 0 => host::get(1), 1 if host::get(2) > 3 => 11, 2..=3 => host::get(seed) * 2, _ => -1 }",
  ],
  ["interpolation", "`${host::get(seed)} and ${host::get(seed + 1)}: ${let x = host::get(2); x * 2}`"],
  ["logic", "(host::get(seed) > 4 && host::get(1) > 4) || host::get(seed + 2) < 5"],
  ["coalesce", "let u = (); let v = u ?? host::get(seed); let w = v ?? host::get(1); v + w"],
  ["handle", "let s = 0; for i in 0..3 { s += box.read(i + seed); } s"],
  ["handle in a container", "let m = #{ h: box }; let f = |h, x| h.read(x); m.h.read(seed) + f.call(box, 1)"],
  ["same method of a map", "let m = #{ read: |x| x + 1 }; m.read(seed) + box.read(seed)"],
  ["eval", 'let x = 3; eval("x += seed; x * 2") + host::get(x)'],
  ["eval waits", 'let x = 1; eval("x += host::get(seed);"); x'],
  ["exit", "fn f() { exit(host::get(seed)); } f(); 1"],
  ["break with a value", "loop { let x = host::get(seed); if x >= 0 { break x + 1; } }"],
  [
    "closures of a loop",
    "let fs = []; for i in 0..3 { fs.push(|| i + host::get(i)); } let s = 0; for f in fs { s += f.call(); } s + seed",
  ],
  ["endless", "let x = 0; loop { x += host::get(x + seed); }"],
  [
    "modules",
    'import "ask" as ask; let s = 0; for i in 0..3 { s += ask::twice(i + seed); } s + ask::plain(2)',
  ],
  ["big values", "let big = 9007199254740993 + seed; big += host::get(1); big"],
  ["copies", "let a = [[1], [2]]; let b = a; b[0].push(host::get(seed)); a[1] = host::get(1); [a, b]"],
]);

export const modules: ReadonlyMap<string, string> = new Map([
  ["ask", "fn twice(x) { host::get(x) + host::get(x + 1) } fn plain(x) { x * 2 }"],
]);
