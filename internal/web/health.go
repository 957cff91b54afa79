package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

func (s *server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

// readyTimeout bounds all checks together; whoever asks will ask again.
const readyTimeout = 5 * time.Second

// readyz names each check as ok or failed. Why one failed is in the log: anybody may ask here.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	status, result := http.StatusOK, map[string]string{}
	for _, c := range s.Ready {
		result[c.Name] = "ok"
		if err := c.Run(ctx); err != nil {
			s.Log.Error("not ready", "check", c.Name, "error", err)
			status, result[c.Name] = http.StatusServiceUnavailable, "failed"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "checks": result})
}
