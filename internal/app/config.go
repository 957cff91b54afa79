// Package app puts the services together into a running instance: configuration, wiring, listener, jobs, shutdown.
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Config describes an instance. The zero value of a field has the meaning that its comment says.
type Config struct {
	// Dir holds everything: database, sealed keys, documents.
	Dir string

	// Listen is the address to serve on; "" is 127.0.0.1:8080.
	Listen string

	// BaseURL is the address under which people reach the server, without a slash at the end; "" is http:// and Listen. It goes into
	// certificates (where status is found), QR codes and mails, and should not change afterwards.
	BaseURL string

	// Passphrase opens the sealed keys of the authorities.
	Passphrase string

	// SMTP is the mail server; nil: mails wait in the outbox.
	SMTP *SMTP

	// Draw is the command of the child process that draws first pages (picture.Child, with the folder for its cache as last argument);
	// none: no first page can be shown.
	Draw []string

	// Demo seeds invented people, shows the mailbox page and keeps the text of sent mails. Never in real use.
	Demo bool

	// Now is the clock; nil: time.Now.
	Now func() time.Time

	// Log gets what operators read; nil: nothing is logged. Personal data never goes there.
	Log *slog.Logger
}

// SMTP is how mail is delivered.
type SMTP struct {
	Address  string // host:port
	Security string // starttls (default), tls or none
	User     string
	Password string
	From     string
}

func (c *Config) complete() error {
	if c.Dir == "" {
		return errors.New("no folder for the data is given")
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("address to listen on: %w", err)
	}
	if c.BaseURL == "" {
		c.BaseURL = "http://" + c.Listen
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no address of a server, as https://tte.contoh.go.id", c.BaseURL)
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// plainURL is the address for status and certificates: over plain HTTP, because https there would make the check of one
// certificate depend on the check of another.
func (c *Config) plainURL() string {
	return "http://" + strings.TrimPrefix(strings.TrimPrefix(c.BaseURL, "https://"), "http://")
}

func (c *Config) path(name string) string { return filepath.Join(c.Dir, name) }
