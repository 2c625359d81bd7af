package io.walrelay.wire.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority made for a test, and what it issues. */
public final class TestAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration DAY = Duration.ofDays(1);

    private final Issued root;
    private final String signature;

    private TestAuthority(Issued root, String signature) {
        this.root = root;
        this.signature = signature;
    }

    /** A certificate and its key. */
    public record Issued(X509Certificate certificate, KeyPair keys) {
        /** Writes both in PEM format, the key as PKCS #8 and for its owner alone. */
        public Issued write(Path certificateFile, Path keyFile) {
            TestAuthority.write(certificateFile, certificate);
            try {
                TestAuthority.write(keyFile, new JcaPKCS8Generator(keys.getPrivate(), null).generate());
                Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }
    }

    /** An authority that signs with {@code SHA256withRSA}. */
    public static TestAuthority named(String commonName) {
        return named(commonName, "SHA256withRSA");
    }

    /** An authority that signs its certificates so. */
    public static TestAuthority named(String commonName, String signature) {
        KeyPair keys = keys("RSA", 2048);
        X500Name name = new X500Name("CN=" + commonName);
        X509v3CertificateBuilder builder = builder(
                name, name, keys, Instant.now().minus(DAY), Instant.now().plus(DAY));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } catch (CertIOException e) {
            throw new UncheckedIOException(e);
        }
        return new TestAuthority(new Issued(sign(builder, keys, signature), keys), signature);
    }

    /** Its own certificate. */
    public Issued root() {
        return root;
    }

    /** A server's certificate, for these DNS names and IP addresses. */
    public Issued server(String commonName, String... names) {
        List<GeneralName> alternatives = new ArrayList<>();
        for (String name : names) {
            boolean address = name.contains(":") || name.matches("[0-9.]+");
            alternatives.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return issue(
                "CN=" + commonName,
                keys("RSA", 2048),
                KeyPurposeId.id_kp_serverAuth,
                alternatives,
                Instant.now().minus(DAY),
                Instant.now().plus(DAY));
    }

    /** A server's certificate with a key on an elliptic curve. */
    public Issued ellipticServer(String commonName) {
        return issue(
                "CN=" + commonName,
                keys("EC", 256),
                KeyPurposeId.id_kp_serverAuth,
                List.of(),
                Instant.now().minus(DAY),
                Instant.now().plus(DAY));
    }

    /** A client's certificate. */
    public Issued client(String distinguishedName) {
        return issue(
                distinguishedName,
                keys("RSA", 2048),
                KeyPurposeId.id_kp_clientAuth,
                List.of(),
                Instant.now().minus(DAY),
                Instant.now().plus(DAY));
    }

    /** A client's certificate that was good until yesterday. */
    public Issued expiredClient(String distinguishedName) {
        return issue(
                distinguishedName,
                keys("RSA", 2048),
                KeyPurposeId.id_kp_clientAuth,
                List.of(),
                Instant.now().minus(DAY.multipliedBy(3)),
                Instant.now().minus(DAY));
    }

    private Issued issue(
            String name, KeyPair keys, KeyPurposeId purpose, List<GeneralName> names, Instant from, Instant to) {
        X500Name issuer = X500Name.getInstance(
                root.certificate().getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder = builder(new X500Name(name), issuer, keys, from, to);
        try {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
        } catch (CertIOException e) {
            throw new UncheckedIOException(e);
        }
        return new Issued(sign(builder, root.keys(), signature), keys);
    }

    /** Writes a list of what was revoked. */
    public X509CRL revoke(Path file, Issued... revoked) {
        try {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(
                    root.certificate().getSubjectX500Principal(),
                    Date.from(Instant.now().minus(DAY)));
            builder.setNextUpdate(Date.from(Instant.now().plus(DAY)));
            for (Issued each : revoked) {
                builder.addCRLEntry(
                        each.certificate().getSerialNumber(),
                        Date.from(Instant.now().minusSeconds(60)),
                        CRLReason.keyCompromise);
            }
            X509CRL list = new JcaX509CRLConverter().getCRL(builder.build(signer(root.keys(), signature)));
            write(file, list);
            return list;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name subject, X500Name issuer, KeyPair keys, Instant from, Instant to) {
        return new JcaX509v3CertificateBuilder(
                issuer, new BigInteger(64, RANDOM), Date.from(from), Date.from(to), subject, keys.getPublic());
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair by, String signature) {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(by, signature)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(KeyPair keys, String signature) {
        try {
            return new JcaContentSignerBuilder(signature).build(keys.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A pair of keys. */
    public static KeyPair keys(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes something in PEM format, a key pair in the form that OpenSSL wrote before PKCS #8. */
    public static void write(Path file, Object thing) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(thing);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
