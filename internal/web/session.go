package web

import (
	"net/http"
	"strings"
	"time"
)

const langCookie = "absah_lang"

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
