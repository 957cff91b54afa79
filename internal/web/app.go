package web

import "net/http"

// The pages that the web application fills. The server draws what is around them, so that they look like every other page and know
// who is signed in.
var appPages = map[string]struct{ title, source string }{
	"/verifikasi": {"verify.title", "src/verify/Page.svelte"},
	"/simulasi":   {"simulasi.title", "src/simulasi/Page.svelte"},
	"/pasang":     {"install.title", "src/pasang/Page.svelte"},
}

// shell is what the template of these pages shows.
type shell struct {
	Route string
	Built bool // whether there is an application to fill it
}

func (s *server) appPage(route string) handler {
	p := appPages[route]
	return func(c *call) error {
		v := view{TitleKey: p.title, Data: shell{Route: route, Built: s.assets.app != nil}}
		if app := s.assets.app; app != nil {
			v.Script = app.main
			v.Preload = append(append([]string{}, app.pieces["src/main.ts"][1:]...), app.pieces[p.source]...)
			v.Preload = append(v.Preload, app.pieces["../internal/web/text/app/"+c.lang+".json"]...)
			c.w.Header().Set("Content-Security-Policy", appPolicy)
			c.w.Header().Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		}
		return c.show(http.StatusOK, "app", v)
	}
}
