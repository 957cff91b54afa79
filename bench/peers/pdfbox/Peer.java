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

/** PDFBox with Bouncy Castle signs the same letter with the same keys. */
public class Peer {
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        Path work = Path.of(args[0]);
        byte[] letter = Files.readAllBytes(work.resolve("letter.pdf"));
        rate("p256", work.resolve("signer.p12"), "SHA256withECDSA", letter);
        rate("rsa2048", work.resolve("signer-rsa.p12"), "SHA256withRSA", letter);
    }

    static void rate(String name, Path p12, String algorithm, byte[] letter) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(p12.toFile())) {
            store.load(in, "ukur".toCharArray());
        }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, "ukur".toCharArray());
        Certificate[] chain = store.getCertificateChain(alias);
        for (long warm = System.nanoTime(); System.nanoTime() - warm < 5_000_000_000L;) {
            once(letter, key, chain, algorithm);
        }
        int n = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < 3_000_000_000L) {
            once(letter, key, chain, algorithm);
            n++;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("{\"peer\": \"PDFBox %s\", \"sign\": \"%s\", \"perSecond\": %s}%n", Version.getVersion(), name, n / seconds);
    }

    static byte[] once(byte[] letter, PrivateKey key, Certificate[] chain, String algorithm) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream(letter.length + 32_768);
        try (PDDocument document = Loader.loadPDF(letter)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(COSName.getPDFName("ETSI.CAdES.detached"));
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
