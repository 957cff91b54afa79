package cms

// A Note records something that a careful reader wants to know about a message that could be read nevertheless.
type Note struct {
	Code string // one of the Note… constants
	Text string // for people, English
}

// Codes of notes; stable.
const (
	NoteBER                = "cms-ber"                    // indefinite or overlong lengths where DER is required in PDF
	NoteTrailing           = "cms-trailing-bytes"         // bytes other than zero padding behind the structure
	NoteContent            = "cms-content-not-octets"     // PKCS#7 content that is no OCTET STRING
	NoteOtherCertificate   = "cms-other-certificate"      // attribute or extended certificate skipped
	NoteOtherRevocation    = "cms-other-revocation"       // revocation information of unknown format skipped
	NoteSigners            = "cms-signer-count"           // not exactly one SignerInfo
	NoteDigestNotListed    = "cms-digest-not-listed"      // the signer's digest algorithm is missing in digestAlgorithms
	NoteAttributesUnsorted = "cms-attributes-unsorted"    // signed attributes are not in DER order
	NoteAttributesBER      = "cms-attributes-not-der"     // signed attributes are not DER otherwise
	NoteDuplicate          = "cms-attribute-duplicate"    // a signed attribute type occurs twice
	NoteValues             = "cms-attribute-values"       // an attribute has not exactly one value
	NoteAttribute          = "cms-attribute-malformed"    // a known attribute does not have the form of its type
	NoteNoAttributes       = "cms-attributes-missing"     // content other than id-data without signed attributes
	NoteNoContentType      = "cms-content-type-missing"   // signed attributes without content-type
	NoteContentType        = "cms-content-type-mismatch"  // content-type differs from the content's type
	NoteNoMessageDigest    = "cms-message-digest-missing" // signed attributes without message-digest
	NoteProtection         = "cms-algorithm-protection"   // CMSAlgorithmProtection differs from the SignerInfo
	NoteSeveralReferences  = "cms-signing-certificates"   // both or several signing-certificate attributes
	NoteMisplaced          = "cms-attribute-misplaced"    // an attribute stands in the set where its definition forbids it
	NoteVersion            = "cms-version"                // version number that does not exist
)
