package trust_test

import (
	"encoding/pem"
	"fmt"
	"time"

	"absah/trust"
)

// A certificate under no anchor is never trusted, but what was found is told.
func ExampleValidate() {
	block, _ := pem.Decode([]byte(testCertificate))
	leaf, err := trust.ParseCertificate(block.Bytes)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := trust.Basic()
	p.Time = time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)
	r := trust.Validate(trust.Request{Certificate: leaf, Usage: trust.UsageSigning}, p)
	fmt.Println(leaf.Subject)
	fmt.Println(r.Status, r.SubIndication, r.Findings[0].Code)

	p.Anchors = []trust.Anchor{{Certificate: leaf, Kind: trust.AnchorGiven}}
	r = trust.Validate(trust.Request{Certificate: leaf, Usage: trust.UsageSigning}, p)
	fmt.Println(r.Status, r.Anchor.Kind)
	// Output:
	// CN=Budi Contoh,O=Instansi Contoh,C=ID
	// INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND anchor-unknown
	// PASSED given
}

// testCertificate is self-signed; its key was thrown away.
const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBzjCCAXWgAwIBAgIUURXUJvv75Tx3xbfRs4S6NWD2ppIwCgYIKoZIzj0EAwIw
PTELMAkGA1UEBhMCSUQxGDAWBgNVBAoMD0luc3RhbnNpIENvbnRvaDEUMBIGA1UE
AwwLQnVkaSBDb250b2gwHhcNMjYxMTI0MTExODAzWhcNNDYxMTE5MTExODAzWjA9
MQswCQYDVQQGEwJJRDEYMBYGA1UECgwPSW5zdGFuc2kgQ29udG9oMRQwEgYDVQQD
DAtCdWRpIENvbnRvaDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEEq+m0bFnon
agqB/yYksdJIlVOO1NbeyUBQcXBBgj+e+QtlPCHDq1dj6YkrNtaRvYgyWbc7vCZb
bg79RQWQjmGjUzBRMB0GA1UdDgQWBBTr2Znr73R15OtZf/EZIC9ABPrWBjAfBgNV
HSMEGDAWgBTr2Znr73R15OtZf/EZIC9ABPrWBjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCICp0/Oh3Q+EluWrOqbzcJKqRbtVQMUOykzaPTgOY2BRa
AiBIlWaYs7SzJAZFDP3yuuruBgyy3uc+PY42h8BNZ93SpQ==
-----END CERTIFICATE-----`
