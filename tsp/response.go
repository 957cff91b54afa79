package tsp

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Status is a PKIStatus (RFC 3161 §2.4.2).
type Status int

// The statuses.
const (
	Granted                Status = 0
	GrantedWithMods        Status = 1
	Rejection              Status = 2
	Waiting                Status = 3
	RevocationWarning      Status = 4
	RevocationNotification Status = 5
)

func (s Status) String() string {
	names := []string{"granted", "grantedWithMods", "rejection", "waiting", "revocationWarning", "revocationNotification"}
	if s >= 0 && int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("status %d", int(s))
}

func (s Status) granted() bool { return s == Granted || s == GrantedWithMods }

// Failure is a PKIFailureInfo bit (RFC 3161 §2.4.2); NoFailure when none is given.
type Failure int

// The failures.
const (
	NoFailure           Failure = -1
	BadAlg              Failure = 0
	BadRequest          Failure = 2
	BadDataFormat       Failure = 5
	TimeNotAvailable    Failure = 14
	UnacceptedPolicy    Failure = 15
	UnacceptedExtension Failure = 16
	AddInfoNotAvailable Failure = 17
	SystemFailure       Failure = 25
)

func (f Failure) String() string {
	names := map[Failure]string{
		BadAlg: "badAlg", BadRequest: "badRequest", BadDataFormat: "badDataFormat", TimeNotAvailable: "timeNotAvailable",
		UnacceptedPolicy: "unacceptedPolicy", UnacceptedExtension: "unacceptedExtension", AddInfoNotAvailable: "addInfoNotAvailable",
		SystemFailure: "systemFailure",
	}
	if s, ok := names[f]; ok {
		return s
	}
	return fmt.Sprintf("failure %d", int(f))
}

// Response is a TimeStampResp (RFC 3161 §2.4.2).
type Response struct {
	Status  Status
	Failure Failure // meaningless when granted
	Text    string  // as the authority wrote it, its parts joined, at most 1000 octets
	Token   []byte  // DER or BER of the token; nil unless granted
}

// RefusedError means that the authority answered and gave no token.
type RefusedError struct {
	Status  Status
	Failure Failure
	Text    string
}

func (e *RefusedError) Error() string {
	s := "the time-stamp authority refused the request"
	switch {
	case e.Failure != NoFailure:
		s += " (" + e.Failure.String() + ")"
	case e.Status != Rejection:
		s += " (" + e.Status.String() + ")"
	}
	// The text is a stranger's and goes to a terminal.
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, e.Text)
	if text != "" {
		s += ": " + text
	}
	return s
}

// ParseResponse reads a response. Errors match ErrMalformed; a refusal is none. The token is not parsed yet.
func ParseResponse(der []byte) (*Response, error) {
	if len(der) > maxResponse {
		return nil, malformed("response larger than 1 MiB")
	}
	in := cryptobyte.String(der)
	var seq, info cryptobyte.String
	var status int
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1Integer(&status) {
		return nil, malformed("response")
	}
	r := &Response{Status: Status(status), Failure: NoFailure}
	if info.PeekASN1Tag(asn1.SEQUENCE) {
		var ok bool
		if r.Text, ok = readText(&info); !ok {
			return nil, malformed("status text")
		}
	}
	if info.PeekASN1Tag(asn1.BIT_STRING) {
		var bits cryptobyte.String
		if !info.ReadASN1(&bits, asn1.BIT_STRING) || len(bits) < 1 || len(bits) > 8 {
			return nil, malformed("failure info")
		}
		for i := range 8 * (len(bits) - 1) {
			if bits[1+i/8]&(0x80>>(i%8)) != 0 {
				r.Failure = Failure(i)
				break
			}
		}
	}
	if !info.Empty() {
		return nil, malformed("status")
	}
	switch {
	case !r.Status.granted(): // RFC 3161 §2.4.2: no token may be there, and none is handed out
	case seq.Empty():
		return nil, malformed("a granted response without a token")
	default:
		r.Token = seq
	}
	return r, nil
}

// readText reads a PKIFreeText, up to maxText octets of it.
func readText(s *cryptobyte.String) (string, bool) {
	var texts cryptobyte.String
	if !s.ReadASN1(&texts, asn1.SEQUENCE) {
		return "", false
	}
	var b strings.Builder
	for !texts.Empty() {
		var one cryptobyte.String
		if !texts.ReadASN1(&one, asn1.UTF8String) {
			return "", false
		}
		if len(one) == 0 || b.Len() >= maxText {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.Write(one[:min(len(one), maxText)])
	}
	text := b.String()
	return strings.ToValidUTF8(text[:min(len(text), maxText)], ""), true
}

// Errors of Response.Check beside those of ParseToken, Check.Err and *RefusedError.
var (
	ErrOtherDigest = errors.New("the time-stamp is over another digest than the one asked for")
	ErrOtherNonce  = errors.New("the time-stamp does not carry the nonce of the request; it may be an old answer")
	ErrOtherPolicy = errors.New("the time-stamp was made under another policy than the one asked for")
)

// Check returns the token if the response answers the request: granted, over its digest, with its nonce and policy, and signed
// by the certificate that it names. Without CertReq there is no certificate to check the signature with; the caller has it and calls
// Token.Check.
func (r *Response) Check(req *Request) (*Token, error) {
	if !r.Status.granted() {
		return nil, &RefusedError{r.Status, r.Failure, r.Text}
	}
	t, err := ParseToken(r.Token)
	if err != nil {
		return nil, err
	}
	switch {
	case !t.Matches(req.Hash, req.Digest):
		return nil, ErrOtherDigest
	case req.Nonce != nil && (t.Info.Nonce == nil || t.Info.Nonce.Cmp(req.Nonce) != 0):
		return nil, ErrOtherNonce
	case req.Policy != "" && t.Info.Policy != req.Policy:
		return nil, fmt.Errorf("%w: %s instead of %s", ErrOtherPolicy, t.Info.Policy, req.Policy)
	}
	if req.CertReq {
		if c := t.Check(nil); c.Err != nil {
			return nil, c.Err
		}
	}
	return t, nil
}

// Marshal returns the DER of a response: a token when it is granted, otherwise failure and text (RFC 3161 §2.4.2).
func (r *Response) Marshal() ([]byte, error) {
	granted := r.Status.granted()
	if granted && len(r.Token) == 0 {
		return nil, errors.New("a granted time-stamp response needs a token")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(r.Status))
			if r.Text != "" {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(r.Text)) })
				})
			}
			if !granted && r.Failure >= 0 {
				b.AddASN1(asn1.BIT_STRING, func(b *cryptobyte.Builder) {
					n := int(r.Failure)
					bits := make([]byte, n/8+1)
					bits[n/8] = 0x80 >> (n % 8)
					b.AddUint8(uint8(7 - n%8))
					b.AddBytes(bits)
				})
			}
		})
		if granted {
			b.AddBytes(r.Token)
		}
	})
	return b.Bytes()
}

// Refuse is the response that gives no token, and why.
func Refuse(f Failure, text string) *Response {
	return &Response{Status: Rejection, Failure: f, Text: text}
}
