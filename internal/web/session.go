package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	langCookie  = "absah_lang"
	themeCookie = "absah_theme"
)

var themes = []string{"auto", "light", "dark"}

// theme is how the page is to look: what the visitor chose, or as their device has it.
func theme(r *http.Request) string {
	if k, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes, k.Value) {
		return k.Value
	}
	return "auto"
}

// chooseTheme remembers how pages are to look, and goes back to the one where that was asked. The cookie may be read by scripts: the
// application sets it too, where another page would lose what is on this one.
func (s *server) chooseTheme(c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	if t := c.value("tema"); slices.Contains(themes, t) {
		http.SetCookie(c.w, &http.Cookie{Name: themeCookie, Value: t, Path: "/", Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int((365 * 24 * time.Hour).Seconds())})
	}
	c.redirect(local(c.value("kembali")))
	return nil
}

// sessionCookie has the prefix that keeps other hosts of the domain from setting it, where the connection allows.
func (s *server) sessionCookie() string {
	if s.Secure {
		return "__Host-absah"
	}
	return "absah"
}

func (s *server) setSession(w http.ResponseWriter, token string) {
	k := &http.Cookie{
		Name: s.sessionCookie(), Value: token, Path: "/", HttpOnly: true, Secure: s.Secure,
		// Lax and not Strict: links in a web mailbox are cross-site, and their pages need the session.
		SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		k.MaxAge = -1
	}
	http.SetCookie(w, k)
}

// switchLanguage remembers the language and shows the same page again without the parameter.
func (s *server) switchLanguage(w http.ResponseWriter, r *http.Request, lang string) {
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: lang, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int((365 * 24 * time.Hour).Seconds()),
	})
	u := *r.URL
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	http.Redirect(w, r, local(u.RequestURI()), http.StatusSeeOther)
}

// local keeps a redirect on this server: a path, and not the start of another address.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
