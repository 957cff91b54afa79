package mail

import (
	"errors"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server that keeps what it gets instead of sending it on: the demo's mailbox, reached by a real SMTP
// conversation. It listens on this machine only.
type Sink struct {
	server *smtp.Server
	l      net.Listener

	mu   sync.Mutex
	list []Received
}

// Received is one mail that reached the sink.
type Received struct {
	From, To string
	Raw      []byte
	At       time.Time
}

// Bounds of the sink: it keeps the newest mails.
const (
	sinkMail  = 1 << 20
	sinkMails = 500
)

// NewSink starts a sink on a free port.
func NewSink() (*Sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{l: l}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s}, nil }))
	s.server.Domain = "localhost"
	s.server.MaxMessageBytes = sinkMail
	s.server.MaxRecipients = 10
	s.server.ReadTimeout, s.server.WriteTimeout = 10*time.Second, 10*time.Second
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

// Address is where the sink listens.
func (s *Sink) Address() string { return s.l.Addr().String() }

// Close stops it.
func (s *Sink) Close() error {
	err := s.server.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Mails are those received, oldest first.
func (s *Sink) Mails() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.list...)
}

// Subject is the decoded subject of the mail.
func (r Received) Subject() string {
	m, err := netmail.ReadMessage(strings.NewReader(string(r.Raw)))
	if err != nil {
		return ""
	}
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return ""
	}
	return s
}

type sinkSession struct {
	sink     *Sink
	from, to string
}

func (s *sinkSession) Reset()        { s.from, s.to = "", "" }
func (s *sinkSession) Logout() error { return nil }

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, sinkMail))
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.list = append(s.sink.list, Received{s.from, s.to, b, time.Now()})
	if len(s.sink.list) > sinkMails {
		s.sink.list = s.sink.list[1:]
	}
	return nil
}
