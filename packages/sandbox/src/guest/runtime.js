// The runtime inside every context: it is evaluated before any user code, keeps what it needs of the language in
// variables of its own, and answers frames (`protocol.ts`, "frames of an isolate").
//
// HOW A GUEST FILE IS WRITTEN (guest/web/*.js, guest/std/*.js)
// A file is one parenthesized function expression and nothing else:
//
//   (function (rt) { 'use strict'; …; return { __proto__: null, Name: value, $hidden: value }; })
//
// The table in `guest-text.ts` lists the names that a file returns. It is evaluated on the first touch of one of them:
// `globals` are getters on globalThis (not enumerable, never replaced), `std` are members of `import … from "picloud"`,
// names that begin with `$` are for the runtime and for `rt.get` only. The runtime freezes every returned function or
// class, its `prototype`, and every returned plain object (one level). When the file runs, user code may have run
// before it: all intrinsics and global names are frozen by then and may be used as they are, EXCEPT `RegExp.prototype`,
// which user code may have changed: no regular expression methods and no String method that takes one; use
// `rt.regexpExec`. Objects given by user code may have getters, proxies, `toString` and `then` of their own. State is in
// private fields or closures; records that are read by name have `__proto__: null`.
//
// rt (frozen, no prototype):
//   uncurry(method)                   (self, ...args) => method.call(self, ...args), safe against changed `call`
//   regexpExec(regexp, text)          the captured RegExp.prototype.exec
//   now()                             ms since the epoch; the clock of the entry, stands still inside it
//   random(n)                         Uint8Array of n bytes from the generator of the current run (throws without a run)
//   PicloudError                      class (code, message, retryable = false, details = undefined)
//   get(name)                         value of that name of any guest file, evaluated when needed ("URL", "$requestFrom")
//   wrap(fn)                          fn, called later with the run that is current now (event listeners, callbacks)
//   setTimer(fn, ms) / clearTimer(id) a timer of the current run (AbortSignal.timeout); the globals are in timers.js
//   then(promise, ok, fail)           the captured Promise.prototype.then
//   malformed(error)                  marks an error: if the script does not catch it, the answer is 400
//                                     malformed_request (Request.json); gives the error back
//   text(value)                       String(value) that never throws
//
// HOOKS that the runtime takes from guest files:
//   $requestFrom(method, url, headers, body, bodyIsBytes, getSignal) → Request. `headers` is "name\0value\0" repeated, as
//                                     received; parsed on first touch. `body` is the text, or with bodyIsBytes one char
//                                     U+0000–U+00FF per byte. getSignal() gives the run's AbortSignal.
//   $responseParts(value)             → undefined if value is no Response, else { status, headerBlock, body, bodyIsBytes };
//                                     headerBlock is "name: value\r\n" repeated, names in lower case. Throws a TypeError if
//                                     the body was used already.
//   $headerBlock(value)               the same block for what `new Headers(value)` accepts (response maps)
//   $abortSignal()                    → { signal, abort(reason) }: one AbortSignal and the function that aborts it
