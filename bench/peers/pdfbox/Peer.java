import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.util.Version;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** PDFBox with Bouncy Castle signs the same letter with the same keys, or one file that is to be counter-signed. */
public class Peer {
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        Path work = Path.of(args[0]);
        if (args.length == 3) {
            KeyStore store = open(work.resolve("signer.p12"));
            String alias = store.aliases().nextElement();
            byte[] signed = once(Files.readAllBytes(Path.of(args[1])), (PrivateKey) store.getKey(alias, PASSPHRASE),
                    store.getCertificateChain(alias), "SHA256withECDSA", "adbe.pkcs7.detached");
            Files.write(Path.of(args[2]), signed);
            return;
        }
        byte[] letter = Files.readAllBytes(work.resolve("letter.pdf"));
        rate("p256", work.resolve("signer.p12"), "SHA256withECDSA", letter);
        rate("rsa2048", work.resolve("signer-rsa.p12"), "SHA256withRSA", letter);
    }

    static final char[] PASSPHRASE = "ukur".toCharArray();

    static KeyStore open(Path p12) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(p12.toFile())) {
            store.load(in, PASSPHRASE);
        }
        return store;
    }

    static void rate(String name, Path p12, String algorithm, byte[] letter) throws Exception {
        KeyStore store = open(p12);
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, PASSPHRASE);
        Certificate[] chain = store.getCertificateChain(alias);
        for (long warm = System.nanoTime(); System.nanoTime() - warm < 5_000_000_000L;) {
            once(letter, key, chain, algorithm, "ETSI.CAdES.detached");
        }
        int n = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < 3_000_000_000L) {
            once(letter, key, chain, algorithm, "ETSI.CAdES.detached");
            n++;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("{\"peer\": \"PDFBox %s\", \"sign\": \"%s\", \"perSecond\": %s}%n", Version.getVersion(), name, n / seconds);
    }

    static byte[] once(byte[] letter, PrivateKey key, Certificate[] chain, String algorithm, String subFilter) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream(letter.length + 32_768);
        try (PDDocument document = Loader.loadPDF(letter)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(COSName.getPDFName(subFilter));
            signature.setName("Contoh");
            signature.setSignDate(Calendar.getInstance());
            document.addSignature(signature, content -> {
                try {
                    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
                    generator.addSignerInfoGenerator(
                            new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                                    .build(new JcaContentSignerBuilder(algorithm).build(key), (X509Certificate) chain[0]));
                    generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
                    return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
                } catch (Exception e) {
                    throw new java.io.IOException(e);
                }
            });
            document.saveIncremental(out);
        }
        return out.toByteArray();
    }
}
