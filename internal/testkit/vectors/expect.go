package main

// What is owed, in the few forms that occur.

const (
	passed, failed, unsure = "TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"

	honestClass = "HONEST"
)

// The first line of the answer for a person.
var (
	sayValid    = []string{"SAH"}
	sayNotes    = []string{"SAH, DENGAN CATATAN"}
	sayInvalid  = []string{"TIDAK SAH"}
	sayUnsure   = []string{"BELUM DAPAT DIPASTIKAN"}
	tellValid   = []string{"VALID"}
	tellNotes   = []string{"VALID, WITH NOTES"}
	tellInvalid = []string{"NOT VALID"}
	tellUnsure  = []string{"CANNOT BE CONFIRMED YET"}
)

func valid() expect {
	return expect{Verdict: []string{"valid"}, Indication: passed, ID: sayValid, EN: tellValid}
}

// notes: valid, and a warning says why not plainly so.
func notes(codes ...string) expect {
	return expect{Verdict: []string{"valid-with-notes"}, Indication: passed, Codes: codes, ID: sayNotes, EN: tellNotes}
}

// invalid: FORMAT_FAILURE, the standard's word for a document that is not the one that was signed.
func invalid(codes ...string) expect {
	return expect{Verdict: []string{"invalid"}, Indication: failed, SubIndication: "FORMAT_FAILURE", Codes: codes, ID: sayInvalid, EN: tellInvalid}
}

func unsureFor(sub string, codes ...string) expect {
	return expect{Verdict: []string{"indeterminate"}, Indication: unsure, SubIndication: sub, Codes: codes, ID: sayUnsure, EN: tellUnsure}
}

// never: neither valid nor with notes.
func never(codes ...string) expect {
	return expect{Verdict: []string{"invalid", "indeterminate"}, Codes: codes}
}

// anyAnswer: it ends, and says something.
func anyAnswer() expect {
	return expect{Verdict: []string{"valid", "valid-with-notes", "indeterminate", "invalid", "unsigned", "error"}}
}

// says adds what a person must read.
func (e expect) says(indonesian, english string) expect {
	e.ID, e.EN = append(append([]string{}, e.ID...), indonesian), append(append([]string{}, e.EN...), english)
	return e
}
