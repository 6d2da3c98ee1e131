import { describe, expect, test } from "vitest";
import { parse } from "../syntax/parser.ts";
import { type Scopes, type Unit } from "./binding.ts";
import { analyseColours, type Colours } from "./colour.ts";
import { type SiteNode } from "./colour-sites.ts";
import { type HostName, type HostNames } from "./host-names.ts";
import { analyseScopes } from "./scope.ts";

const waits = { suspends: true };
const host: HostNames = {
  functions: new Map<string, HostName>([
    ["kv::get/1", waits],
    ["kv::set/2", waits],
    ["kv::incr/2", waits],
    ["http::get/1", waits],
    ["docs::find/1", waits],
    ["fetch/1", waits],
    ["kv::collection/1", { suspends: false }],
    ["docs::collection/1", { suspends: false }],
    ["time::now/0", { suspends: false, makesHandle: false }],
  ]),
  methods: new Map<string, HostName>([
    ["get/1", waits],
    ["set/2", waits],
    ["del/1", waits],
    ["find/1", waits],
    ["at/1", { suspends: false }],
  ]),
};

function scopesOf(source: string): Scopes {
  const { program, diagnostics } = parse(source);
  expect(diagnostics).toEqual([]);
  return analyseScopes(program, { given: ["ctx"] });
}

function unitName(scopes: Scopes, unit: Unit): string {
  if (unit.kind !== "closure") return unit.kind === "main" ? "main" : unit.name;
  const closures = scopes.units.filter((one) => one.kind === "closure");
  return `closure ${closures.indexOf(unit) + 1}`;
}

function siteName(node: SiteNode): string {
  if (node.kind === "import") return "import";
  if (node.kind === "binary") return node.operator;
  if (node.kind === "method") return `.${node.name}`;
  return [...node.namespace.map((part) => part.text), node.name].join("::");
}

/** Coloured units, then the calls that may wait. */
function colours(source: string): { readonly units: string; readonly sites: string } {
  const scopes = scopesOf(source);
  const found = analyseColours([scopes], { host });
  return { units: names(scopes, found).join(", "), sites: sites(found).join(" ") };
}

function names(scopes: Scopes, { coloured }: Colours): string[] {
  return scopes.units.filter((unit) => coloured.has(unit)).map((unit) => unitName(scopes, unit));
}

function sites({ sites: all }: Colours): string[] {
  const list = [...all.keys()].toSorted((a, b) => a.at - b.at);
  return list.map((node) => siteName(node));
}

describe("the samples of the measurement", () => {
  test.each<[string, string, string]>([
    [
      "webhook",
      `fn price(i) { let p = i.qty * i.unit; if p > 30 { p -= p / 10; } p }
       fn customer(id) { let c = kv::get("c" + id); if c == () { kv::set("c" + id, #{id: id}); } kv::get("c" + id) }
       let user = customer(7); let items = docs::find("open"); let prices = items.map(|x| price(x));
       let total = prices.reduce(|a, b| a + b, 0); for o in items { kv::set("seen" + o.id, price(o)); }
       let resp = http::get("https://api/x"); if resp.status != 200 { throw "bad"; } #{total: total, body: resp.body}`,
      "main, customer",
    ],
    [
      "pure main",
      "fn sq(x) { x * x } let a = [3, 1]; a.sort(|p, q| q - p); let f = |x| sq(x); f.call(1)",
      "",
    ],
    [
      "host in map",
      `fn load(k) { kv::incr(k, 1) } fn label(s) { s + "!" } let ks = ["a"];
       [ks.map(|k| load(k) * 10), ks.map(|k| label(k)), ks.filter(|v| v > 10)]`,
      "main, load, closure 1",
    ],
    [
      "sort that asks",
      `let rank = kv::collection("rank"); rank.set("x", 3); let a = ["x", "y"];
       a.sort(|p, q| rank.get(p) - rank.get(q)); let m = #{get: 1}; let n = [1]; [a, n.get(1), m.get("get")]`,
      "main, closure 1",
    ],
    [
      "shared cell",
      `let sum = 0; let add = |k| { sum += kv::incr(k, 2); sum }; let pure = |x| x + 1;
       for i in 0..5 { add.call("c"); sum += pure.call(i); } sum`,
      "main, closure 1",
    ],
    [
      "dispatch",
      `fn on_ping(x) { "pong" } fn on_save(x) { kv::set("v", x) } fn on_calc(x) { x * 2 }
       let table = #{ping: Fn("on_ping"), save: Fn("on_save"), calc: |x| on_calc(x)}; let out = [];
       for k in table.keys() { let f = table[k]; out.push(f.call(21)); } out.push(table.calc(4));
       out.push([1, 2].map("on_calc")); let c = Fn("on_calc").curry(9); out.push(c.call()); out`,
      "main, on_save",
    ],
    [
      "tree walk",
      `fn walk(d) { if d == 0 { return kv::incr("leaf", 1); } combine(walk(d - 1), walk(d - 1)) }
       fn combine(a, b) { (a * 31 + b) % 1009 } walk(4)`,
      "main, walk",
    ],
    [
      "this by reference",
      `fn fill(k) { this.push(kv::incr(k, 1)); sub(this) } fn sub(a) { a.push(99); a.len() } let a = [[1], [2]];
       let n = a[1].fill("x"); let m = #{list: [], add: |v| { this.list.push(v + kv::incr("y", 1)); 1 }}; m.add(5)`,
      "main, fill, closure 1",
    ],
    [
      "chain, try, depth, guard",
      `fn i() { kv::incr("i", 1) } fn plain() { 1 } fn deep(n) { if n == 0 { i() } else { deep(n - 1) } }
       let a = [#{b: [1]}]; a[i()].b[plain()] += deep(3); try { plain() } catch (e) { kv::set("e", e); }
       switch plain() { 1 if i() => 1, _ => 2 }`,
      "main, i, deep",
    ],
  ])("%s", (_, source, expected) => {
    expect(colours(source).units).toBe(expected);
  });
});

describe("which calls may wait", () => {
  test.each<[string, string]>([
    ['let m = #{get: 1}; let a = [1]; m.get("x"); a.get(0)', ""],
    ['let c = kv::collection("a"); let m = #{}; c.get(1); m.get(1)', ".get"],
    ['let m = #{db: kv::collection("a"), n: #{}}; m.db.get(1); m.n.get(1)', ".get"],
    ['let a = [kv::collection("a")]; a[0].get(1); for c in a { c.set(1, 2); }', ".get .set"],
    ['fn load(c) { c.get(1) } fn size(m) { m.get(1) } load(kv::collection("a")) + size(#{})', ".get load"],
    ['kv::collection("a").at(1).get(2); #{}.at(1)', ".get"],
    ["time::now().get(1); fetch(1); ctx.get(1)", "fetch"],
    ["fn fetch(x) { x } fetch(1)", ""],
    ["fn f() { kv::get(1) } fn g() { f() } global::g(); f!()", "kv::get f global::g f"],
    ["let f = || kv::get(1); let g = f; let h = || 1; h.call(); g.call()", "kv::get .call"],
    ["fn twice(f) { f.call(); } twice(|| 1); let later = || kv::get(1);", "kv::get"],
    ["fn twice(f) { f.call(); } twice(|| 1); twice(|| kv::get(1));", ".call twice twice kv::get"],
    ["let o = #{v: 1}; o.call(|| kv::get(this.v)); o.call(|| 1)", ".call kv::get"],
    ["[1].map(if ctx.x { |x| x } else { |x| kv::get(x) }); [1].filter(|x| true)", ".map kv::get"],
    [
      'fn load(x) { kv::get(x) } fn pure(x) { x } [1].map("load"); [1].map("pure"); [1].map(load)',
      "kv::get .map .map",
    ],
    [
      'fn load(x) { kv::get(x) } [1].map("lo" + "ad"); [1].map(`load`); [1].map(ctx.f)',
      "kv::get .map .map .map",
    ],
    [
      'fn load(x) { kv::get(x) } Fn("load").call(1); Fn(ctx.name).call(1); Fn("abs").call(1)',
      "kv::get .call .call",
    ],
    ['fn load(x) { kv::get(x) } let f = Fn("load").curry(1); f.call()', "kv::get .call"],
    ["let o = #{save: |x| kv::set(1, x), pure: |x| x}; o.save(1); o.pure(1); o.other(1)", "kv::set .save"],
    [
      'let o = #{}; o.save = |x| kv::set(1, x); o["load"] = |x| kv::get(x); o.save(1); o.load(1)',
      "kv::set kv::get .save .load",
    ],
    ["let o = #{}; o[ctx.name] = |x| kv::get(x); o.anything(1)", "kv::get .anything"],
    [
      "let s = #{a: || kv::get(1)}; let t = s.a; t.call(); let a = [t]; a[0].call(); s.a.call()",
      "kv::get .call .call .call",
    ],
    ["try { throw || kv::get(1); } catch (e) { e.call(); }", "kv::get .call"],
    ["let f = loop { break || kv::get(1); }; f.call(); let g = { || 1 }; g.call()", "kv::get .call"],
    ["let f = (); let g = f ?? || kv::get(1); g.call()", "kv::get .call"],
    ["const F = || kv::get(1); fn use_it() { global::F.call() } use_it()", "kv::get .call use_it"],
    ["fn make() { || kv::get(1) } let f = make(); f.call()", "kv::get .call"],
    ["fn swap() { this = || kv::get(1); } let f = || 1; f.swap(); f.call()", "kv::get .call"],
    ["let a = []; a.push(|| kv::get(1)); let f = a.pop(); f.call()", "kv::get .call"],
    [
      "let a = [|| kv::get(1)]; a.for_each(|| this.call()); a.map(|f| f.call())",
      "kv::get .for_each .call .map .call",
    ],
    ["fn contains(a, b) { kv::get(b) } 1 in [1]; 2 !in [2]", "kv::get in !in"],
    ["let f = take(|| kv::get(1)); f.call()", "kv::get .call"],
    ["for f in [|| kv::get(1)] { f.call(); } for i in 0..3 { i.call(); }", "kv::get .call"],
    [
      "let n = || { let m = || kv::get(1); m.call() }; let p = || || 1; p.call(); n.call()",
      "kv::get .call .call",
    ],
    ["|x| { |y| kv::get(y) }", "kv::get"],
    ["fn a() { b() } fn b() { a() } a()", ""],
    ['import "m" as m; m::f()', "import m::f"],
    ["reduce([1], |a, b| kv::get(a)); sort([1], |a, b| a - b)", "reduce kv::get"],
  ])("%s: %s", (source, expected) => {
    expect(colours(source).sites).toBe(expected);
  });

  test("with eval, calls of values may run anything; the library stays plain", () => {
    const source =
      "let f = || 1; eval(ctx.code); f.call(); [1].map(|x| x); [1].map(f); [1].push(2); ctx.get(1)";
    expect(colours(source).sites).toBe("eval .call .map .get");
  });

  test("nothing waits where the host has nothing to wait for", () => {
    const scopes = scopesOf('eval("1"); kv::get(1); import "m" as m; m::f()');
    const found = analyseColours([scopes], { host: { functions: new Map(), methods: new Map() } });
    expect([found.coloured.size, found.sites.size]).toEqual([0, 0]);
  });

  test("what a site waits for", () => {
    const source =
      "fn f() { kv::get(1) } let g = f; let c = kv::collection(1); c.get(2); f(); g.call(); c.call(g); kv::get(3)";
    const scopes = scopesOf(source);
    const list = [...analyseColours([scopes], { host }).sites].toSorted(([a], [b]) => a.at - b.at);
    expect(
      list.map(([node, { isHost, isHandle, isDirect, isDynamic }]) => [
        siteName(node),
        isHost,
        isHandle,
        isDirect,
        isDynamic,
      ]),
    ).toEqual([
      ["kv::get", true, false, false, false],
      [".get", false, true, false, false],
      ["f", false, false, true, false],
      [".call", false, false, false, true],
      [".call", false, false, false, true],
      ["kv::get", true, false, false, false],
    ]);
  });

  test("reasons name the way to the host", () => {
    const scopes = scopesOf(
      "fn f() { kv::get(1) } fn g(h) { h.call() } g(f); let c = kv::collection(1); c.get(1)",
    );
    const { coloured } = analyseColours([scopes], { host });
    const reasons = scopes.units.map(
      (unit) => `${unitName(scopes, unit)}: ${coloured.get(unit)?.text ?? "plain"}`,
    );
    expect(reasons).toEqual([
      "main: calls .get of a handle",
      "f: calls kv::get of the host",
      "g: call may call f/0",
    ]);
  });
});

describe("modules are looked at together", () => {
  const module =
    "fn load(k) { kv::get(k) } fn pure(x) { x } fn run(f) { f.call() } private fn hidden() { kv::get(1) }";
  test("their functions have colours of their own, and values pass through", () => {
    const inner = scopesOf(module);
    const outer = scopesOf('import "m" as m; m::load(1); m::pure(1); m::run(|| 1)');
    const found = analyseColours([outer, inner], { host, moduleOf: () => inner });
    expect(names(outer, found)).toEqual(["main"]);
    expect(names(inner, found)).toEqual(["load", "hidden"]);
    expect(sites(found)).toEqual(expect.arrayContaining(["kv::get", "m::load"]));
    expect(sites(found)).not.toContain("m::run");

    const second = scopesOf('import "m" as m; m::run(|| kv::get(1))');
    const again = analyseColours([second, inner], { host, moduleOf: () => inner });
    expect(names(second, again)).toEqual(["main", "closure 1"]);
    expect(names(inner, again)).toEqual(["load", "run", "hidden"]);
  });

  test("a module that is not there makes nobody wait", () => {
    const outer = scopesOf('import "m" as m; m::f(1); m::sub::g()');
    expect(sites(analyseColours([outer], { host, moduleOf: () => "none" }))).toEqual([]);
  });

  test("an import waits if the module's own statements do", () => {
    const inner = scopesOf("export const X = kv::get(1);");
    const outer = scopesOf('import "m" as m; m::X');
    expect(sites(analyseColours([outer, inner], { host, moduleOf: () => inner }))).toContain("import");
  });
});
