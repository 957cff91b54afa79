package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"

	"absah/internal/app"
)

type serveCmd struct {
	Dir            string `env:"ABSAH_DIR" default:"absah-data" help:"Folder of the instance."`
	Listen         string `env:"ABSAH_LISTEN" default:"127.0.0.1:8080" help:"Address to serve on."`
	URL            string `name:"url" env:"ABSAH_URL" help:"Address under which people reach it (default: the one it listens on)."`
	PassphraseFile string `env:"ABSAH_PASSPHRASE_FILE" required:"" placeholder:"F" help:"File whose first line opens the keys of the authorities."`
	SMTP           string `name:"smtp" env:"ABSAH_SMTP" placeholder:"HOST:PORT" help:"Mail server; without one, mails wait."`
	SMTPSecurity   string `name:"smtp-security" env:"ABSAH_SMTP_SECURITY" enum:"starttls,tls,none" default:"starttls" help:"starttls, tls or none."`
	SMTPUser       string `name:"smtp-user" env:"ABSAH_SMTP_USER" help:"User of the mail server."`
	SMTPPassFile   string `name:"smtp-password-file" env:"ABSAH_SMTP_PASSWORD_FILE" placeholder:"F" help:"File whose first line is its password."`
	SMTPFrom       string `name:"smtp-from" env:"ABSAH_SMTP_FROM" help:"Sender of mails."`
}

// Help is shown below the flags.
func (serveCmd) Help() string {
	return "The first start makes the certificate authority. Keep folder and passphrase; one is of no use without the other. operator.json in the folder says who runs it (docs/operator.md).\n\n" +
		"  absah serve --dir /var/lib/absah --passphrase-file /etc/absah/passphrase --url https://tte.contoh.go.id"
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(ctx context.Context) error {
	cfg := app.Config{Dir: c.Dir, Listen: c.Listen, BaseURL: c.URL, Draw: drawing(), Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	var err error
	if cfg.Passphrase, err = secretFile(c.PassphraseFile); err != nil {
		return err
	}
	if cfg.Passphrase == "" {
		return errors.New("the passphrase file is empty")
	}
	if c.SMTP != "" {
		cfg.SMTP = &app.SMTP{Address: c.SMTP, Security: c.SMTPSecurity, User: c.SMTPUser, From: c.SMTPFrom}
		if c.SMTPPassFile != "" {
			if cfg.SMTP.Password, err = secretFile(c.SMTPPassFile); err != nil {
				return err
			}
		}
	}
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(ctx, func(addr net.Addr) { say("serving %s (%s)", a.BaseURL(), addr) })
}
