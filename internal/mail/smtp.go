package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the connection to the mail server is protected.
type Security string

// Ways to protect the connection.
const (
	StartTLS    Security = "starttls" // required; the default
	ImplicitTLS Security = "tls"
	Plain       Security = "none" // only for a server on this machine or a trusted network
)

// SMTP is a Sender over one mail server; each message is one conversation.
type SMTP struct {
	Host     string
	Port     int      // 0 = 587, or 465 with ImplicitTLS, or 25 with Plain
	Security Security // "" = StartTLS
	User     string   // "" = no log-in
	Password string
	From     string // address of the sender
	FromName string
	Hello    string        // name in EHLO; "" = this machine's
	Timeout  time.Duration // of one network step; 0 = 15 s
	TLS      *tls.Config   // nil = the system's roots, server name Host
}

var _ Sender = (*SMTP)(nil)

// Send delivers one message.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.message(m)
	if err != nil {
		return errors.Join(ErrRefused, err)
	}
	c, err := s.client()
	if err != nil {
		return err
	}
	if err := c.DialAndSendWithContext(ctx, msg); err != nil {
		if refused(err) {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	return nil
}

// refused says whether the server will never take this message. What it says about us (log-in, relaying, policy: RFC 3463
// class X.7) may be a setting that somebody repairs, so such mails wait.
func refused(err error) bool {
	var se *gomail.SendError
	if !errors.As(err, &se) || se.IsTemp() || se.ErrorCode() < 500 || strings.Contains(se.EnhancedStatusCode(), ".7.") {
		return false
	}
	switch se.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return true
	}
	return false
}

func (s *SMTP) client() (*gomail.Client, error) {
	port, sec := s.Port, s.Security
	if sec == "" {
		sec = StartTLS
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	opts := []gomail.Option{gomail.WithTimeout(timeout)}
	switch sec {
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
		port = or(port, 587)
	case ImplicitTLS:
		opts = append(opts, gomail.WithSSL())
		port = or(port, 465)
	case Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
		port = or(port, 25)
	default:
		return nil, fmt.Errorf("mail: security %q is unknown; use starttls, tls or none", sec)
	}
	opts = append(opts, gomail.WithPort(port))
	if s.TLS != nil {
		opts = append(opts, gomail.WithTLSConfig(s.TLS))
	}
	if s.Hello != "" {
		opts = append(opts, gomail.WithHELO(s.Hello))
	}
	if s.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, opts...)
}

func or(a, b int) int {
	if a == 0 {
		return b
	}
	return a
}

func (s *SMTP) message(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	// FromFormat and AddToFormat put a name between quotes as it is; one with a quote of its own would not be a name any more.
	if err := msg.From((&netmail.Address{Name: s.FromName, Address: s.From}).String()); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := msg.AddTo((&netmail.Address{Name: m.Name, Address: m.Email}).String()); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(m.ID)
	// RFC 3834 §5: keeps vacation programs from answering.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", "id, en")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
