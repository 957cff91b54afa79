package mail

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
)

// Message is one mail, ready to be sent.
type Message struct {
	ID      string    `json:"id"` // Message-ID without the brackets; the same on every attempt
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Date    time.Time `json:"date"`
}

// Item is one row of the outbox.
type Item struct {
	ID        string
	Kind      string
	Recipient string
	Sealed    []byte // the Message; nil once sent, unless sent mails are kept
	CreatedAt time.Time
	DueAt     time.Time
	Attempts  int
	SentAt    time.Time // zero until a server took it
	FailedAt  time.Time // zero unless it was given up
	LastError string
}

// Store keeps the outbox.
type Store interface {
	AddMail(ctx context.Context, i Item) error // joins the transaction of ctx
	DueMail(ctx context.Context, now time.Time, limit int) ([]Item, error)
	UpdateMail(ctx context.Context, i Item) error
	RecentMail(ctx context.Context, limit int) ([]Item, error) // newest first
}

// Sealer encrypts a waiting mail for its place in the database.
type Sealer interface {
	Seal(place string, plain []byte) []byte
	Open(place string, sealed []byte) ([]byte, error)
}

// Outbox writes mails into the store. It is safe for concurrent use.
type Outbox struct {
	store  Store
	seal   Sealer
	domain string
	now    func() time.Time
}

// NewOutbox makes an outbox; domain is the right part of its Message-IDs, usually that of the sender's address.
func NewOutbox(s Store, seal Sealer, domain string, now func() time.Time) *Outbox {
	if now == nil {
		now = time.Now
	}
	if domain == "" {
		domain = "absah.invalid"
	}
	return &Outbox{s, seal, domain, now}
}

// Send writes the mail of a kind to a person and puts it into the outbox, in the transaction of ctx. A fact that the text needs
// and facts lacks is an error, and so is an address that is none.
func (o *Outbox) Send(ctx context.Context, kind, name, email string, facts map[string]string) error {
	if a, err := netmail.ParseAddress(email); err != nil || a.Address != email || strings.ContainsAny(email, "\r\n") {
		return fmt.Errorf("mail %s: the recipient has no usable address", kind)
	}
	m, err := write(kind, name, facts)
	if err != nil {
		return fmt.Errorf("mail %s: %w", kind, err)
	}
	now := o.now().UTC().Truncate(time.Microsecond)
	id := strings.ToLower(rand.Text())
	m.ID, m.Kind, m.Name, m.Email, m.Date = id+"@"+o.domain, kind, line(name), email, now
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return o.store.AddMail(ctx, Item{ID: id, Kind: kind, Recipient: email, Sealed: o.seal.Seal("mail "+id, plain), CreatedAt: now, DueAt: now})
}

// Recent opens the latest mails for the mailbox of a demo, newest first. Mails whose text is gone are left out.
func (o *Outbox) Recent(ctx context.Context, limit int) ([]Message, error) {
	items, err := o.store.RecentMail(ctx, limit)
	if err != nil {
		return nil, err
	}
	var all []Message
	for _, i := range items {
		if i.Sealed == nil {
			continue
		}
		m, err := open(o.seal, i)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func open(seal Sealer, i Item) (Message, error) {
	var m Message
	plain, err := seal.Open("mail "+i.ID, i.Sealed)
	if err != nil {
		return m, fmt.Errorf("mail %s: %w", i.ID, err)
	}
	if err := json.Unmarshal(plain, &m); err != nil {
		return m, fmt.Errorf("mail %s: %w", i.ID, err)
	}
	return m, nil
}

// Sender hands one message to a mail server.
type Sender interface {
	// Send returns nil once a server took the message, an error wrapping ErrRefused when trying again is useless, and any
	// other error otherwise.
	Send(ctx context.Context, m Message) error
}

// ErrRefused means that the mail server refused a message for good.
var ErrRefused = errors.New("the mail server refuses this message")
