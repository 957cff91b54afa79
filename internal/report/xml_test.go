package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/report"
	"absah/internal/testkit"
	"absah/pades"
)

// elements is the content of each element of ETSI TS 119 102-2 that a report may use, in the order of the standard's schema: ? may be
// missing, + occurs once or more, * any number of times, a list in brackets is a choice of any of them.
const elements = `
ValidationReport: SignatureValidationReport+ SignatureValidationObjects? SignatureValidator? ds:Signature?
SignatureValidationReport: SignatureIdentifier? ValidationConstraintsEvaluationReport? ValidationTimeInfo? SignersDocument? SignatureAttributes? SignerInformation? SignatureQuality? SignatureValidationProcess? SignatureValidationStatus OtherInformation?
ValidationObject/ValidationReport: SignatureIdentifier? ValidationConstraintsEvaluationReport? ValidationTimeInfo? SignersDocument? SignatureAttributes? SignerInformation? SignatureQuality? SignatureValidationProcess? SignatureValidationStatus OtherInformation?
SignatureIdentifier: DigestAlgAndValue? ds:SignatureValue? HashOnly DocHashOnly DAIdentifier? OtherInformation?
DigestAlgAndValue: ds:DigestMethod ds:DigestValue
ValidationConstraintsEvaluationReport: SignatureValidationPolicy? ValidationConstraint*
SignatureValidationPolicy: SignaturePolicyIdentifier PolicyName? FormalPolicyURI? ReadablePolicyURI? FormalPolicyObject?
SignaturePolicyIdentifier: [XAdES:SignaturePolicyId XAdES:SignaturePolicyImplied]
ValidationConstraint: ValidationConstraintIdentifier ValidationConstraintParameter* ConstraintStatus ValidationStatus? Indications?
ValidationConstraintParameter: Type Value
ConstraintStatus: Status OverriddenBy?
ValidationStatus: MainIndication SubIndication* AssociatedValidationReportData*
SignatureValidationStatus: MainIndication SubIndication* AssociatedValidationReportData*
ValidationTimeInfo: ValidationTime BestSignatureTime
BestSignatureTime: POETime TypeOfProof POEObject?
SignersDocument: DigestAlgAndValue? SignersDocumentRepresentation SignersDocumentRef?
SignatureAttributes: [SigningTime SigningCertificate SignatureProductionPlace SignatureTimeStamp MessageDigest DSS DocTimeStamp Reason Name ContactInfo SubFilter ByteRange Filter]
SigningTime: AttributeObject* Time
SigningCertificate: AttributeObject* CertID*
SignatureProductionPlace: AttributeObject* AddressString+
SignatureTimeStamp: AttributeObject* TimeStampValue
MessageDigest: AttributeObject* Digest
DSS: AttributeObject* Certs? CRLs? OCSPs?
Reason: AttributeObject* ReasonElement
Name: AttributeObject* NameElement
ContactInfo: AttributeObject* ContactInfoElement
SubFilter: AttributeObject* SubFilterElement
SignatureAttributes/Filter: Filter
SignerInformation: SignerCertificate Signer? OtherInformation?
SignatureValidationProcess: SignatureValidationProcessID? SignatureValidationServicePolicy? SignatureValidationPracticeStatement? OtherInformation?
AssociatedValidationReportData: TrustAnchor? CertificateChain? RelatedValidationObject* RevocationStatusInformation? CryptoInformation? AdditionalValidationReportData?
CertificateChain: SigningCertificate IntermediateCertificate* TrustAnchor? OtherInformation?
CertificateChain/SigningCertificate:
RevocationStatusInformation: ValidationObjectId RevocationTime RevocationReason? RevocationObject? OtherInformation?
CryptoInformation: ValidationObjectId Algorithm AlgorithmParameters? SecureAlgorithm NotAfter? OtherInformation?
AdditionalValidationReportData: ReportData+
ReportData: Type Value
SignatureValidationObjects: ValidationObject+
ValidationObject: ObjectType ValidationObjectRepresentation POE? POEProvisioning? ValidationReport?
ValidationObjectRepresentation: [direct base64 DigestAlgAndValue URI]
POEProvisioning: POETime ValidationObject* SignatureReference*
POEProvisioning/ValidationObject:
SignatureReference: [PAdESFieldName]
`

type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n *node) name() string {
	switch n.XMLName.Space {
	case "http://www.w3.org/2000/09/xmldsig#":
		return "ds:" + n.XMLName.Local
	case "http://uri.etsi.org/01903/v1.3.2#":
		return "XAdES:" + n.XMLName.Local
	case "http://uri.etsi.org/19102/v1.4.1#":
		return n.XMLName.Local
	}
	return n.XMLName.Space + "?" + n.XMLName.Local
}

func (n *node) walk(parent string, visit func(parent string, n *node)) {
	visit(parent, n)
	for i := range n.Children {
		n.Children[i].walk(n.name(), visit)
	}
}

func (n *node) all(name string) (out []*node) {
	n.walk("", func(_ string, c *node) {
		if c.name() == name {
			out = append(out, c)
		}
	})
	return out
}

func parse(t testing.TB, b []byte) *node {
	t.Helper()
	var root node
	d := xml.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) && err != nil {
		t.Fatal(err)
	}
	return &root
}

// conforms checks the children of each element against the list, and that references lead to an identifier.
func conforms(t *testing.T, root *node) {
	t.Helper()
	rules := map[string][]string{}
	for line := range strings.Lines(elements) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			rules[name] = strings.Fields(rest)
		}
	}
	ids := map[string]string{}
	root.walk("", func(_ string, n *node) {
		for _, a := range n.Attrs {
			if a.Name.Local == "id" {
				if ids[a.Value] != "" {
					t.Errorf("the identifier %s occurs twice", a.Value)
				}
				ids[a.Value] = n.name()
			}
		}
	})
	times := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	root.walk("", func(parent string, n *node) {
		for _, a := range n.Attrs {
			if a.Name.Local != "VOReference" {
				continue
			}
			for _, id := range strings.Fields(a.Value) {
				if ids[id] == "" {
					t.Errorf("%s refers to %s, which is not there", n.name(), id)
				}
			}
			if len(n.Children) > 0 || a.Value == "" {
				t.Errorf("%s is no reference", n.name())
			}
			return
		}
		switch n.name() {
		case "POETime", "ValidationTime", "Time", "TimeStampValue", "RevocationTime":
			if !times.MatchString(n.Text) {
				t.Errorf("%s is %q", n.name(), n.Text)
			}
		case "base64", "Digest", "ds:DigestValue", "ds:SignatureValue":
			if b, err := base64.StdEncoding.DecodeString(n.Text); err != nil || len(b) == 0 {
				t.Errorf("%s is not base64: %q", n.name(), n.Text)
			}
		}
		rule, ok := rules[parent+"/"+n.name()]
		if !ok {
			rule, ok = rules[n.name()]
		}
		if !ok || n.name() == "Filter" && parent == "Filter" {
			if len(n.Children) > 0 {
				t.Errorf("%s in %s has children, and no rule", n.name(), parent)
			}
			return
		}
		var names []string
		for i := range n.Children {
			names = append(names, n.Children[i].name())
		}
		if len(rule) > 0 && strings.HasPrefix(rule[0], "[") {
			choice := strings.Fields(strings.Trim(strings.Join(rule, " "), "[]"))
			for _, name := range names {
				if !slices.Contains(choice, name) {
					t.Errorf("%s holds %s", n.name(), name)
				}
			}
			if len(names) == 0 {
				t.Errorf("%s is empty", n.name())
			}
			return
		}
		rest := names
		for _, want := range rule {
			name := strings.TrimRight(want, "?+*")
			count := 0
			for count < len(rest) && rest[count] == name {
				count++
			}
			switch want[len(name):] {
			case "":
				ok = count == 1
			case "?":
				ok = count <= 1
			case "+":
				ok = count >= 1
			}
			if !ok {
				t.Errorf("%s in %s has %d times %s: %v", n.name(), parent, count, name, names)
			}
			rest = rest[count:]
		}
		if len(rest) > 0 {
			t.Errorf("%s in %s has %v, which is not expected there", n.name(), parent, rest)
		}
	})
}

// TestXML: the structure is the standard's, for every kind of document; each signature has its report, with what it rests on.
func TestXML(t *testing.T) {
	p, docs := world(t)
	var b, again bytes.Buffer
	if err := report.XML(&b, docs, options(p, pades.English)); err != nil {
		t.Fatal(err)
	}
	if err := report.XML(&again, docs, options(p, pades.English)); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same report gave other bytes (%v)", err)
	}
	path := testkit.Keep(t, "laporan.xml", b.Bytes())
	testkit.Tool(t, "xmllint", "--noout", "--nonet", path)
	root := parse(t, b.Bytes())
	conforms(t, root)
	var main []string
	for i := range root.Children {
		if root.Children[i].name() == "SignatureValidationReport" {
			m := root.Children[i].all("SignatureValidationStatus")[0].Children
			text := strings.TrimPrefix(m[0].Text, "urn:etsi:019102:mainindication:")
			if m[1].name() == "SubIndication" {
				text += " " + strings.TrimPrefix(m[1].Text, "urn:etsi:019102:subindication:")
			}
			main = append(main, text)
		}
	}
	want := []string{
		"total-passed", "total-failed HASH_FAILURE", "indeterminate NO_CERTIFICATE_CHAIN_FOUND", "indeterminate TRY_LATER",
		"indeterminate SIGNED_DATA_NOT_FOUND", "indeterminate SIGNED_DATA_NOT_FOUND",
	}
	if !slices.Equal(main, want) {
		t.Errorf("the outcomes are %q, want %q", main, want)
	}
	kinds := map[string]int{}
	for _, o := range root.all("ObjectType") {
		kinds[strings.TrimPrefix(o.Text, "urn:etsi:019102:validationObject:")]++
	}
	for _, k := range []string{"certificate", "CRL", "OCSPResponse", "timestamp", "signedData"} {
		if kinds[k] == 0 {
			t.Errorf("no validation object is a %s: %v", k, kinds)
		}
	}
	for name, n := range map[string]int{"DocTimeStamp": 0, "SignatureTimeStamp": 2, "TrustAnchor": 2, "RelatedValidationObject": 2, "ds:SignatureValue": 4, "MessageDigest": 4} {
		if got := len(root.all(name)); got < n {
			t.Errorf("%d times %s, want at least %d", got, name, n)
		}
	}
}

// TestXMLRevoked: a revocation is told with its date, its reason and where it is from.
func TestXMLRevoked(t *testing.T) {
	p, _ := world(t)
	doc := signed(t, p, pades.LevelT, pades.SignOptions{})
	p.Revoked = map[string]time.Time{p.Signer.Certificate.SerialNumber.String(): p.Now.Add(-time.Hour)}
	d := verifiedOnline(t, p, "dicabut.pdf", doc)
	var b bytes.Buffer
	if err := report.XML(&b, []report.Document{d}, options(p, pades.English)); err != nil {
		t.Fatal(err)
	}
	root := parse(t, b.Bytes())
	conforms(t, root)
	info := root.all("RevocationStatusInformation")
	if len(info) != 1 || info[0].all("RevocationTime")[0].Text != p.Now.Add(-time.Hour).UTC().Format(time.RFC3339) || len(info[0].all("RevocationObject")) != 1 {
		t.Errorf("%d, %s\n%s", len(info), d.Report.Signatures[0].SubIndication, b.String())
	}
}
