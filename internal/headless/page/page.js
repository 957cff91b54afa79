"use strict";
// The page does what the portal's does: it leaves the work to a worker. What comes back goes to the server that asked.
const post = (path, value) => fetch(path, { method: "POST", body: JSON.stringify(value) });
const worker = new Worker("worker.js");
worker.onmessage = (e) => post("result", e.data);
worker.onerror = (e) => post("result", { fatal: `${e.message} (${e.filename}:${e.lineno})` });
document.addEventListener("securitypolicyviolation", (e) => post("result", { fatal: `the policy forbids ${e.violatedDirective} ${e.blockedURI}` }));
