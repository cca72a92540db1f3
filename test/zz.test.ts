import { parseSnapshot } from "/work/main/src/hierarchy/snapshot-read.ts";
import { printSnapshot } from "/work/main/src/hierarchy/snapshot-print.ts";
import {test} from "vitest"; test("x",()=>{
for (const t of ["", "\ufeff", "[]", "x", "oomMemcg: a\nmemcgs:\n  - {path: /a/../b, badness: 0x10}\n  - {path: /c, badness: [1]}\n  - {path: //c/, badness: '5 '}\ntasks:\n  - {pid: 1}\n  - {pid: 1, memcg: /a, badness: }\n", "a: 1\na: 2\n", "a:\n\t- b", "oomMemcg: /\nmemcgs: {", "a: &a [x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]", "["+"[".repeat(200000), "[".repeat(100000)+"]".repeat(100000), "- ".repeat(100000), "[" + "1,".repeat(2e6)+"]", "{" + Array.from({length:300000},(_, i)=>"k"+i).join(",")+"}", "oomMemcg: *x", "oomMemcg: &p /a\n__proto__: {polluted: 1}\nconstructor: 3\nmemcgs:\n - {path: *p, badness: &b -0}\n - {path: /x, badness: *b}", "--- \noomMemcg: /\n---\nx: 1\n","oomMemcg: /\x00", "oomMemcg: \"/\\0\""]) {
 const s=Date.now(); const r=parseSnapshot(t); console.log(JSON.stringify(t.slice(0,40)), "faults" in r ? r.faults.slice(0,12).map(f=>`${f.line}:${f.column}: ${f.message.slice(0,120)}`) : JSON.stringify(r.snapshot), Date.now()-s);
}
});
