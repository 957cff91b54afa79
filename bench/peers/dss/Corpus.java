import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** DSS looks at the values of the signatures in public test files, one JSON object a file. */
public class Corpus {
    static String quote(String s) {
        return "\"" + s.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + "\"";
    }

    static String look(File file) {
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(new CommonCertificateVerifier()); // nothing is fetched; trust is not asked
        DiagnosticData data = validator.validateDocument().getDiagnosticData();
        List<String> values = new ArrayList<>();
        for (SignatureWrapper s : data.getSignatures()) {
            for (String field : s.getSignatureFieldNames()) {
                values.add(quote(field) + ": " + (s.isSignatureIntact() && s.isSignatureValid() ? "\"good\"" : "\"bad\""));
            }
        }
        for (TimestampWrapper t : data.getTimestampList()) {
            if (t.getPDFRevision() != null) {
                for (String field : t.getSignatureFieldNames()) {
                    values.add(quote(field) + ": " + (t.isMessageImprintDataIntact() && t.isSignatureIntact() ? "\"good\"" : "\"bad\""));
                }
            }
        }
        return "\"values\": {" + String.join(", ", values) + "}";
    }

    public static void main(String[] args) throws Exception {
        String version = SignedDocumentValidator.class.getPackage().getImplementationVersion();
        ExecutorService one = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r);
            t.setDaemon(true);
            return t;
        });
        for (String name : Files.readAllLines(new File(args[1]).toPath())) {
            String line;
            Future<String> answer = one.submit(() -> look(new File(args[0], name)));
            try {
                line = answer.get(60, TimeUnit.SECONDS);
            } catch (Exception e) {
                answer.cancel(true);
                Throwable cause = e.getCause() == null ? e : e.getCause();
                line = "\"failed\": " + quote(cause.getClass().getSimpleName());
            }
            System.out.printf("{\"peer\": \"EU DSS %s\", \"file\": %s, %s}%n", version == null ? "6.2" : version, quote(name), line);
        }
        System.exit(0);
    }
}
