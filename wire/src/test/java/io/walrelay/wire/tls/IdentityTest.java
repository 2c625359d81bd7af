package io.walrelay.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    private static final TestAuthority AUTHORITY = TestAuthority.named("root");

    @TempDir
    private Path directory;

    private Path certificateFile() {
        return directory.resolve("server.crt");
    }

    private Path keyFile() {
        return directory.resolve("server.key");
    }

    private List<X509Certificate> chain() throws TlsFileException {
        return Identity.chain(certificateFile());
    }

    @Test
    void keysAreReadFromPkcs8() throws Exception {
        TestAuthority.Issued server = AUTHORITY.server("localhost").write(certificateFile(), keyFile());

        Identity identity = Identity.read(chain(), keyFile(), null);

        assertThat(identity.key()).isEqualTo(server.keys().getPrivate());
        assertThat(identity.chain()).containsExactly(server.certificate());
    }

    @Test
    void anRsaKeyIsReadFromTheOldFormOfOpenSsl() throws Exception {
        // Given
        TestAuthority.Issued server = AUTHORITY.server("localhost");
        TestAuthority.write(certificateFile(), server.certificate());
        TestAuthority.write(keyFile(), server.keys());
        assertThat(keyFile()).content().contains("BEGIN RSA PRIVATE KEY");

        // When
        Identity identity = Identity.read(chain(), keyFile(), null);

        // Then
        assertThat(identity.key()).isEqualTo(server.keys().getPrivate());
    }

    @Test
    void anEllipticKeyIsReadFromTheOldFormOfOpenSsl() throws Exception {
        // Given
        TestAuthority.Issued server = AUTHORITY.ellipticServer("localhost");
        TestAuthority.write(certificateFile(), server.certificate());
        ECPrivateKey key = (ECPrivateKey) server.keys().getPrivate();
        byte[] old = new org.bouncycastle.asn1.sec.ECPrivateKey(256, key.getS(), SECObjectIdentifiers.secp256r1)
                .getEncoded();
        TestAuthority.write(keyFile(), new PemObject("EC PRIVATE KEY", old));

        // When
        Identity identity = Identity.read(chain(), keyFile(), null);

        // Then
        assertThat(((ECPrivateKey) identity.key()).getS()).isEqualTo(key.getS());
    }

    @Test
    void anEncryptedKeyNeedsItsPassphrase() throws Exception {
        // Given
        TestAuthority.Issued server = AUTHORITY.server("localhost").write(certificateFile(), keyFile());
        TestAuthority.write(
                keyFile(),
                new JcaPKCS8Generator(
                                server.keys().getPrivate(),
                                new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                                        .setProvider(new BouncyCastleProvider())
                                        .setPassword("secret".toCharArray())
                                        .build())
                        .generate());

        // Then
        assertThat(Identity.read(chain(), keyFile(), "secret".toCharArray()).key())
                .isEqualTo(server.keys().getPrivate());
        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(() -> Identity.read(chain(), keyFile(), null))
                .withMessage("the key requires a passphrase");
        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(() -> Identity.read(chain(), keyFile(), "wrong".toCharArray()))
                .withMessage("bad decrypt");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        AUTHORITY.server("one").write(certificateFile(), directory.resolve("other.key"));
        AUTHORITY.server("two").write(directory.resolve("other.crt"), keyFile());

        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(() -> Identity.read(chain(), keyFile(), null))
                .withMessage("key values mismatch");
    }

    @Test
    void whatIsNoCertificateIsToldInOpenSslsWords() throws Exception {
        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(this::chain)
                .withMessage("No such file or directory");

        Files.writeString(certificateFile(), "nothing of the kind");
        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(this::chain)
                .withMessage("no start line");

        Files.writeString(certificateFile(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatExceptionOfType(TlsFileException.class)
                .isThrownBy(this::chain)
                .withMessageStartingWith("bad certificate");
    }
}
