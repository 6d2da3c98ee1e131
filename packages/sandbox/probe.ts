import { handler, job, run, testSandbox, TestHost } from "./src/testing/harness.ts";
const sb = testSandbox();
setTimeout(() => { console.log(sb.events); process.exit(1); }, 4000).unref();
console.log(await run(sb, job(handler(process.argv[2] ?? "() => ({ hello: 'world' })"), {limits:{timeoutMs:3000}})));
console.log(sb.events); await sb.close();
