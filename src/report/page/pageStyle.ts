/**
 * The look of a report page: one column that reads on a phone, light and dark, no outside resource. Pictures are never higher than 40rem,
 * as heat maps of long sequences would be, which are squeezed; nor wider, so that square ones stay square.
 */
export const pageStyle = `
:root{color-scheme:light dark;--page:#fff;--ink:#1f2328;--soft:#57606a;--rule:#d8dee4;--panel:#f6f8fa;--accent:#0072b2}
@media(prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e6e9ed;--soft:#a4adb8;--rule:#30363d;--panel:#1c2128;--accent:#56b4e9}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;\
-webkit-text-size-adjust:100%}
main{max-width:50rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:clamp(1.5rem,4.5vw,2rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .75rem;text-wrap:balance}
a{color:var(--accent)}
p{margin:.75rem 0;max-width:44rem}
.lead{font-size:1.1rem;color:var(--soft)}
.caption{font-size:.9rem;line-height:1.5;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .75rem;text-align:left;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-size:.8rem;line-height:1.3;font-weight:600;color:var(--soft);vertical-align:bottom;white-space:normal}
th:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
tbody th{font-size:inherit;line-height:inherit;color:inherit;vertical-align:inherit;white-space:nowrap}
.right{text-align:right}
.figure{margin:1rem 0 0}
.figure svg{display:block}
.narrow{display:none}
.pictures section{margin:1rem 0}
.pictures h3{font-size:.95rem;line-height:1.4;margin:0 0 .35rem}
.pictures small{font-weight:400;color:var(--soft);margin-left:.6rem;font-size:.9rem}
.strip{display:grid;grid-template-columns:repeat(var(--count),1fr);gap:clamp(2px,.6vw,6px)}
.strip figure{margin:0}
.strip img{display:block;width:100%;max-width:40rem;height:auto;max-height:40rem;image-rendering:pixelated;\
border-radius:3px;outline:1px solid var(--rule);outline-offset:-1px}
.strip figcaption{font-size:.75rem;line-height:1.7;text-align:center;color:var(--soft);font-variant-numeric:tabular-nums}
.scale{position:relative;max-width:22rem;height:2.4rem;margin:1rem 0 .5rem;font-size:.75rem;\
color:var(--soft);font-variant-numeric:tabular-nums}
.scale img{display:block;width:100%;height:.8rem;border-radius:3px;outline:1px solid var(--rule);outline-offset:-1px}
.scale span{position:absolute;top:1rem;transform:translateX(-50%)}
.scale span:nth-of-type(1){transform:none}
.scale span:last-child{transform:translateX(-100%)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:1rem 0;font-size:.95rem}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
details{border:1px solid var(--rule);border-radius:6px;margin:.6rem 0;background:var(--panel)}
summary{cursor:pointer;padding:.5rem .9rem;font-size:.95rem;font-weight:600}
pre{margin:0;padding:.25rem .9rem .9rem;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:.85rem;color:var(--soft)}
@media(max-width:36rem){
body{font-size:16px}
main{padding:1.5rem 1rem 3rem}
.wide{display:none}
.narrow{display:block}
th,td{padding:.45rem .4rem}
td,tbody th{font-size:.9rem}
tbody th{white-space:normal}
.strip figcaption{font-size:.62rem}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.5rem}
}
@media print{
body{font-size:11pt}
h2{break-after:avoid}
.scroll{overflow:visible}
table{font-size:8.5pt}
th,td,tbody th{padding:.2rem .3rem;font-size:inherit;white-space:normal}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.figure,.pictures section,tr{break-inside:avoid}
}
`;
