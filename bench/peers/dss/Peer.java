import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.util.stream.Collectors;

/** DSS judges what absah signed, under its default policy, with the root as the only trust anchor. */
public class Peer {
    public static void main(String[] args) throws Exception {
        File work = new File(args[0]);
        String version = SignedDocumentValidator.class.getPackage().getImplementationVersion();
        for (String level : new String[] {"b-b", "b-t", "b-lt", "b-lta"}) {
            CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
            anchors.addCertificate(DSSUtils.loadCertificate(new File(work, "root.pem")));
            CommonCertificateVerifier verifier = new CommonCertificateVerifier();
            verifier.setTrustedCertSources(anchors);
            if (level.equals("b-b") || level.equals("b-t")) {
                // These carry no revocation data; the higher levels must do with their own.
                verifier.setOcspSource(new OnlineOCSPSource());
                verifier.setCrlSource(new OnlineCRLSource());
            }
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(new File(work, "letter-" + level + ".pdf")));
            validator.setCertificateVerifier(verifier);
            SimpleReport report = validator.validateDocument().getSimpleReport();
            String id = report.getFirstSignatureId();
            String result = report.getIndication(id) + " " + report.getSignatureFormat(id);
            if (report.getSubIndication(id) != null) {
                result += " (" + report.getSubIndication(id) + "): " + report.getAdESValidationErrors(id).stream().map(m -> m.getValue()).collect(Collectors.joining("; "));
            }
            System.out.printf("{\"peer\": \"EU DSS %s\", \"judge\": \"%s\", \"result\": \"%s\"}%n", version == null ? "6.2" : version, level, result.replace("\"", "'"));
        }
    }
}
