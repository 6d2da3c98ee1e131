/** What `rhai bench` measures without files: name and script. */
export const benchPrograms: ReadonlyMap<string, string> = new Map([
  ["calls", "fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }\nfib(20)"],
  [
    "integers",
    "let sum = 0;\nfor i in 0..200000 { if i % 3 == 0 { sum += i * 2; } else { sum -= 1; } }\nsum",
  ],
  ["floats", "let x = 0.0;\nlet y = 1.5;\nfor i in 0..100000 { x = x * 0.5 + y; y = y - x * 0.001; }\nx"],
  ["strings", 'let out = "";\nfor i in 0..20000 { out += `item ${i}, `; }\nout.len()'],
  [
    "containers",
    "let m = #{};\nfor i in 0..20000 { let k = `k${i % 100}`; if k in m { m[k] += [i]; } else { m[k] = []; } }\n" +
      "m.keys().map(|k| m[k].len()).reduce(|sum, n| sum + n, 0)",
  ],
]);
