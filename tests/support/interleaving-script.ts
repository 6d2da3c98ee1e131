/** A script with every construct that lets go of the thread. Each call of `host` has a tag that begins with the run's own
 *  id, so the side that answers the calls can tell whether the call was made in the run it says. Two tests use it: of the
 *  compile pass alone, and of the pass and the sandbox together. */

/** TypeScript that uses `host(tag)` and `later(ms)` and declares `all(id)`, which gives the id back. */
export const EVERY_CONSTRUCT = `
const quiet = () => 0;
let shared: Promise<unknown> | null = null, sharedRejection: Promise<unknown> | null = null;
class Query { constructor(private id: string) {} then(a: any, b: any) { return host(this.id + ':thenable').then(a, b) } }
async function* gen(id: string) { for (let i = 0; i < 3; i++) { await host(id + ':gen'); yield i; host(id + ':gen-after').catch(quiet); } }
async function* outer(id: string): AsyncGenerator<number, void> {
  try { const r = yield* gen(id); host(id + ':after-delegate').catch(quiet); yield* [7, 8]; host(id + ':after-list').catch(quiet); yield host(id + ':yield-promise') as any; host(id + ':after-yield-promise').catch(quiet);
    try { yield host(id + ':yield:reject') as any } catch { host(id + ':yield-caught').catch(quiet) } }
  finally { host(id + ':gen-finally').catch(quiet); await host(id + ':gen-finally2'); host(id + ':gen-finally3').catch(quiet) }
}
const arrow = async (id: string) => (await host(id + ':arrow'), { v: await host(id + ':arrow2') });
const arrow2 = async (id: string) => (await host(id + ':a3') as any) + (await host(id + ':a4')) + host(id + ':a5').catch(quiet);
async function deep(id: string, n: number): Promise<void> { 'use strict'; if (n === 0) { await host(id + ':deep'); throw new Error('x') } try { await deep(id, n - 1) } finally { await host(id + ':fin' + n); host(id + ':fin-after' + n).catch(quiet) } }
class Service { #p = 1; static made = (() => { try { throw 1 } catch { return 2 } })(); static { try { throw 1 } catch {} }
  field = async (id: string) => { await host(id + ':field'); host(id + ':field2').catch(quiet) };
  async m(id: string) { await host(id + ':method'); return this.#p }
  static async s(id: string) { const f = async () => { await host(id + ':inner'); host(id + ':inner2').catch(quiet) }; await Promise.all([f(), f(), host(id + ':all')]); } }
async function* patterns(id: string) { for (let i = 0; i < 2; i++) { await host(id + ':p'); yield { i } as any } }
async function all(id: string, other = async (x: string) => { await host(x + ':default'); host(x + ':default2').catch(quiet) }) {
  await host(id + ':1'); host(id + ':unawaited').then(() => host(id + ':in-then')).catch(() => host(id + ':in-catch'));
  shared ??= later(1); await shared; host(id + ':after-shared').catch(quiet);
  sharedRejection ??= later(1).then(() => { throw new Error('shared') }); try { await sharedRejection } catch { host(id + ':after-shared-rejection').catch(quiet) }
  try { await host(id + ':reject'); } catch (e) { host(id + ':in-catch2').catch(quiet); } finally { host(id + ':in-finally').catch(quiet); }
  try { await host(id + ':again:reject'); } catch ({ message = host(id + ':never'), [(host(id + ':in-pattern').catch(quiet), 'name')]: n }: any) { let other = 1; host(id + ':pattern-body').catch(quiet); }
  try { await deep(id, 3) } catch { await host(id + ':deep-caught') }
  l: for await (const x of gen(id)) { if (x === 1) continue l; host(id + ':body').catch(quiet); }
  host(id + ':after-for').catch(quiet);
  up: for (const n of [1, 2]) { for await (const x of outer(id)) { if (x === 7) continue up; if (n === 2 && x === 0) break up } }
  host(id + ':after-up').catch(quiet);
  for await (const x of outer(id)) host(id + ':outer-body').catch(quiet);
  for await (const { i, [(host(id + ':loop-pattern').catch(quiet), 'i')]: j, k = await host(id + ':loop-default') } of patterns(id)) host(id + ':loop-body').catch(quiet);
  let target: any = {}; for await (target.x of gen(id)) { host(id + ':target').catch(quiet) }
  const g = gen(id), both = await Promise.all([g.next(), g.next(), g.next(), g.next()]); host(id + ':after-both').catch(quiet);
  const t = outer(id); await t.next(); await t.throw(new Error('in')).catch(quiet); host(id + ':after-throw').catch(quiet);
  const u = outer(id); await u.next(); await u.return(); host(id + ':after-return').catch(quiet);
  await arrow(id); await arrow2(id); await other(id); await new Service().m(id); await new Service().field(id); await Service.s(id); await new Query(id); host(id + ':after-q').catch(quiet);
  await (async () => new Query(id))(); host(id + ':after-returned-q').catch(quiet);
  const r = await Promise.race([host(id + ':r1'), host(id + ':r2')]).finally(() => host(id + ':pf').catch(quiet)); host(id + ':after-race').catch(quiet);
  const o = { async ['x' + 1]() { return await host(id + ':computed') }, get y() { return 1 } } as any; await o.x1();
  for (const p of [host(id + ':p1'), host(id + ':p2')]) await p; if (id) for await (const z of [host(id + ':z')]) host(id + ':z-body').catch(quiet);
  switch (await host(id + ':switch')) { case await host(id + ':case'): host(id + ':in-case').catch(quiet) }
  while (!(await host(id + ':while'))); host(id + ':end').catch(quiet);
  return id;
}
`;

/** Calls that a run of `all` makes at least. */
export const CALLS_MIN = 90;
