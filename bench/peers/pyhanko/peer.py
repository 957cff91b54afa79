"""pyHanko judges what absah signed, and signs the same letter with the same keys."""

import asyncio
import io
import json
import logging
import sys
import time
from pathlib import Path

import pyhanko.version
from pyhanko.keys import load_cert_from_pemder, load_certs_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager

logging.disable(logging.CRITICAL)
work = Path(sys.argv[1])
peer = "pyHanko " + pyhanko.version.__version__


def say(**line):
    print(json.dumps({"peer": peer, **line}), flush=True)


async def judge(level):
    root = load_cert_from_pemder(str(work / "root.pem"))
    with open(work / f"letter-{level}.pdf", "rb") as f:
        reader = PdfFileReader(f)
        signature = reader.embedded_regular_signatures[0]
        if level == "b-lta":
            # EN 319 102-1 5.6.3, with nothing but what the document carries.
            certificates = CertValidationPolicySpec(SimpleTrustManager.build([root]), CertRevTrustPolicy(REQUIRE_REVINFO))
            spec = SignatureValidationSpec(certificates, RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY))
            result = await ades_lta_validation(signature, PdfSignatureValidationSpec(spec))
            kind = getattr(result.ades_subindic, "name", None) or str(result.ades_subindic)
            return "valid" if kind == "OK" else "not valid: " + kind
        if level == "b-lt":
            # The store must hold all revocation data: nothing is fetched, and nothing may be missing.
            store = DocumentSecurityStore.read_dss(reader)
            context = store.as_validation_context({"trust_roots": [root], "allow_fetching": False, "revocation_mode": "require"})
        else:
            context = ValidationContext(trust_roots=[root], allow_fetching=False, revocation_mode="soft-fail")
        status = await async_validate_pdf_signature(signature, context)
        if not status.bottom_line:
            return "not valid: " + status.summary()
        stamp = status.timestamp_validity
        if level != "b-b" and not (stamp and stamp.valid and stamp.intact and stamp.trusted):
            return "time-stamp not valid"
        return "valid"


def rate(name):
    leaf, *chain = load_certs_from_pemder([str(work / f"{name}.pem")])
    key = load_private_key_from_pemder(str(work / f"{name}.key"), None)
    signer = signers.SimpleSigner(leaf, key, SimpleCertificateStore.from_certs(chain))
    letter = (work / "letter.pdf").read_bytes()
    meta = signers.PdfSignatureMetadata(field_name="Tanda1", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256")

    def once():
        return signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(letter)), meta, signer=signer)

    once()
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < 3:
        once()
        n += 1
    return n / (time.perf_counter() - start)


for level in ("b-b", "b-t", "b-lt", "b-lta"):
    try:
        result = asyncio.run(judge(level))
    except Exception as e:  # a judge that stumbles is a finding too
        result = f"error: {type(e).__name__}: {e}"
    say(judge=level, result=result)
for name, case in (("signer", "p256"), ("signer-rsa", "rsa2048")):
    say(sign=case, perSecond=rate(name))
