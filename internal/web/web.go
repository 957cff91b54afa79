// Package web serves the pages of Absah and, on the same mux, what machines ask of the certificate services. Pages are rendered
// on the server and work without JavaScript, except those that the web application of the folder web fills; all of them speak
// Indonesian and English, and run nothing and load nothing that is not ours.
package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"absah/internal/account"
	"absah/internal/ra"
	"absah/internal/status"
)

// Deps are what the pages show and act on. Accounts and Registration are required.
type Deps struct {
	Accounts     *account.Service
	Registration *ra.Service
	PKI          *PKI       // nil = no machine endpoints
	Documents    *Documents // nil = no signing and no paper check
	// Revoked is the state of a certificate that was issued here; nil = pages do not tell of revocation.
	Revoked  func(ctx context.Context, der []byte) (status.State, error)
	Trust    *Trust   // nil = no files to trust this instance by
	Check    Checker  // nil = files are checked on people's own devices only
	Relay    *Relay   // nil = issuers are not asked for browsers
	Operator Operator // what those who run it say about themselves

	// Mailbox returns the latest mails for /dev/mail, newest first; nil = there is no such page. Only for a demo: whoever
	// reads these mails can activate accounts.
	Mailbox func(ctx context.Context) ([]Letter, error)
	// Ready names what has to work; /readyz is 503 while one of them fails.
	Ready []Check

	App fs.FS // the built web application; nil = the one in the program

	Secure   bool                       // reached by https: cookies are marked so
	Demo     bool                       // a banner says that nothing here is real
	ClientIP func(*http.Request) string // behind a proxy; nil = the peer's address
	Now      func() time.Time           // nil = time.Now
	Log      *slog.Logger               // nil = slog.Default()
}

// Letter is one mail of the demo's mailbox.
type Letter struct {
	To      string
	Subject string
	Text    string
	Date    time.Time
}

// Check is one line of /readyz.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

type server struct {
	Deps
	pages  pages
	assets *assets
	build  func() string   // the state of the web application; not before the routes are set
	shown  map[string]bool // the patterns that GET shows, without the method

	judging                 chan struct{} // a place for each judgement that may run at once
	misses                  *limiter      // codes on paper that nobody has
	checking                chan struct{} // and of a stranger's file, which may wait for others: so that documents kept here need not
	relaying                chan struct{} // and for each question to an issuer
	checkLimit, statusLimit *limiter
	signing                 *once
}

// New returns the handler of everything: pages, machine endpoints, health.
func New(d Deps) http.Handler {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.ClientIP == nil {
		d.ClientIP = func(r *http.Request) string {
			host, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				return r.RemoteAddr
			}
			return host
		}
	}
	if d.App == nil {
		var err error
		if d.App, err = fs.Sub(dist, "dist"); err != nil {
			panic(err)
		}
	}
	a := mustAssets(d.App)
	s := &server{
		Deps: d, pages: mustPages(a), assets: a, shown: map[string]bool{},
		judging: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), checking: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), relaying: make(chan struct{}, statusPlaces),
		misses: newLimiter(maxMisses, missWindow, d.Now), checkLimit: newLimiter(checksPerHour, time.Hour, d.Now), statusLimit: newLimiter(statusPerMinute, time.Minute, d.Now),
		signing: newOnce(d.Now),
	}
	s.build = sync.OnceValue(s.hashShells)
	return s.protect(s.routes())
}
