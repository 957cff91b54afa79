package web

import "net/http"

// policy lets pages load our style sheet and our pictures, send forms to us, and nothing else: no script at all. Pages of the web
// application have appPolicy.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// appPolicy is for the pages that the web application fills. It runs our scripts alone, and turns text into a script or a part of a
// page only where one of the two named rules lets it: Svelte's, for the templates that its compiler made, and our own for the
// addresses of workers.
const appPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types svelte-trusted-html absah"

// wasmPolicy comes with the script of the worker that runs the verifier, and with nothing else: a worker follows the policy of its own
// answer, so that no page may compile wasm.
const wasmPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// workerPolicy is for workers that run no wasm.
const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// filePolicy is for what people uploaded: it may not even be a page.
const filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// protect sets the headers of every answer and refuses forms that another site sends.
func (s *server) protect(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(s.page(func(c *call) error {
		return c.sorry(http.StatusForbidden, "cross.title", "cross.text")
	}))
	checked := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		// Links in mails carry tokens, so no other site sees where people come from. Under "no-referrer" a browser would send
		// "Origin: null" with our own forms too (Fetch Standard, "append a request Origin header"), and where it sends no
		// Sec-Fetch-Site, as on plain HTTP in an office network, each of them would look foreign.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if r.URL.Path != "/" {
			h.Set("X-Robots-Tag", "noindex") // names of signers and links of mails are for those who hold the address
		}
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		checked.ServeHTTP(w, r)
	})
}
